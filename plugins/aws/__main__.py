"""Run the plugin: `python -m plugins.aws ENGINE_ADDRESS`."""

from plugins.aws.provider import AwsProvider
from plugins.base import serve

serve(AwsProvider())
