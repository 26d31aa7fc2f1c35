"""Secrets, their rotation, and RDS Proxy, which logs in with them, of the aws stand-in."""

import json
from pathlib import Path

import pytest

from plugins.base import UNKNOWN, ProviderError
from tests.fixtures.aws_standin import AwsMade, AwsPlugin, assert_as_declared

APPLICATION = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
LOGIN = {"engine": "postgres", "username": "u", "password": "made up"}
APPLICATION_INPUTS: dict[str, object] = {
    "applicationId": APPLICATION,
    "capabilities": ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
    "parameters": {"endpoint": "https://secretsmanager.eu-central-1.amazonaws.com", "functionName": "rotate"},
}


@pytest.fixture
def secret(plugin: AwsPlugin) -> AwsMade:
    return plugin.create("secretsmanager.Secret", name="fw/prod/postgres/u", tags={"a": "b"})


@pytest.fixture
def version(plugin: AwsPlugin, secret: AwsMade) -> AwsMade:
    return plugin.create("secretsmanager.SecretVersion", secretId=secret.id, secretString=json.dumps(LOGIN))


def test_a_secret_has_a_key_and_copies(plugin: AwsPlugin) -> None:
    key = plugin.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    there = AwsPlugin(region="eu-west-1").aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    copies = [{"region": "eu-west-1", "kmsKeyId": there}]
    secret = plugin.create("secretsmanager.Secret", name="s", kmsKeyId=key, replicas=copies, recoveryWindowInDays=7)
    assert_as_declared(secret)
    assert secret["replicas"] == copies
    secret.update(description="another", replicas=[], tags={"c": "d"})
    assert_as_declared(secret)
    secret.update(replicas=copies)
    assert_as_declared(secret)
    secret.delete()


def test_a_version_stays_what_it_is_whatever_came_after_it(plugin: AwsPlugin, version: AwsMade) -> None:
    assert_as_declared(version)
    assert "secretString" in plugin.entity("secretsmanager.SecretVersion").secrets
    secrets = plugin.aws.client("secretsmanager")
    secrets.put_secret_value(SecretId=version["arn"], SecretString=json.dumps({**LOGIN, "password": "rotated"}))
    assert version.refresh()
    assert json.loads(version["secretString"]) == LOGIN
    assert version.diff().changes == ()
    assert version.diff(secretString="{}").replaces == ("secretString",)
    version.plugin.entity(version.kind).delete(version.id, version.outputs, plugin.context())
    assert json.loads(secrets.get_secret_value(SecretId=version["arn"])["SecretString"])["password"] == "rotated"


def test_a_policy_is_compared_as_json_and_may_not_let_everybody_in(plugin: AwsPlugin, secret: AwsMade) -> None:
    statement = {"Sid": "S", "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue"}
    policy = plugin.create("secretsmanager.SecretPolicy", secretArn=secret.id, policy=json.dumps([statement][0]))
    assert_as_declared(policy)
    policy.update(policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2))
    assert_as_declared(policy)
    allowing = json.dumps({"Statement": [{**statement, "Effect": "Allow"}]})
    (reason,) = plugin.refusals(
        "secretsmanager.SecretPolicy", secretArn=secret.id, policy=allowing, blockPublicPolicy=True
    )
    assert "allows everybody" in reason
    policy.delete()


@pytest.mark.parametrize(
    "kind,wrong,words",
    [
        ("Secret", {"recoveryWindowInDays": 3}, "allowed are 0 and 7 to 30"),
        ("Secret", {"replicas": [{"region": "eu-central-1"}]}, "own region"),
        ("Secret", {"policy": "{}"}, "does not support this property"),
        ("SecretVersion", {"secretId": "s"}, "secretString: missing"),
        ("SecretRotation", {"secretId": "s", "rotationLambdaArn": "a", "rotationRules": {}}, "either"),
        (
            "SecretRotation",
            {"secretId": "s", "rotationLambdaArn": "a", "rotationRules": {"automaticallyAfterDays": 0}},
            "1 or more",
        ),
    ],
)
def test_what_the_service_would_refuse(plugin: AwsPlugin, kind: str, wrong: dict[str, object], words: str) -> None:
    assert any(words in reason for reason in plugin.refusals(f"secretsmanager.{kind}", **wrong))


def test_a_rotation_is_of_a_secret_that_has_a_value(plugin: AwsPlugin, secret: AwsMade) -> None:
    function = plugin.create("serverlessrepository.CloudFormationStack", **APPLICATION_INPUTS)
    assert function["outputs"]["RotationLambdaARN"].endswith(":function:rotate")
    assert_as_declared(function)
    wanted = {
        "secretId": secret.id,
        "rotationLambdaArn": function["outputs"]["RotationLambdaARN"],
        "rotationRules": {"automaticallyAfterDays": 30},
        "rotateImmediately": False,
    }
    with pytest.raises(ProviderError, match="has no value to rotate"):
        plugin.create("secretsmanager.SecretRotation", **wanted)
    plugin.create("secretsmanager.SecretVersion", secretId=secret.id, secretString="{}")
    rotation = plugin.create("secretsmanager.SecretRotation", **wanted)
    assert_as_declared(rotation)
    rotation.update(rotationRules={"automaticallyAfterDays": 60})
    assert_as_declared(rotation)
    rotation.delete()
    function.delete()


