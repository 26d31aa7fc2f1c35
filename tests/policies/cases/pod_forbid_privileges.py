"""Cases of pod-forbid-privileges: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("securityContext.privileged", value=True),
        pod("securityContext.allowPrivilegeEscalation", value=True),
        pod("securityContext.allowPrivilegeEscalation", UNSET),
        pod("securityContext.capabilities", UNSET),
        pod("securityContext.capabilities.drop", []),
        pod("securityContext.capabilities.drop", ["NET_RAW"]),
        pod(hostNetwork=True),
        pod(hostPID="true"),
        pod("securityContext.privileged", ""),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good)
    for good in (
        pod("securityContext.privileged", UNSET),
        pod("securityContext.capabilities.drop", ["NET_RAW", "ALL"]),
        pod(hostIPC=False),
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, one)
    for one in (
        pod("securityContext.privileged", UNKNOWN),
        pod("securityContext.allowPrivilegeEscalation", UNKNOWN),
        pod("securityContext.capabilities", UNKNOWN),
        pod(hostNetwork=UNKNOWN),
    )
]
SAYS = [
    (
        *DEPLOYMENT,
        pod("securityContext.privileged", value=True),
        "containers[0].securityContext.privileged is true; allowed: false, or unset.",
    )
]
FIRES += [(*DEPLOYMENT, pod(hostIPC=True))]
CANNOT_TELL += [(*DEPLOYMENT, pod("securityContext.capabilities.drop", [UNKNOWN]))]
SAYS += [(*DEPLOYMENT, pod(hostIPC=True), "hostIPC is true; allowed")]
