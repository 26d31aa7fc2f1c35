"""Helper: the compliant pod, changed in one place of its container or of itself."""

import copy
from typing import Any

from policies.values import UNSET
from tests.policies.other_clouds import POD

DEPLOYMENT = ("Deployment:exporter", "spec.template.spec")
CRON_JOB = ("CronJob:dump", "spec.jobTemplate.spec.template.spec")


def pod(path: str = "", value: Any = None, **whole: object) -> dict[str, Any]:
    """Return a pod whose container has a value at a path, and which itself has `whole`."""
    changed: dict[str, Any] = copy.deepcopy(POD)
    changed.update(whole)
    if path:
        target = changed["containers"][0]
        *steps, last = path.split(".")
        for step in steps:
            target = target[step]
        target.pop(last, None)
        if value is not UNSET:
            target[last] = value
    return {key: one for key, one in changed.items() if one is not UNSET}
