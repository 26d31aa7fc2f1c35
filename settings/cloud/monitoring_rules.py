"""Rules between the settings of monitoring, and between those and the databases'."""

from settings.cloud.monitoring import BLOAT_EXTENSION, MonitoringSettings
from settings.model import ClusterSettings
from settings.rules import Rule

__all__ = ["MONITORED_CLUSTER_RULES", "MONITORING_RULES"]

_DAY_S = 86_400

MONITORING_RULES: tuple[Rule[MonitoringSettings], ...] = (
    Rule(
        key="datapointsToAlarm",
        holds="at most `evaluationPeriods`",
        broken=lambda m: m.datapoints_to_alarm > m.evaluation_periods,
        cause=lambda _: "is more than evaluationPeriods, so no alarm could ever ring",
        got=lambda m: m.datapoints_to_alarm,
        allowed=lambda m: f"1 to {m.evaluation_periods}",
        fix=lambda m: f"lower it to {m.evaluation_periods} or less, or raise evaluationPeriods",
    ),
    Rule(
        key="evaluationPeriods",
        holds="with `periodS`, a day at most",
        broken=lambda m: m.evaluation_periods * m.period_s > _DAY_S,
        cause=lambda m: f"makes an alarm look at {m.evaluation_periods * m.period_s} s, and CloudWatch takes {_DAY_S}",
        got=lambda m: m.evaluation_periods,
        allowed=lambda m: f"1 to {_DAY_S // m.period_s}",
        fix=lambda m: f"lower it to {_DAY_S // m.period_s} or less, or lower periodS",
    ),
    Rule(
        key="alertEmails",
        holds="each address once",
        broken=lambda m: len({address.lower() for address in m.alert_emails}) != len(m.alert_emails),
        cause=lambda _: "names an address twice",
        got=lambda m: list(m.alert_emails),
        allowed=lambda _: "each address once",
        fix=lambda _: "remove the second one",
    ),
    Rule(
        key="postgresql.activeConnectionsPercent",
        holds="at most `postgresql.connectionsPercent`",
        broken=lambda m: m.postgresql.active_connections_percent > m.postgresql.connections_percent,
        cause=lambda _: "is more than connectionsPercent, which counts the active ones too and would always ring first",
        got=lambda m: m.postgresql.active_connections_percent,
        allowed=lambda m: f"1 to {m.postgresql.connections_percent}",
        fix=lambda m: f"lower it to {m.postgresql.connections_percent} or less, or raise connectionsPercent",
    ),
    Rule(
        key="postgresql.idleConnectionsPercent",
        holds="at most `postgresql.connectionsPercent`",
        broken=lambda m: m.postgresql.idle_connections_percent > m.postgresql.connections_percent,
        cause=lambda _: "is more than connectionsPercent, which counts the idle ones too and would always ring first",
        got=lambda m: m.postgresql.idle_connections_percent,
        allowed=lambda m: f"1 to {m.postgresql.connections_percent}",
        fix=lambda m: f"lower it to {m.postgresql.connections_percent} or less, or raise connectionsPercent",
    ),
)

MONITORED_CLUSTER_RULES: tuple[Rule[ClusterSettings], ...] = (
    Rule(
        key="extensions",
        holds=f"`{BLOAT_EXTENSION}` among them in the cloud, where bloat is watched",
        broken=lambda c: BLOAT_EXTENSION not in c.extensions,
        cause=lambda _: f"lacks {BLOAT_EXTENSION}, by which bloat is measured (spec 5.1.1)",
        got=lambda c: list(c.extensions),
        allowed=lambda _: f"a list with {BLOAT_EXTENSION}",
        fix=lambda _: f"add {BLOAT_EXTENSION}",
    ),
)
"""Of `postgres` with an exporter, and of `timescale`, on a stack in the cloud."""
