"""Cases of backup-plan-keep-weekly: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.plans import rules_without, with_rule

PLAN = "Plan:fashion-wallet-plan"
FIRES: list[tuple[str, str, object]] = [
    *(
        (PLAN, "rules", bad)
        for bad in (
            rules_without("weekly"),
            with_rule("weekly", days=89),
            with_rule("weekly", days=0),
            with_rule("weekly", schedule="cron(0 3 1 * ? *)"),
        )
    ),
]
PASSES: list[tuple[str, str, object]] = [
    (PLAN, "rules", good) for good in (with_rule("weekly", days=91), with_rule("weekly", schedule="cron(0 5 ? * 1 *)"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [(PLAN, "rules", UNKNOWN), (PLAN, "rules", [UNKNOWN])]
SAYS = [
    (
        PLAN,
        "rules",
        with_rule("weekly", days=89),
        "rules is 3 rules, none of them so; allowed: a rule that runs every week and keeps for 90 days",
    )
]
LIMITS = [("minimumDays", 200, None)]
FIRES += [(PLAN, "rules", with_rule("weekly", schedule="cron(0 3 1,9,17,25 * ? *)"))]
FIRES += [(PLAN, "rules", with_rule("weekly", schedule="rate(8 days)"))]
