"""Cases of backup-plan-keep-daily: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.plans import rules_without, with_rule

PLAN = "Plan:fashion-wallet-plan"
FIRES: list[tuple[str, str, object]] = [
    *(
        (PLAN, "rules", bad)
        for bad in (
            rules_without("daily"),
            with_rule("daily", days=29),
            with_rule("daily", days=0),
            with_rule("daily", schedule="cron(0 3 1 * ? *)"),
            with_rule("daily", schedule=""),
        )
    ),
]
PASSES: list[tuple[str, str, object]] = [
    (PLAN, "rules", good) for good in (with_rule("daily", days=31), with_rule("daily", schedule="rate(1 day)"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [(PLAN, "rules", UNKNOWN), (PLAN, "rules", [UNKNOWN])]
SAYS = [
    (
        PLAN,
        "rules",
        with_rule("daily", days=29),
        "rules is 3 rules, none of them so; allowed: a rule that runs every day and keeps for 30 days",
    )
]
LIMITS = [("minimumDays", 60, None)]
FIRES += [(PLAN, "rules", with_rule("daily", schedule="cron(0 3 ? * MON,WED,FRI,SUN *)"))]
FIRES += [(PLAN, "rules", with_rule("daily", schedule="rate(2 days)"))]
