"""EC2: security groups, the default one, and rules as resources of their own."""

from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.ec2 import one_of, retag, tagged
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_map
from plugins.base import CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields

__all__ = [
    "ENTITIES",
    "DefaultSecurityGroup",
    "SecurityGroup",
    "SecurityGroupEgressRule",
    "SecurityGroupIngressRule",
]

_NO_GROUP: Final = "InvalidGroup.NotFound"
_NO_RULE: Final = "InvalidSecurityGroupRuleId.NotFound"
_LARGEST_PORT: Final = 65535
_ALL: Final = "-1"


def _revoke_all(aws: Aws, group: Props, *, ingress: bool) -> None:
    ec2 = aws.client("ec2")
    if group.get("IpPermissionsEgress"):
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    if ingress and group.get("IpPermissions"):
        ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])


def _group(aws: Aws, id_: str) -> Props | None:
    ec2 = aws.client("ec2")
    return one_of(lambda: ec2.describe_security_groups(GroupIds=[id_]), "SecurityGroups", _NO_GROUP)


class SecurityGroup(Entity):
    """`aws:ec2/securityGroup:SecurityGroup`, without rules in it: those are resources of their own.

    As with the official plugin, a new group loses the rule by which EC2 lets everything out.
    """

    token = "aws:ec2/securityGroup:SecurityGroup"
    noun = "security group"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", default="Managed by Pulumi", replaces=True),
        "name": Field(kind="text", replaces=True),
        "revokeRulesOnDelete": Field(kind="flag", default=False, local=True),
        "tags": TAGS,
        "vpcId": Field(kind="text", replaces=True),
    }
    outputs: ClassVar = {"arn": "text", "ownerId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the group."""
        vpc = {"VpcId": inputs["vpcId"]} if inputs.get("vpcId") else {}
        made = aws.client("ec2").create_security_group(
            GroupName=inputs["name"], Description=inputs["description"], **vpc, **tagged("security-group", inputs)
        )
        return made["GroupId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take away what EC2 lets out by default."""
        group = _group(aws, id_)
        if group is not None:
            _revoke_all(aws, group, ingress=False)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the group."""
        group = _group(aws, id_)
        if group is None:
            return None
        return {
            "arn": group.get("SecurityGroupArn") or aws.arn("ec2", f"security-group/{id_}"),
            "description": group["Description"],
            "name": group["GroupName"],
            "ownerId": group["OwnerId"],
            "tags": as_map(group.get("Tags")),
            "vpcId": group.get("VpcId"),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change the tags; all else makes another group."""
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the group, after its rules where `revokeRulesOnDelete` says so."""
        group = _group(aws, id_)
        if group is not None and state.get("revokeRulesOnDelete"):
            _revoke_all(aws, group, ingress=True)
        unless_gone(lambda: aws.client("ec2").delete_security_group(GroupId=id_), _NO_GROUP)


_INLINE: Final = Field(
    kind="objects",
    unset=[],
    fields={
        "cidrBlocks": Field(kind="list"),
        "description": Field(kind="text"),
        "fromPort": Field(kind="number", required=True),
        "ipv6CidrBlocks": Field(kind="list"),
        "prefixListIds": Field(kind="list"),
        "protocol": Field(kind="text", required=True),
        "securityGroups": Field(kind="list"),
        "self": Field(kind="flag"),
        "toPort": Field(kind="number", required=True),
    },
)


class DefaultSecurityGroup(Entity):
    """`aws:ec2/defaultSecurityGroup:DefaultSecurityGroup`: taken over and emptied; deleting only lets go of it."""

    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    noun = "default security group"
    fields: ClassVar[Fields] = {
        "egress": _INLINE,
        "ingress": _INLINE,
        "tags": TAGS,
        "vpcId": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {"arn": "text", "description": "text", "name": "text", "ownerId": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse rules: the stand-in knows the group emptied only."""
        return [
            CheckFailure(name, f"{name}: the stand-in has the default security group without rules only. Leave it out")
            for name in ("egress", "ingress")
            if inputs.get(name)
        ]

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Find the group of the network, which is there already."""
        wanted = {"vpc-id": inputs["vpcId"], "group-name": "default"}
        filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        found = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
        if not found:
            raise ProviderError(f"vpcId: {inputs['vpcId']} has no default security group")
        return found[0]["GroupId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Empty and tag it."""
        self._empty(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the group and its rules."""
        group = _group(aws, id_)
        if group is None:
            return None
        return {
            "arn": group.get("SecurityGroupArn") or aws.arn("ec2", f"security-group/{id_}"),
            "description": group["Description"],
            "egress": _inline(group.get("IpPermissionsEgress", []), id_),
            "ingress": _inline(group.get("IpPermissions", []), id_),
            "name": group["GroupName"],
            "ownerId": group["OwnerId"],
            "tags": as_map(group.get("Tags")),
            "vpcId": group["VpcId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Empty it again."""
        self._empty(aws, id_, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Let go of it: it goes with its network."""

    def _empty(self, aws: Aws, id_: str, inputs: Props) -> None:
        group = _group(aws, id_)
        if group is None:
            raise ProviderError("it is gone with its network. Refresh: bin/pulumi refresh")
        _revoke_all(aws, group, ingress=True)
        retag(aws, id_, {"tags": as_map(group.get("Tags"))}, inputs)


def _inline(permissions: list[Props], id_: str) -> list[Props]:
    return [
        {
            "fromPort": one.get("FromPort", 0),
            "toPort": one.get("ToPort", 0),
            "protocol": one["IpProtocol"],
            "cidrBlocks": [each["CidrIp"] for each in one.get("IpRanges", [])],
            "securityGroups": [each["GroupId"] for each in one.get("UserIdGroupPairs", []) if each["GroupId"] != id_],
            "self": any(each["GroupId"] == id_ for each in one.get("UserIdGroupPairs", [])),
        }
        for one in permissions
    ]


_SOURCES: Final = ("cidrIpv4", "prefixListId", "referencedSecurityGroupId")


class _Rule(Entity):
    """One rule of a security group; `egress` says which way."""

    egress: ClassVar[bool]
    noun = "rule of a security group"
    fields: ClassVar[Fields] = {
        "cidrIpv4": Field(kind="text"),
        "description": Field(kind="text", unset=""),
        "fromPort": Field(kind="number", least=-1, most=_LARGEST_PORT),
        "ipProtocol": Field(kind="text", required=True),
        "prefixListId": Field(kind="text", replaces=True),
        # Officially changed in place; the emulator cannot.
        "referencedSecurityGroupId": Field(kind="text", replaces=True),
        "securityGroupId": Field(kind="text", required=True, replaces=True),
        "tags": TAGS,
        "toPort": Field(kind="number", least=-1, most=_LARGEST_PORT),
    }
    outputs: ClassVar = {"arn": "text", "securityGroupRuleId": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse a rule without one source or destination, or with ports that its protocol does not have."""
        failures = []
        if sum(name in inputs for name in _SOURCES) != 1:
            failures.append(CheckFailure("", f"{self.token}: give one of {', '.join(_SOURCES)}"))
        ports = [inputs.get("fromPort"), inputs.get("toPort")]
        if not contains_unknown([inputs["ipProtocol"], ports]) and (inputs["ipProtocol"] == _ALL) != (
            ports == [None, None]
        ):
            reason = f"fromPort and toPort: got {ports}; protocol -1 has none, every other one has both"
            failures.append(CheckFailure("fromPort", reason))
        return failures

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Allow it."""
        ec2 = aws.client("ec2")
        call = ec2.authorize_security_group_egress if self.egress else ec2.authorize_security_group_ingress
        made = call(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            **tagged("security-group-rule", inputs),
        )
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Describe it: of a rule that names no addresses the emulator forgets the description when it is made."""
        if inputs.get("description") and "cidrIpv4" not in inputs:
            self._modify(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the rule."""
        ec2 = aws.client("ec2")
        rule = one_of(
            lambda: ec2.describe_security_group_rules(SecurityGroupRuleIds=[id_]), "SecurityGroupRules", _NO_RULE
        )
        if rule is None or rule["IsEgress"] is not self.egress:
            return None
        every = rule["IpProtocol"] == _ALL
        return {
            "arn": rule.get("SecurityGroupRuleArn") or aws.arn("ec2", f"security-group-rule/{id_}"),
            "cidrIpv4": rule.get("CidrIpv4"),
            "description": rule.get("Description") or "",
            "fromPort": None if every else rule.get("FromPort"),
            "ipProtocol": rule["IpProtocol"],
            "prefixListId": rule.get("PrefixListId"),
            "referencedSecurityGroupId": (rule.get("ReferencedGroupInfo") or {}).get("GroupId"),
            "securityGroupId": rule["GroupId"],
            "securityGroupRuleId": id_,
            "tags": as_map(rule.get("Tags")),
            "toPort": None if every else rule.get("ToPort"),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change ports, addresses, description and tags."""
        self._modify(aws, id_, news)
        retag(aws, id_, state, news)

    def _modify(self, aws: Aws, id_: str, news: Props) -> None:
        source = {
            "CidrIpv4": news.get("cidrIpv4"),
            "PrefixListId": news.get("prefixListId"),
            "ReferencedGroupId": news.get("referencedSecurityGroupId"),
        }
        rule = {
            "IpProtocol": news["ipProtocol"],
            "FromPort": news.get("fromPort", -1),
            "ToPort": news.get("toPort", -1),
            "Description": news.get("description", ""),
            **{name: value for name, value in source.items() if value},
        }
        aws.client("ec2").modify_security_group_rules(
            GroupId=news["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}],
        )

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Forbid it again."""
        ec2 = aws.client("ec2")
        call = ec2.revoke_security_group_egress if self.egress else ec2.revoke_security_group_ingress
        if self.find(aws, id_, state) is not None:
            call(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[id_])


def _permission(inputs: Props) -> dict[str, Any]:
    about = {"Description": inputs["description"]} if inputs.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    if inputs.get("fromPort") is not None:
        permission |= {"FromPort": inputs["fromPort"], "ToPort": inputs["toPort"]}
    if "cidrIpv4" in inputs:
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **about}]
    elif "prefixListId" in inputs:
        permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **about}]
    else:
        permission["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"], **about}]
    return permission


class SecurityGroupIngressRule(_Rule):
    """`aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule`."""

    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    egress = False


class SecurityGroupEgressRule(_Rule):
    """`aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule`."""

    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    egress = True


ENTITIES: Final[tuple[type[Entity], ...]] = (
    DefaultSecurityGroup,
    SecurityGroup,
    SecurityGroupEgressRule,
    SecurityGroupIngressRule,
)
