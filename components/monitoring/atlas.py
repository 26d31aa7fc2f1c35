"""The alerts of MongoDB Atlas, out of the one list. Does not own: the resources (`components/mongodb/`)."""

from components.mongodb.atlas_alerts import AtlasAlert
from components.monitoring.metrics import watches
from components.monitoring.watches import AtlasWatch, Sources

__all__ = ["alerts"]


def alerts(sources: Sources) -> tuple[AtlasAlert, ...]:
    """Return every alert with its threshold."""
    return tuple(_alert(watch, sources) for _, watch in watches(AtlasWatch))


def _alert(watch: AtlasWatch, sources: Sources) -> AtlasAlert:
    return AtlasAlert(
        name=watch.key,
        event_type=watch.event,
        metric=watch.metric,
        operator="LESS_THAN" if watch.below else "GREATER_THAN",
        threshold=None if watch.limit is None else float(watch.limit(sources)),
        units=watch.units,
    )
