"""Names that Atlas's published API allows: metrics and events of alerts, actions of custom roles, sizes of nodes.

`names.json` is taken from the API's OpenAPI document (HostMetricThreshold, the alertable event types of a project,
DatabasePrivilegeAction, AWSHardwareSpec20240805), of August 2026.
"""

import json
from pathlib import Path
from typing import Final

__all__ = ["ACTIONS", "EVENTS", "INSTANCE_SIZES", "METRIC_UNITS", "THRESHOLD_EVENTS"]

_NAMES: Final[dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

METRIC_UNITS: Final = {
    metric: frozenset(_NAMES[f"{kind}Units"]) for kind in ("raw", "data", "time") for metric in _NAMES[f"{kind}Metrics"]
}
"""Metric of a node → the units that its threshold may have."""
EVENTS: Final = frozenset(_NAMES["events"])
"""Events of an alert without a threshold."""
THRESHOLD_EVENTS: Final = frozenset(_NAMES["thresholdEvents"])
"""Events of an alert with a threshold of their own."""
ACTIONS: Final = frozenset(_NAMES["actions"])
"""What a custom role can allow."""
INSTANCE_SIZES: Final = frozenset(_NAMES["instanceSizes"])
"""Of nodes on AWS."""
