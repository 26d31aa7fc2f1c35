"""RDS beside its instances: subnet groups and parameter groups."""

from collections.abc import Iterator
from typing import ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "ParameterGroup", "SubnetGroup", "retag", "tags_of"]

_NAME: Final = Field(kind="text", replaces=True)
_FEWEST_ZONES: Final = 2
_AT_ONCE: Final = 20  # parameters in one call, that RDS takes
_UNIQUE_BYTES: Final = 8
_METHODS: Final = ("immediate", "pending-reboot")


def retag(aws: Aws, arn: str, state: Props, news: Props) -> None:
    """Bring the tags of a thing of RDS to what is wanted."""
    put, gone = changes(state.get("tags"), news.get("tags"))
    rds = aws.client("rds")
    if put:
        rds.add_tags_to_resource(ResourceName=arn, Tags=as_list(put))
    if gone:
        rds.remove_tags_from_resource(ResourceName=arn, TagKeys=gone)


def tags_of(aws: Aws, arn: str) -> dict[str, str]:
    """Return the tags of a thing of RDS."""
    return as_map(aws.client("rds").list_tags_for_resource(ResourceName=arn)["TagList"])


class SubnetGroup(Entity):
    """`aws:rds/subnetGroup:SubnetGroup`. Its id is its name."""

    token = "aws:rds/subnetGroup:SubnetGroup"
    noun = "subnet group"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", default="Managed by Pulumi"),
        "name": _NAME,
        "subnetIds": Field(kind="set", required=True),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "supportedNetworkTypes": "set", "vpcId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the group in two zones at least, as RDS wants it and moto does not."""
        _refuse_few_zones(aws, inputs["subnetIds"])
        made = aws.client("rds").create_db_subnet_group(
            DBSubnetGroupName=inputs["name"],
            DBSubnetGroupDescription=inputs["description"],
            SubnetIds=inputs["subnetIds"],
            Tags=as_list(inputs.get("tags")),
        )
        return made["DBSubnetGroup"]["DBSubnetGroupName"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the group and its tags."""
        rds = aws.client("rds")
        answer = unless_gone(lambda: rds.describe_db_subnet_groups(DBSubnetGroupName=id_), "DBSubnetGroupNotFoundFault")
        if answer is None:
            return None
        group = answer["DBSubnetGroups"][0]
        arn = aws.arn("rds", f"subgrp:{id_}")
        return {
            "arn": arn,
            "description": group["DBSubnetGroupDescription"],
            "name": group["DBSubnetGroupName"],
            "subnetIds": [one["SubnetIdentifier"] for one in group["Subnets"]],
            "supportedNetworkTypes": ["IPV4"],
            "tags": tags_of(aws, arn),
            "vpcId": group["VpcId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change the subnets, the description and the tags."""
        _refuse_few_zones(aws, news["subnetIds"])
        rds = aws.client("rds")
        told = {
            "DBSubnetGroupName": id_,
            "DBSubnetGroupDescription": news["description"],
            "SubnetIds": news["subnetIds"],
        }
        changed = sorted(state.get("subnetIds") or []) != sorted(news["subnetIds"])
        if changed or state.get("description") != news["description"]:
            rds.modify_db_subnet_group(**told)
            if self.find(aws, id_, news) is None:  # moto forgets a group that it modifies
                rds.create_db_subnet_group(**told, Tags=as_list(state.get("tags")))
        retag(aws, aws.arn("rds", f"subgrp:{id_}"), state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the group."""
        rds = aws.client("rds")
        unless_gone(lambda: rds.delete_db_subnet_group(DBSubnetGroupName=id_), "DBSubnetGroupNotFoundFault")


def _refuse_few_zones(aws: Aws, subnet_ids: list[str]) -> None:
    found = aws.client("ec2").describe_subnets(SubnetIds=subnet_ids)["Subnets"]
    zones = sorted({one["AvailabilityZone"] for one in found})
    if len(zones) < _FEWEST_ZONES:
        raise ProviderError(
            f"subnetIds: got subnets in {', '.join(zones)}, allowed are subnets in {_FEWEST_ZONES} zones or more. RDS "
            "places the standby in another zone: add a subnet there"
        )


class ParameterGroup(Entity):
    """`aws:rds/parameterGroup:ParameterGroup`. Its id is its name."""

    token = "aws:rds/parameterGroup:ParameterGroup"
    noun = "parameter group"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", default="Managed by Pulumi", replaces=True),
        "family": Field(kind="text", required=True, replaces=True),
        "name": _NAME,
        "namePrefix": Field(kind="text", replaces=True, local=True),
        "parameters": Field(
            kind="objects",
            unset=[],
            fields={
                "name": Field(kind="text", required=True),
                "value": Field(kind="text", required=True),
                "applyMethod": Field(kind="text", default="immediate", allowed=_METHODS),
            },
        ),
        "skipDestroy": Field(kind="flag", default=False, local=True),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text"}

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        """Make the name from `namePrefix` where that is given; no two groups get the same."""
        prefix = news.get("namePrefix")
        if isinstance(prefix, str) and "name" not in news:
            kept = olds.get("name") if olds.get("namePrefix") == prefix else None
            news = {**news, "name": kept or f"{prefix}{ctx.random_seed[:_UNIQUE_BYTES].hex()}"}
        return super().check(olds, news, ctx)

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse a parameter twice, and what RDS keeps to itself."""
        parameters = inputs.get("parameters") or []
        if contains_unknown(parameters):
            return []
        names = [one["name"] for one in parameters]
        reasons = [f"parameters: got {name} twice" for name in sorted({one for one in names if names.count(one) > 1})]
        reasons += [
            f"parameters.{one['name']}: got {one['value']!r} immediately, and RDS takes it only at a restart. Set "
            "applyMethod to pending-reboot"
            for one in parameters
            if one["name"] in _STATIC and one["applyMethod"] == "immediate"
        ]
        reasons += [
            f"parameters.{one['name']}: RDS does not let anybody set this one. Remove it"
            for one in parameters
            if one["name"] in _FIXED
        ]
        return [CheckFailure("parameters", reason) for reason in reasons]

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the group; its parameters come after."""
        made = aws.client("rds").create_db_parameter_group(
            DBParameterGroupName=inputs["name"],
            DBParameterGroupFamily=inputs["family"],
            Description=inputs["description"],
            Tags=as_list(inputs.get("tags")),
        )
        return made["DBParameterGroup"]["DBParameterGroupName"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set the parameters."""
        _set_parameters(aws, id_, inputs.get("parameters") or [])

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the group, the parameters that somebody set, and the tags."""
        rds = aws.client("rds")
        gone = ("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
        answer = unless_gone(lambda: rds.describe_db_parameter_groups(DBParameterGroupName=id_), *gone)
        groups = (answer or {}).get("DBParameterGroups", [])
        if not groups:
            return None
        arn = aws.arn("rds", f"pg:{id_}")
        found = rds.describe_db_parameters(DBParameterGroupName=id_)["Parameters"]
        order = {one["name"]: index for index, one in enumerate(wanted.get("parameters") or [])}
        parameters = [
            {"name": one["ParameterName"], "value": one["ParameterValue"], "applyMethod": one["ApplyMethod"]}
            for one in found
            if one.get("ParameterValue") not in (None, _RESET)
        ]
        return {
            "arn": arn,
            "description": groups[0]["Description"],
            "family": groups[0]["DBParameterGroupFamily"],
            "name": groups[0]["DBParameterGroupName"],
            "parameters": sorted(parameters, key=lambda one: (order.get(one["name"], len(order)), one["name"])),
            "tags": tags_of(aws, arn),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set what is wanted, and give back what is not any more."""
        wanted = news.get("parameters") or []
        names = {one["name"] for one in wanted}
        gone = [one for one in (self.find(aws, id_, news) or {}).get("parameters", []) if one["name"] not in names]
        _set_parameters(aws, id_, [*wanted, *({**one, "value": _RESET} for one in gone)])
        retag(aws, aws.arn("rds", f"pg:{id_}"), state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the group, unless an instance uses it: RDS refuses that and moto does not."""
        if state.get("skipDestroy"):
            return
        users = sorted(_users(aws, id_))
        if users:
            raise ProviderError(f"InvalidDBParameterGroupState: in use by {', '.join(users)}. Give them another first")
        rds = aws.client("rds")
        unless_gone(
            lambda: rds.delete_db_parameter_group(DBParameterGroupName=id_),
            "DBParameterGroupNotFound",
            "DBParameterGroupNotFoundFault",
        )


# What moto is told for a parameter that is to have its default again: it has no ResetDBParameterGroup.
_RESET: Final = "engine-default"
# Of PostgreSQL 15 to 17 on RDS: change only with a restart.
_STATIC: Final = frozenset(
    {
        "autovacuum_max_workers",
        "max_connections",
        "max_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "pg_stat_statements.max",
        "rds.logical_replication",
        "shared_buffers",
        "shared_preload_libraries",
        "superuser_reserved_connections",
        "track_activity_query_size",
        "wal_buffers",
    }
)
_FIXED: Final = frozenset(
    {
        "archive_mode",
        "data_directory",
        "fsync",
        "hot_standby",
        "listen_addresses",
        "log_timezone",
        "port",
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_key_file",
        "wal_level",
        "wal_log_hints",
    }
)


def _set_parameters(aws: Aws, group: str, parameters: list[dict[str, str]]) -> None:
    for some in _batches(parameters):
        aws.client("rds").modify_db_parameter_group(
            DBParameterGroupName=group,
            Parameters=[
                {
                    "ParameterName": one["name"],
                    "ParameterValue": one["value"],
                    "ApplyMethod": one["applyMethod"],
                }
                for one in some
            ],
        )


def _batches(parameters: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    for start in range(0, len(parameters), _AT_ONCE):
        yield parameters[start : start + _AT_ONCE]


def _users(aws: Aws, group: str) -> Iterator[str]:
    for instance in aws.client("rds").describe_db_instances()["DBInstances"]:
        if group in [one["DBParameterGroupName"] for one in instance.get("DBParameterGroups", [])]:
            yield instance["DBInstanceIdentifier"]


ENTITIES: Final[tuple[type[Entity], ...]] = (ParameterGroup, SubnetGroup)
