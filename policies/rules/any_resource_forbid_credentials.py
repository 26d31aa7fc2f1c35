"""No property of any resource has a credential in clear."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.sensitive import credential_in, texts_of

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Look at every text that is not marked as secret, wherever it stands."""
    for path, text in texts_of(resource.properties, ()):
        what = credential_in(text)
        if what and not resource.is_secret(*path):
            yield Finding(
                resource=resource, where=".".join(path), found=what, allowed="no credential that is not marked"
            )


RULE = ResourceRule(
    id="any-resource-forbid-credentials",
    title="No property of any resource has a credential in clear.",
    severity=Severity.CRITICAL,
    reason="a key in an environment variable, a description or a connection string is in the state and in "
    "every log of a preview",
    fix="put the credential into Secrets Manager and hand on its ARN, or mark the value with "
    "pulumi.Output.secret; then change the credential",
    spec=("6.1.1", "6.2.1"),
    link="https://www.pulumi.com/docs/iac/concepts/secrets/",
    topic="secrets",
    absent="Unset, empty and unknown hold nothing.",
    example=Example(refused='uri="mongodb://app:hunter2@db:27017"', taken="uri=pulumi.Output.secret(uri)"),
    types=("*",),
    check=check,
)
