"""Roles and policies of the aws stand-in over the emulator: made, drifted, mended, changed, replaced, deleted."""

import json

import pytest

from plugins.base import ProviderError
from tests.fixtures.aws_standin import AwsPlugin, assert_as_declared


def _document(action: str, principal: str | None = None) -> str:
    statement: dict[str, object] = {"Effect": "Allow", "Action": action}
    statement |= {"Principal": {"Service": principal}} if principal else {"Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TRUST = _document("sts:AssumeRole", "backup.amazonaws.com")


def test_a_role_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST, description="a", tags={"a": "b"})
    assert role.id == role["name"] == "thing-0102030"
    assert role["arn"] == plugin.aws.arn("iam", f"role/{role.id}", region=False)
    assert "region" not in role.outputs
    assert_as_declared(role)
    iam = plugin.aws.client("iam")
    iam.update_assume_role_policy(RoleName=role.id, PolicyDocument=_document("sts:AssumeRole", "ec2.amazonaws.com"))
    iam.tag_role(RoleName=role.id, Tags=[{"Key": "stray", "Value": "1"}])
    assert role.mend() == ("assumeRolePolicy", "tags")
    role.update(description="b", maxSessionDuration=7200, tags={"c": "d"})
    assert_as_declared(role)
    found = iam.get_role(RoleName=role.id)["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("b", 7200)
    assert found["Tags"] == [{"Key": "c", "Value": "d"}]
    assert role.diff(path="/x/").replaces == ("path",)
    assert role.diff(path="/x/").delete_before_replace
    role.delete()


def test_the_spelling_of_a_document_is_no_drift(plugin: AwsPlugin) -> None:
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST)
    assert role.diff(assumeRolePolicy=json.dumps(json.loads(TRUST), indent=4)).changes == ()
    assert role["assumeRolePolicy"] == TRUST


def test_a_role_s_boundary_comes_and_goes(plugin: AwsPlugin) -> None:
    policy = plugin.create("iam.Policy", policy=_document("s3:GetObject"))
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST, permissionsBoundary=policy["arn"])
    assert_as_declared(role)
    role.update(permissionsBoundary=None)
    assert_as_declared(role)
    assert role["permissionsBoundary"] == ""


def test_a_role_with_foreign_policies_goes_only_when_told_so(plugin: AwsPlugin) -> None:
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST)
    iam = plugin.aws.client("iam")
    iam.put_role_policy(RoleName=role.id, PolicyName="foreign", PolicyDocument=_document("s3:GetObject"))
    with pytest.raises(ProviderError, match="cannot delete role thing-0102030: AWS answered DeleteConflict"):
        plugin.entity("iam.Role").delete(role.id, role.outputs, plugin.context())
    role.update(forceDetachPolicies=True)
    role.delete()


def test_a_policy_of_a_role_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST)
    policy = plugin.create("iam.RolePolicy", role=role.id, name="read", policy=_document("s3:GetObject"))
    assert policy.id == f"{role.id}:read"
    assert_as_declared(policy)
    iam = plugin.aws.client("iam")
    iam.put_role_policy(RoleName=role.id, PolicyName="read", PolicyDocument=_document("s3:*"))
    assert policy.mend() == ("policy",)
    policy.update(policy=_document("s3:ListBucket"))
    assert iam.get_role_policy(RoleName=role.id, PolicyName="read")["PolicyDocument"]["Statement"][0]["Action"] == (
        "s3:ListBucket"
    )
    assert policy.diff(role="other").replaces == ("role",)
    assert not policy.diff(role="other").delete_before_replace
    assert plugin.imported("iam.RolePolicy", policy.id)[0] == policy.declared
    policy.delete()


def test_a_policy_keeps_the_versions_that_iam_allows(plugin: AwsPlugin) -> None:
    policy = plugin.create("iam.Policy", name="read", description="a", policy=_document("s3:Get0"), tags={"a": "b"})
    assert policy.id == policy["arn"] == plugin.aws.arn("iam", "policy/read", region=False)
    assert_as_declared(policy)
    for number in range(1, 7):
        policy.update(policy=_document(f"s3:Get{number}"))
        assert_as_declared(policy)
    iam = plugin.aws.client("iam")
    assert len(iam.list_policy_versions(PolicyArn=policy.id)["Versions"]) == 5
    iam.delete_policy_version(PolicyArn=policy.id, VersionId="v3")
    iam.create_policy_version(PolicyArn=policy.id, PolicyDocument=_document("s3:*"), SetAsDefault=True)
    assert policy.mend() == ("policy",)
    policy.update(tags={})
    assert_as_declared(policy)
    assert policy.diff(description="b").replaces == ("description",)
    policy.delete()


def test_an_attachment_is_found_until_it_is_taken_away(plugin: AwsPlugin) -> None:
    role = plugin.create("iam.Role", assumeRolePolicy=TRUST)
    policy = plugin.create("iam.Policy", policy=_document("s3:GetObject"))
    made = plugin.create("iam.RolePolicyAttachment", role=role.id, policyArn=policy.id)
    assert made.id == f"{role.id}/{policy.id}"
    assert_as_declared(made)
    assert plugin.imported("iam.RolePolicyAttachment", made.id)[0] == made.declared
    assert made.diff(role="other").replaces == ("role",)
    made.update()
    plugin.aws.client("iam").detach_role_policy(RoleName=role.id, PolicyArn=policy.id)
    assert not made.refresh()
    made.delete()


def test_what_is_wrong_is_refused_by_name(plugin: AwsPlugin) -> None:
    assert plugin.refusals("iam.Role", assumeRolePolicy="not json") == [
        "assumeRolePolicy: got 'not json', allowed is text that is JSON"
    ]
    assert plugin.refusals("iam.Role", assumeRolePolicy=TRUST, maxSessionDuration=60) == [
        "maxSessionDuration: got 60, allowed is 3600 or more"
    ]
    refused = plugin.refusals("iam.Role", assumeRolePolicy=TRUST, inlinePolicies=[])
    assert refused[0].startswith("inlinePolicies: the stand-in does not support this property of aws:iam/role:Role")
    assert refused[0].endswith("Remove it, or install the official aws plugin")
