"""Cases of pod-forbid-literal-secrets: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret
from tests.policies.pods import CRON_JOB, DEPLOYMENT, pod

FIRES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, bad)
    for bad in (
        pod("env", [{"name": "PGPASSWORD", "value": "x"}]),
        pod("env", [{"name": "A", "value": "1"}, {"name": "aws_secret_access_key", "value": secret("x")}]),
        pod("env", [{"name": "API_TOKEN", "value": 1}]),
    )
]
FIRES += [(*CRON_JOB, FIRES[0][2])]
PASSES: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, good)
    for good in (
        pod("env", UNSET),
        pod("env", [{"name": "PGPASSWORD", "value": ""}]),
        pod("env", [{"name": "PASSWORD_FILE", "value": "/run/x"}]),
        pod("env", [{"name": "SECRET_ARN", "value": "arn:a"}]),
        pod("env", [{"value": "x"}]),
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (*DEPLOYMENT, one) for one in (pod("env", [{"name": "PGPASSWORD", "value": UNKNOWN}]),)
]
SAYS = [
    (
        *DEPLOYMENT,
        pod("env", [{"name": "PGPASSWORD", "value": "x"}]),
        "containers[0].env[0].value is the text of PGPASSWORD; allowed: valueFrom.secretKeyRef.",
    )
]