@pytest.mark.parametrize(
    "wrong,words",
    [
        ({"applicationId": "arn:aws:serverlessrepo:us-east-1:1:applications/x"}, "the stand-in knows"),
        ({"capabilities": ["CAPABILITY_IAM"]}, "needs CAPABILITY_RESOURCE_POLICY"),
        ({"parameters": {"endpoint": "e"}}, "functionName: missing"),
        ({"parameters": {"endpoint": "e", "functionName": "f" * 65}}, "allowed are 64"),
        ({"parameters": {"endpoint": "e", "functionName": "f", "vpc": "v"}}, "no such parameter"),
        ({"parameters": {"endpoint": "e", "functionName": "f", "vpcSubnetIds": "s"}}, "set both or neither"),
    ],
)
def test_an_application_that_would_not_deploy(plugin: AwsPlugin, wrong: dict[str, object], words: str) -> None:
    reasons = plugin.refusals("serverlessrepository.CloudFormationStack", **{**APPLICATION_INPUTS, **wrong})
    assert any(words in reason for reason in reasons), reasons


@pytest.fixture
def proxy_inputs(plugin: AwsPlugin, version: AwsMade, tmp_path: Path) -> dict[str, object]:
    told = {"postgres": {"primary": "127.1.0.1", "replicas": [], "proxy": "127.1.0.9"}}
    (tmp_path / "servers.json").write_text(json.dumps(told), encoding="utf-8")
    role = plugin.create("iam.Role", name="reader", assumeRolePolicy='{"Statement": []}')
    subnets = plugin.aws.client("ec2").describe_subnets()["Subnets"]
    return {
        "name": "pool",
        "engineFamily": "POSTGRESQL",
        "requireTls": True,
        "roleArn": role["arn"],
        "vpcSubnetIds": [one["SubnetId"] for one in subnets],
        "auths": [{"authScheme": "SECRETS", "secretArn": version["arn"], "iamAuth": "DISABLED"}],
        "idleClientTimeout": 3600,
        "tags": {"a": "b"},
    }


def test_a_proxy_is_the_real_pooler_s_and_pools_to_the_primary(
    plugin: AwsPlugin, proxy_inputs: dict[str, object]
) -> None:
    proxy = plugin.create("rds.Proxy", **proxy_inputs)
    assert proxy["endpoint"] == "127.1.0.9"
    assert_as_declared(proxy)
    proxy.update(idleClientTimeout=60, tags={"c": "d"})
    assert_as_declared(proxy)
    limits = {"maxConnectionsPercent": 95, "maxIdleConnectionsPercent": 10, "connectionBorrowTimeout": 30}
    pool = plugin.create("rds.ProxyDefaultTargetGroup", dbProxyName="pool", connectionPoolConfig=limits)
    assert (pool["name"], pool["connectionPoolConfig"]) == ("default", limits)
    assert_as_declared(pool)
    pool.update(connectionPoolConfig={**limits, "maxConnectionsPercent": 90})
    assert_as_declared(pool)
    target = {"dbProxyName": "pool", "targetGroupName": "default", "dbInstanceIdentifier": "one"}
    with pytest.raises(ProviderError, match="no instance one"):
        plugin.create("rds.ProxyTarget", **target)
    rds = plugin.aws.client("rds")
    login = {"MasterUsername": "m", "MasterUserPassword": "made-up-1", "AllocatedStorage": 20}
    rds.create_db_instance(DBInstanceIdentifier="one", Engine="postgres", DBInstanceClass="db.r6g.large", **login)
    made = plugin.create("rds.ProxyTarget", **target)
    assert_as_declared(made)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="two", SourceDBInstanceIdentifier="one")
    with pytest.raises(ProviderError, match="takes primaries only"):
        plugin.create("rds.ProxyTarget", **{**target, "dbInstanceIdentifier": "two"})
    made.delete()
    proxy.delete()
    assert not pool.refresh()


def test_a_proxy_that_could_let_nobody_in(plugin: AwsPlugin, proxy_inputs: dict[str, object], secret: AwsMade) -> None:
    with pytest.raises(ProviderError, match="no role nobody"):
        plugin.create("rds.Proxy", **{**proxy_inputs, "roleArn": "arn:aws:iam::1:role/nobody"})
    plugin.aws.client("secretsmanager").put_secret_value(SecretId=secret.id, SecretString='{"username": "u"}')
    with pytest.raises(ProviderError, match="holds no password"):
        plugin.create("rds.Proxy", **proxy_inputs)
    kind = {"auths": [{"secretArn": "a", "clientPasswordAuthType": "MYSQL_NATIVE_PASSWORD"}]}
    assert "not of PostgreSQL" in plugin.refusals("rds.Proxy", **{**proxy_inputs, **kind})[0]
    assert plugin.refusals("rds.Proxy", **{**proxy_inputs, "auths": UNKNOWN}) == []
    config = {"maxConnectionsPercent": 10, "maxIdleConnectionsPercent": 11}
    assert plugin.refusals("rds.ProxyDefaultTargetGroup", dbProxyName="p", connectionPoolConfig=config)
