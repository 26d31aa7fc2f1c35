"""What the program reads of a resource and has not given itself: made up, but of the right shape. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["answer", "computed"]

_ACCOUNT = "123456789012"
_REGION = "eu-central-1"
_PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUf1\n-----END CERTIFICATE-----\n"

_COMPUTED: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "aws:rds/instance:Instance": lambda name: {
        "address": f"{name}.c1.eu-central-1.rds.amazonaws.com",
        "port": 5432,
        "resourceId": f"db-{name}",
        "identifier": name,
    },
    "aws:rds/proxy:Proxy": lambda name: {"endpoint": f"{name}.proxy-c1.eu-central-1.rds.amazonaws.com"},
    "aws:kms/key:Key": lambda name: {"keyId": name, "multiRegion": True},
    "aws:kms/replicaKey:ReplicaKey": lambda name: {"keyId": name},
    "aws:ec2/vpcEndpoint:VpcEndpoint": lambda name: {"prefixListId": f"pl-{name}"},
    "aws:s3/bucket:Bucket": lambda name: {"bucket": name, "bucketDomainName": f"{name}.s3.amazonaws.com"},
    "aws:secretsmanager/secretVersion:SecretVersion": lambda _name: {"versionId": "1"},
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": lambda name: {
        "outputs": {"RotationLambdaARN": f"arn:aws:lambda:{_REGION}:{_ACCOUNT}:function:{name}"}
    },
    "aws:ec2/vpc:Vpc": lambda _name: {"defaultSecurityGroupId": "sg-0", "mainRouteTableId": "rtb-0"},
    "mongodbatlas:index/cloudProviderAccessSetup:CloudProviderAccessSetup": lambda _name: {
        "roleId": "5f0c9f0e5d57b1a2c3d4e5f7",
        "awsConfigs": [
            {"atlasAwsAccountArn": "arn:aws:iam::536727724300:root", "atlasAssumedRoleExternalId": "external-id"}
        ],
    },
    "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint": lambda _name: {
        "privateLinkId": "link-id",
        "endpointServiceName": "com.amazonaws.vpce.eu-central-1.vpce-svc-1",
    },
    "mongodbatlas:index/advancedCluster:AdvancedCluster": lambda name: {
        "mongoDbVersion": "8.0.16",
        "clusterId": "5f0c9f0e5d57b1a2c3d4e5f8",
        "stateName": "IDLE",
        "connectionStrings": {
            "standard": f"mongodb://{name}.mongodb.net:27017/?replicaSet=atlas-set",
            "standardSrv": f"mongodb+srv://{name}.mongodb.net",
            "privateEndpoints": [
                {
                    "connectionString": f"mongodb://pl-0.{name}.mongodb.net:1024/?replicaSet=atlas-set",
                    "srvConnectionString": f"mongodb+srv://pl-0.{name}.mongodb.net",
                    "type": "MONGOD",
                    "endpoints": [{"endpointId": f"{name}-endpoint", "providerName": "AWS", "region": "EU_CENTRAL_1"}],
                }
            ],
        },
    },
    "kubernetes:core/v1:Service": lambda name: {
        "status": {"loadBalancer": {"ingress": [{"hostname": f"{name}.elb.eu-central-1.amazonaws.com"}]}}
    },
    "walletdb:index:RandomPassword": lambda name: {"result": f"made-up-{name}"},
    "walletdb:index:CertificateAuthority": lambda name: {
        "certPem": _PEM,
        "keyPem": f"made-up-{name}",
        "bundlePem": _PEM,
        "notAfter": "2036-01-01T00:00:00Z",
    },
    "walletdb:index:Certificate": lambda name: {
        "certPem": _PEM,
        "keyPem": f"made-up-{name}",
        "notAfter": "2027-01-01T00:00:00Z",
    },
}


def computed(token: str, name: str) -> dict[str, Any]:
    """Return what a provider would add to the inputs of a resource once it is made."""
    found: dict[str, Any] = {}
    if token.startswith("aws:"):
        service = token.removeprefix("aws:").partition("/")[0]
        found["arn"] = f"arn:aws:{service}:{_REGION}:{_ACCOUNT}:{name}"
        found["name"] = name
    make = _COMPUTED.get(token)
    return found if make is None else {**found, **make(name)}


def answer(token: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a function of a provider: its arguments, and a password where a secret is asked for."""
    if token == "aws:secretsmanager/getSecretVersion:getSecretVersion":
        return {**args, "secretString": '{"username": "made-up", "password": "made-up"}'}
    return dict(args)
