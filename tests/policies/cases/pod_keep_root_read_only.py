"""Cases of pod-keep-root-read-only: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("securityContext.readOnlyRootFilesystem", value=False),
        pod("securityContext.readOnlyRootFilesystem", UNSET),
        pod("securityContext.readOnlyRootFilesystem", ""),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good) for good in (pod("securityContext.readOnlyRootFilesystem", "true"),)
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, one) for one in (pod("securityContext.readOnlyRootFilesystem", UNKNOWN),)
]
SAYS = [
    (
        *DEPLOYMENT,
        pod("securityContext.readOnlyRootFilesystem", value=False),
        "containers[0].securityContext.readOnlyRootFilesystem is false; allowed: true.",
    )
]
