"""IAM: roles, their inline policies, policies of their own, and what attaches those to roles."""

import json
from collections.abc import Callable
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import Context, Props
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Policy", "Role", "RolePolicy", "RolePolicyAttachment"]

_GONE: Final = "NoSuchEntity"
_MOST_VERSIONS: Final = 5  # of a policy, that IAM keeps
_NAME: Final = Field(kind="text", replaces=True)
_PATH: Final = Field(kind="text", default="/", replaces=True)


def _document(value: Any) -> str:
    """Return a policy as text: clients have it parsed already."""
    return value if isinstance(value, str) else json.dumps(value)


class Role(Entity):
    """`aws:iam/role:Role`. Its id is its name."""

    token = "aws:iam/role:Role"
    noun = "role"
    autonamed = "name"
    global_service = True
    fields: ClassVar[Fields] = {
        "assumeRolePolicy": Field(kind="json", required=True),
        "description": Field(kind="text", unset=""),
        "forceDetachPolicies": Field(kind="flag", default=False, local=True),
        "maxSessionDuration": Field(kind="number", default=3600, least=3600, most=43200),
        "name": _NAME,
        "path": _PATH,
        "permissionsBoundary": Field(kind="text", unset=""),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "createDate": "text", "uniqueId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the role."""
        boundary = {"PermissionsBoundary": inputs["permissionsBoundary"]} if inputs.get("permissionsBoundary") else {}
        made = aws.client("iam").create_role(
            RoleName=inputs["name"],
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs["maxSessionDuration"],
            Tags=as_list(inputs.get("tags")),
            **boundary,
        )
        return made["Role"]["RoleName"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the role and its tags."""
        iam = aws.client("iam")
        answer = unless_gone(lambda: iam.get_role(RoleName=id_), _GONE)
        if answer is None:
            return None
        role = answer["Role"]
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
            "createDate": role["CreateDate"].isoformat(),
            "description": role.get("Description") or "",
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            "name": role["RoleName"],
            "path": role["Path"],
            "permissionsBoundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
            "tags": as_map(role.get("Tags")),
            "uniqueId": role["RoleId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change who may take the role, its limits and its tags."""
        iam = aws.client("iam")
        iam.update_assume_role_policy(RoleName=id_, PolicyDocument=news["assumeRolePolicy"])
        iam.update_role(
            RoleName=id_, Description=news.get("description", ""), MaxSessionDuration=news["maxSessionDuration"]
        )
        if news.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=news["permissionsBoundary"])
        elif state.get("permissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=id_)
        _retag(id_, "RoleName", state, news, iam.tag_role, iam.untag_role)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the role; with policies that others attached only where `forceDetachPolicies` says so."""
        iam = aws.client("iam")
        if state.get("forceDetachPolicies") and unless_gone(lambda: iam.get_role(RoleName=id_), _GONE):
            for policy in iam.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=id_, PolicyArn=policy["PolicyArn"])
            for inline in iam.list_role_policies(RoleName=id_)["PolicyNames"]:
                iam.delete_role_policy(RoleName=id_, PolicyName=inline)
        unless_gone(lambda: iam.delete_role(RoleName=id_), _GONE)


class RolePolicy(Entity):
    """`aws:iam/rolePolicy:RolePolicy`. Its id is `ROLE:NAME`."""

    token = "aws:iam/rolePolicy:RolePolicy"
    noun = "policy of a role"
    autonamed = "name"
    global_service = True
    fields: ClassVar[Fields] = {
        "name": _NAME,
        "policy": Field(kind="json", required=True),
        "role": Field(kind="text", required=True, replaces=True),
    }

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the policy."""
        self._put(aws, inputs["role"], inputs["name"], inputs["policy"])
        return f"{inputs['role']}:{inputs['name']}", {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the policy."""
        role, _, name = id_.partition(":")
        iam = aws.client("iam")
        answer = unless_gone(lambda: iam.get_role_policy(RoleName=role, PolicyName=name), _GONE)
        if answer is None:
            return None
        return {"role": role, "name": name, "policy": _document(answer["PolicyDocument"])}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the new policy over it."""
        self._put(aws, news["role"], news["name"], news["policy"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the policy."""
        role, _, name = id_.partition(":")
        iam = aws.client("iam")
        unless_gone(lambda: iam.delete_role_policy(RoleName=role, PolicyName=name), _GONE)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash where role and name are the same."""
        return super().clashes(old, new) and old.get("role") == new.get("role")

    def _put(self, aws: Aws, role: str, name: str, policy: str) -> None:
        aws.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


class Policy(Entity):
    """`aws:iam/policy:Policy`. Its id is its ARN; a change is a new default version."""

    token = "aws:iam/policy:Policy"
    noun = "policy"
    autonamed = "name"
    global_service = True
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", replaces=True),
        "name": _NAME,
        "path": _PATH,
        "policy": Field(kind="json", required=True),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "policyId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the policy."""
        made = aws.client("iam").create_policy(
            PolicyName=inputs["name"],
            Path=inputs["path"],
            PolicyDocument=inputs["policy"],
            Description=inputs.get("description", ""),
            Tags=as_list(inputs.get("tags")),
        )
        return made["Policy"]["Arn"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the policy and its default version."""
        iam = aws.client("iam")
        answer = unless_gone(lambda: iam.get_policy(PolicyArn=id_), _GONE)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = iam.get_policy_version(PolicyArn=id_, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        return {
            "arn": policy["Arn"],
            "description": policy.get("Description") or wanted.get("description"),
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": _document(version["Document"]),
            "policyId": policy["PolicyId"],
            "tags": as_map(policy.get("Tags")),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Make a new default version, after the oldest where there are as many as IAM keeps."""
        iam = aws.client("iam")
        found = self.find(aws, id_, news)
        if found is None or json.loads(found["policy"]) != json.loads(news["policy"]):
            versions = iam.list_policy_versions(PolicyArn=id_)["Versions"]
            if len(versions) >= _MOST_VERSIONS:
                oldest = min(
                    (one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"]
                )
                iam.delete_policy_version(PolicyArn=id_, VersionId=oldest["VersionId"])
            iam.create_policy_version(PolicyArn=id_, PolicyDocument=news["policy"], SetAsDefault=True)
        _retag(id_, "PolicyArn", state, news, iam.tag_policy, iam.untag_policy)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the policy with its older versions."""
        iam = aws.client("iam")
        answer = unless_gone(lambda: iam.list_policy_versions(PolicyArn=id_), _GONE)
        if answer is None:
            return
        for version in answer["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=id_, VersionId=version["VersionId"])
        unless_gone(lambda: iam.delete_policy(PolicyArn=id_), _GONE)


class RolePolicyAttachment(Entity):
    """`aws:iam/rolePolicyAttachment:RolePolicyAttachment`. Its id is `ROLE/ARN`; every change replaces it."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    noun = "attachment of a policy"
    global_service = True
    fields: ClassVar[Fields] = {
        "policyArn": Field(kind="text", required=True, replaces=True),
        "role": Field(kind="text", required=True, replaces=True),
    }

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Attach the policy."""
        aws.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}", {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Look for the policy among those of the role."""
        role, _, policy = id_.partition("/")
        iam = aws.client("iam")
        answer = unless_gone(lambda: iam.list_attached_role_policies(RoleName=role), _GONE)
        attached = [one["PolicyArn"] for one in (answer or {}).get("AttachedPolicies", [])]
        return {"role": role, "policyArn": policy} if policy in attached else None

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Attach again, after an attempt that broke off."""
        aws.client("iam").attach_role_policy(RoleName=news["role"], PolicyArn=news["policyArn"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Detach the policy."""
        role, _, policy = id_.partition("/")
        iam = aws.client("iam")
        unless_gone(lambda: iam.detach_role_policy(RoleName=role, PolicyArn=policy), _GONE)


def _retag(
    id_: str, key: str, state: Props, news: Props, tag: Callable[..., object], untag: Callable[..., object]
) -> None:
    put, gone = changes(state.get("tags"), news.get("tags"))
    if put:
        tag(**{key: id_}, Tags=as_list(put))
    if gone:
        untag(**{key: id_}, TagKeys=gone)


ENTITIES: Final[tuple[type[Entity], ...]] = (Policy, Role, RolePolicy, RolePolicyAttachment)
