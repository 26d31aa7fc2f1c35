"""No environment variable of a container has a password written in it."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, at, show

__all__ = ["RULE"]


_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL", re.IGNORECASE)
_NO_SECRET = re.compile(r"(_FILE|_PATH|_NAME|_ARN|_ID)$", re.IGNORECASE)


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the variables that are called like a secret; a reference to a Secret is right."""
    for one in containers_of(resource):
        variables = one.at("env")
        for index, variable in enumerate(variables if isinstance(variables, list) else []):
            name, value = at(variable, "name"), at(variable, "value")
            if not isinstance(name, str) or not _SECRET_NAME.search(name) or _NO_SECRET.search(name):
                continue
            if value is not UNSET and value != "":
                where = f"{one.where}.env[{index}].value"
                allowed = "valueFrom.secretKeyRef"
                yield Finding.judge(
                    resource, where, value, found=f"the text of {show(name, public_form)}", allowed=allowed
                )


RULE = ResourceRule(
    id="pod-forbid-literal-secrets",
    title="No environment variable of a container has a password written in it.",
    severity=Severity.CRITICAL,
    reason="whoever may read the workload, in the cluster or in the state, reads the password",
    fix="put it into a Secret (from Secrets Manager) and refer to it with valueFrom.secretKeyRef",
    spec=("6.1.1",),
    link="https://kubernetes.io/docs/concepts/configuration/secret/",
    topic="kubernetes",
    absent="Unset and empty hold nothing.",
    example=Example(
        refused="env: [{name: PGPASSWORD, value: hunter2}]",
        taken="env: [{name: PGPASSWORD, valueFrom: {secretKeyRef: {name: dump, key: password}}}]",
    ),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
