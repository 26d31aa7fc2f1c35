"""Run the plugin: `python -m plugins.postgresql ENGINE_ADDRESS`."""

from plugins.base import serve
from plugins.postgresql.provider import PostgresqlProvider

serve(PostgresqlProvider())
