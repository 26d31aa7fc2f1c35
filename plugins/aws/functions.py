"""Functions of the provider (`aws.get_…`): who is calling, the partition, the value of a secret."""

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from plugins.aws.clients import Aws, text_of
from plugins.base import Context, Invoke, Props, ProviderError

__all__ = ["INVOKES", "SECRET_ANSWERS"]

SECRET_ANSWERS: Final = frozenset({"secretString", "secretBinary"})


def _caller_identity(args: Props, ctx: Context) -> Props:
    _only(args, "id")
    aws: Aws = ctx.config["aws"]
    return {"accountId": aws.account_id, "arn": aws.caller_arn, "id": aws.account_id, "userId": aws.user_id}


def _partition(args: Props, ctx: Context) -> Props:  # noqa: ARG001  (the shape of a function)
    _only(args, "id")
    return {"dnsSuffix": "amazonaws.com", "id": "aws", "partition": "aws", "reverseDnsPrefix": "com.amazonaws"}


def _secret_version(args: Props, ctx: Context) -> Props:
    _only(args, "secretId", "versionId", "versionStage", "region")
    aws: Aws = ctx.config["aws"].at(args.get("region"))
    by = {"VersionId": args.get("versionId"), "VersionStage": args.get("versionStage")}
    try:
        found = aws.client("secretsmanager").get_secret_value(
            SecretId=args["secretId"], **{name: value for name, value in by.items() if value}
        )
    except (BotoCoreError, ClientError) as error:
        raise ProviderError(f"cannot read the secret {args['secretId']}: {text_of(error)}") from None
    stage = args.get("versionStage") or "AWSCURRENT"
    return {
        "arn": found["ARN"],
        "createdDate": found["CreatedDate"].isoformat(),
        "id": f"{args['secretId']}|{args.get('versionId') or stage}",
        "region": aws.region,
        "secretArn": found["ARN"],
        "secretBinary": "",
        "secretId": args["secretId"],
        "secretString": found.get("SecretString", ""),
        "versionId": found["VersionId"],
        "versionStage": stage,
        "versionStages": found.get("VersionStages", []),
    }


def _only(args: Props, *names: str) -> None:
    extra = sorted(name for name, value in args.items() if name not in names and value is not None)
    if extra:
        raise ProviderError(f"{extra[0]}: the stand-in does not support this argument (it has: {', '.join(names)})")


INVOKES: Final[Mapping[str, Invoke]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": _secret_version,
}
