"""Cases of backup-plan-copy-elsewhere: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.plans import with_rule

PLAN = "Plan:fashion-wallet-plan"
SHORTER = {
    "destinationVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:a",
    "lifecycle": {"deleteAfter": 7},
}
FIRES: list[tuple[str, str, object]] = [
    (PLAN, "rules", with_rule("daily", copyActions=bad))
    for bad in (
        [],
        "",
        0,
        UNSET,
        [{}],
        [SHORTER],
        [{**SHORTER, "destinationVaultArn": ""}],
        [{**SHORTER, "lifecycle": {}}],
    )
]
PASSES: list[tuple[str, str, object]] = [
    (PLAN, "rules", with_rule("daily", copyActions=[SHORTER, {**SHORTER, "lifecycle": {"deleteAfter": 30}}])),
    (PLAN, "rules", with_rule("continuous", copyActions=[SHORTER])),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (PLAN, "rules", with_rule("daily", copyActions=bad))
    for bad in (UNKNOWN, [UNKNOWN], [{**SHORTER, "lifecycle": UNKNOWN}])
]
SAYS = [
    (PLAN, "rules", with_rule("daily", copyActions=[]), "rules[0].copyActions is without a copy that is kept as long;")
]
LONG = {**SHORTER, "lifecycle": {"deleteAfter": 30}}
FIRES += [
    (PLAN, "rules", with_rule("daily", copyActions=[{**LONG, "destinationVaultArn": bad}])) for bad in ("", UNSET)
]
CANNOT_TELL += [(PLAN, "rules", with_rule("daily", copyActions=[{**LONG, "destinationVaultArn": UNKNOWN}]))]
