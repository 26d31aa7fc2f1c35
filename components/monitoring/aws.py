"""Whom alarms tell, and the alarms on RDS (spec 5.1.1), in one region: CloudWatch and SNS work within a region only.

Owns: the topic with its policy and subscriptions, metric filters of the servers' logs, alarms on instances and proxy,
the dashboard. Does not own: the key, the log groups, events of RDS (`components/postgres/`), alarms on backups
(`aws_backups.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudwatch, sns

from components.monitoring.aws_alarm import Alarm, DatabaseInstance, instances_of, of_insights, of_log, of_metric
from components.monitoring.aws_dashboard import dashboard_body
from components.monitoring.metrics import POSTGRESQL, watches
from components.monitoring.watches import CloudWatchWatch, InsightsWatch, LogWatch, Metric, Sources
from components.tags import tags
from settings.cloud.monitoring import MonitoringSettings
from settings.cloud.tags import TagSettings

__all__ = ["Alarms", "AlarmsArgs", "Alerts", "AlertsArgs", "DatabaseInstance", "instances_of"]

_COMPONENT = "monitoring"
PUBLISHERS = ("backup.amazonaws.com", "cloudwatch.amazonaws.com", "events.rds.amazonaws.com")
"""Services that publish to the topic and say for which account."""
EVENT_BUS = "events.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertsArgs:
    """Arguments of `Alerts`."""

    stack: str
    settings: MonitoringSettings
    tags: TagSettings
    key_arn: pulumi.Input[str]
    """Key of KMS in this region. `PUBLISHERS` and `EVENT_BUS` must be allowed to make data keys by it."""


class Alerts(pulumi.ComponentResource):
    """The topic of one region that every alarm tells, and who hears of it."""

    topic_arn: pulumi.Output[str]

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the topic and its subscriptions."""
        super().__init__("fashionwallet:monitoring:Alerts", name, None, opts)
        self._component_name = name
        self._args = args
        topic = self._create_topic()
        policy = self._create_policy(topic)
        self._create_subscriptions(topic, policy)
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": self.topic_arn})

    def _create_topic(self) -> sns.Topic:
        args = self._args
        return sns.Topic(
            f"{self._component_name}-topic",
            name=f"fashion-wallet-{args.stack}-alerts",
            display_name=f"Fashion Wallet {args.stack}",
            kms_master_key_id=args.key_arn,
            signature_version=2,
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_policy(self, topic: sns.Topic) -> sns.TopicPolicy:
        account = topic.arn.apply(lambda arn: arn.split(":")[4])
        publish = {"Action": "sns:Publish", "Resource": topic.arn}
        statements = [
            {
                "Sid": "ServicesOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": list(PUBLISHERS)},
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                **publish,
            },
            # EventBridge says for no account that it publishes to a topic, so a condition would silently drop every
            # event ("You can't use Condition blocks in Amazon SNS topic policies for EventBridge").
            {"Sid": "EventBridge", "Effect": "Allow", "Principal": {"Service": EVENT_BUS}, **publish},
            {
                "Sid": "OnlyEncrypted",
                "Effect": "Deny",
                "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                **publish,
            },
        ]
        return sns.TopicPolicy(
            f"{self._component_name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_subscriptions(self, topic: sns.Topic, policy: sns.TopicPolicy) -> None:
        for address in self._args.settings.alert_emails:
            sns.TopicSubscription(
                f"{self._component_name}-email-{re.sub(r'[^a-zA-Z0-9.-]', '-', address)}",
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmsArgs:
    """Arguments of `Alarms`. All that is named is in one region."""

    stack: str
    sources: Sources
    tags: TagSettings
    region: str
    topic_arn: pulumi.Input[str]
    instances: Mapping[str, DatabaseInstance]
    """By the names of their resources: `postgres-primary`, `postgres-replica-<zone>`, `postgres-recovery`."""
    proxy_name: pulumi.Input[str] | None = None
    also_on_dashboard: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARNs of other alarms, by name."""

    def __post_init__(self) -> None:
        """Check what shapes the graph.

        Raises:
            ValueError: nothing to watch.
        """
        if not self.instances:
            raise ValueError("alarms: got no instance; pass each one by the name of its resource")


class Alarms(pulumi.ComponentResource):
    """An alarm for each metric of each instance and of the proxy, and a dashboard of them."""

    alarms: Mapping[str, cloudwatch.MetricAlarm]
    """By `<resource>-<key of the watch>`."""
    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare filters, alarms and dashboard."""
        super().__init__("fashionwallet:monitoring:Alarms", name, None, opts)
        self._component_name = name
        self._args = args
        self._tags = tags(args.stack, args.tags, component=_COMPONENT)
        self._alarms: dict[str, cloudwatch.MetricAlarm] = {}
        self._create_metric_alarms()
        self._create_insights_alarms()
        self._create_log_alarms()
        self._create_overload_alarm()
        self.alarms = self._alarms
        self.dashboard_name = self._create_dashboard().dashboard_name
        self.register_outputs({"dashboardName": self.dashboard_name})

    def _create_metric_alarms(self) -> None:
        args = self._args
        for metric, watch in watches(CloudWatchWatch, POSTGRESQL):
            if watch.proxy:
                if args.proxy_name is not None:
                    alarm = of_metric(metric, watch, {"ProxyName": args.proxy_name}, args.sources)
                    self._create_alarm("postgres-proxy", watch.key, alarm)
                continue
            for target, instance in args.instances.items():
                if instance.role in watch.on:
                    dimension = {"DBInstanceIdentifier": instance.identifier}
                    self._create_alarm(target, watch.key, of_metric(metric, watch, dimension, args.sources))

    def _create_insights_alarms(self) -> None:
        for metric, watch in watches(InsightsWatch, POSTGRESQL):
            for target, instance in self._args.instances.items():
                if instance.role in watch.on:
                    self._create_alarm(target, watch.key, of_insights(metric, watch, instance, self._args.sources))

    def _create_log_alarms(self) -> None:
        for metric, watch in watches(LogWatch, POSTGRESQL):
            for target, instance in self._args.instances.items():
                if instance.role in watch.on:
                    self._create_log_alarm(metric, watch, target, instance)

    def _create_log_alarm(self, metric: Metric, watch: LogWatch, target: str, instance: DatabaseInstance) -> None:
        name = f"{target}-{watch.key}"
        cloudwatch.LogMetricFilter(
            f"{self._component_name}-{name}-events",
            name=name,
            log_group_name=instance.log_group,
            pattern=watch.pattern,
            metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=self._namespace, name=name, value="1", default_value="0", unit="Count"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._create_alarm(target, watch.key, of_log(metric, watch, self._namespace, name, self._args.sources))

    @property
    def _namespace(self) -> str:
        return f"FashionWallet/{self._args.stack}"

    def _create_alarm(self, target: str, key: str, alarm: Alarm) -> None:
        name = f"{target}-{key}"
        self._alarms[name] = cloudwatch.MetricAlarm(
            f"{self._component_name}-{name}",
            name=self._alarm_name(name),
            alarm_description=alarm.description,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.datapoints,
            treat_missing_data=alarm.missing,
            alarm_actions=[self._args.topic_arn],
            ok_actions=[self._args.topic_arn],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
            **alarm.what,
        )

    def _alarm_name(self, name: str) -> str:
        return f"fashion-wallet-{self._args.stack}-{name}"

    def _create_overload_alarm(self) -> None:
        """Declare the alarm that tells a busy primary from one that can no longer keep up."""
        primary = next((name for name, one in self._args.instances.items() if one.role == "primary"), None)
        if primary is None:
            return
        busy = f"{primary}-cpu"
        signs = [f"{primary}-active-connections", f"{primary}-disk-queue", "postgres-proxy-connection-wait"]
        waiting = " OR ".join(f'ALARM("{self._alarm_name(sign)}")' for sign in signs if sign in self._alarms)
        cloudwatch.CompositeAlarm(
            f"{self._component_name}-{primary}-overloaded",
            alarm_name=self._alarm_name(f"{primary}-overloaded"),
            alarm_description="The primary is busy, and clients or its disk wait: it cannot keep up. Find what is new "
            "in pg_stat_statements; switch off what can wait; take a larger instance last.",
            alarm_rule=f'ALARM("{self._alarm_name(busy)}") AND ({waiting})',
            alarm_actions=[self._args.topic_arn],
            ok_actions=[self._args.topic_arn],
            tags=self._tags,
            # By name only: CloudWatch refuses a rule that names an alarm that there is not.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self._alarms[sign] for sign in (busy, *signs) if sign in self._alarms]
            ),
        )

    def _create_dashboard(self) -> cloudwatch.Dashboard:
        args = self._args
        arns: dict[str, pulumi.Input[str]] = {name: alarm.arn for name, alarm in self._alarms.items()}
        return cloudwatch.Dashboard(
            f"{self._component_name}-dashboard",
            dashboard_name=f"fashion-wallet-{args.stack}",
            dashboard_body=dashboard_body(
                region=args.region,
                period_s=args.sources.monitoring.period_s,
                namespace=self._namespace,
                sources=args.sources,
                instances=args.instances,
                proxy_name=args.proxy_name,
                alarm_arns={**arns, **args.also_on_dashboard},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
