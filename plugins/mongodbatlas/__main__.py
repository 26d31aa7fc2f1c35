"""Run the plugin: `python -m plugins.mongodbatlas ENGINE_ADDRESS`."""

from plugins.base import serve
from plugins.mongodbatlas.provider import MongodbatlasProvider

serve(MongodbatlasProvider())
