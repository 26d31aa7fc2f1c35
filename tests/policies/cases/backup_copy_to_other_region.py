"""Cases of backup-copy-to-other-region: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.plans import with_rule

PLAN = "Plan:fashion-wallet-plan"


def to(arn: object) -> list[object]:
    return with_rule("daily", copyActions=[{"destinationVaultArn": arn, "lifecycle": {"deleteAfter": 30}}])


FIRES: list[tuple[str, str, object]] = [
    (PLAN, "rules", to("arn:aws:backup:eu-central-1:123456789012:backup-vault:second")),
    (PLAN, "rules", to("second")),
    (PLAN, "@region", "eu-west-1"),
]
PASSES: list[tuple[str, str, object]] = [(PLAN, "rules", to("arn:aws:backup:eu-north-1:123456789012:backup-vault:a"))]
CANNOT_TELL: list[tuple[str, str, object]] = [(PLAN, "@region", UNKNOWN)]
SAYS = [
    (
        PLAN,
        "@region",
        "eu-west-1",
        "copyActions[0].destinationVaultArn is in eu-west-1; allowed: another region than eu-west-1.",
    )
]
CANNOT_TELL += [(PLAN, "rules", to(UNKNOWN))]
