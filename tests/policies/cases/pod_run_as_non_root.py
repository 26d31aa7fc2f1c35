"""Cases of pod-run-as-non-root: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("securityContext.runAsNonRoot", value=False),
        pod(
            "securityContext", {**pod()["containers"][0]["securityContext"], "runAsNonRoot": UNSET}, securityContext={}
        ),
        pod("securityContext.runAsUser", 0),
        pod("securityContext.runAsNonRoot", ""),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good)
    for good in (
        pod("securityContext.runAsNonRoot", UNSET),
        pod(securityContext=UNSET),
        pod("securityContext.runAsUser", 1000),
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, one)
    for one in (
        pod("securityContext.runAsNonRoot", UNKNOWN),
        pod("securityContext.runAsNonRoot", UNSET, securityContext=UNKNOWN),
    )
]
SAYS = [
    (
        *DEPLOYMENT,
        pod("securityContext.runAsNonRoot", value=False),
        "spec.template.spec.containers[0].securityContext.runAsNonRoot is false; allowed: true,",
    )
]
