"""Cases of backup-restore-test-monthly: resource, property, value."""

from tests.policies.tables import table

PLAN = "RestoreTestingPlan:fashion-wallet-restore-test"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    PLAN,
    "scheduleExpression",
    bad=[
        "cron(0 7 1 1 ? *)", "cron(0 7 1 */2 ? *)", "cron(0 7 1 1,7 ? *)", "cron(0 7 1 * ? 2026)", "cron(0 7 31 * ? *)",
        "rate(40 days)", "rate(days)", "cron(0 7)", "monthly", "", 0, [], "cron(0 7 ? * 1#9 *)",
    ],
    good=[
        "cron(0 7 1 * ? *)", "cron(0 7 28 * ? *)", "cron(0 7 L * ? *)", "cron(0 7 ? * SUN *)", "cron(0 7 ? * * *)",
        "cron(0 7 * * ? *)", "rate(7 days)", "rate(1 day)", "rate(12 hours)", "cron(0 7 1,15 * ? *)",
    ],
    says=("cron(0 7 1 1 ? *)", "a run every 366 days; allowed: a run every 31 days or oftener."),
)  # fmt: skip
LIMITS = [
    ("maximumDays", 400, (PLAN, "scheduleExpression", "cron(0 7 1 1 ? *)")),
    ("maximumDays", 7, None),
]
