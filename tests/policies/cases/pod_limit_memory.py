"""Cases of pod-limit-memory: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("resources", UNSET),
        pod("resources.limits", {}),
        pod("resources.limits.memory", ""),
        pod("resources.limits.memory", 0),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good) for good in (pod("resources.limits.memory", "1Gi"), pod("resources.limits.memory", 268435456))
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, one) for one in (pod("resources", UNKNOWN), pod("resources.limits.memory", UNKNOWN))
]
SAYS = [
    (
        *DEPLOYMENT,
        pod("resources.limits", {}),
        "spec.template.spec.containers[0].resources.limits.memory is unset; allowed: a size",
    )
]
FIRES += [(*DEPLOYMENT, pod("resources.limits.memory", value=True)), (*DEPLOYMENT, pod("resources.limits.memory", -1))]
PASSES += [(*DEPLOYMENT, pod("resources.limits.memory", 1))]
