"""Cases of backup-plan-keep-continuous: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.plans import rules_without, with_rule

PLAN = "Plan:fashion-wallet-plan"
FIRES: list[tuple[str, str, object]] = [
    *(
        (PLAN, "rules", bad)
        for bad in (
            rules_without("continuous"),
            with_rule("continuous", days=6),
            with_rule("continuous", days=36),
            with_rule("continuous", enableContinuousBackup=False),
            with_rule("continuous", enableContinuousBackup=""),
        )
    ),
]
PASSES: list[tuple[str, str, object]] = [
    (PLAN, "rules", good)
    for good in (with_rule("continuous", days=35), with_rule("continuous", enableContinuousBackup="true"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [(PLAN, "rules", UNKNOWN), (PLAN, "rules", [UNKNOWN])]
SAYS = [
    (
        PLAN,
        "rules",
        with_rule("continuous", days=6),
        "rules is 3 rules, none of them so; allowed: a rule with enableContinuousBackup that keeps for 7 to 35",
    )
]
LIMITS = [("minimumDays", 14, None)]
