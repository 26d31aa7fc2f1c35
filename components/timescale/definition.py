"""The time-series cluster: the PostgreSQL components with TimescaleDB, where the server has it (ruling on 3.2.2)."""

from components.postgres.definition import ClusterDefinition, OptionalUse, pgaudit
from components.postgres.grants import TIMESCALE
from components.postgres.parameters import OPTIONAL_PRELOAD
from settings import TimescaleSettings

__all__ = ["EXTENSION", "timescale"]

EXTENSION = "timescaledb"


def timescale(settings: TimescaleSettings) -> ClusterDefinition:
    """Return the time-series cluster."""
    return ClusterDefinition(
        name="timescale",
        settings=settings,
        access=TIMESCALE,
        optional=(
            OptionalUse(
                extension=EXTENSION,
                required=settings.timescaledb == "required",
                warning="timescale: the server does not offer timescaledb, so time series are partitioned natively; "
                "no compression and no continuous aggregates",
            ),
            pgaudit("timescale"),
        ),
        optional_preload=(EXTENSION, *OPTIONAL_PRELOAD),
    )
