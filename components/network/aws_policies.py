"""Policies of the network, as pure functions: who may write its log, and what may pass through its endpoints."""

from typing import Any

__all__ = ["endpoint_policy", "flow_log_policy", "flow_log_trust"]

Policy = dict[str, Any]
_VERSION = "2012-10-17"


def endpoint_policy(service: str, account: str) -> Policy:
    """Return what may pass: this account's principals, and for storage and secrets this account's resources too.

    A principal cannot be named in the policy of an endpoint except by a condition, so it is `*` with one. Whoever
    takes a role by a web identity (a pod) is nobody yet, so there the role is what is held to the account.
    """
    of_account = {"aws:PrincipalAccount": account}
    if service in ("kms", "s3", "secretsmanager"):
        of_account |= {"aws:ResourceAccount": account}
    statements: list[Policy] = [
        {
            "Sid": "OwnPrincipals",
            "Effect": "Allow",
            "Principal": "*",
            "Action": f"{_PREFIXES.get(service, service)}:*",
            "Resource": "*",
            "Condition": {"StringEquals": of_account},
        }
    ]
    if service == "sts":
        statements.append(
            {
                "Sid": "OwnRolesByWebIdentity",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Resource": f"arn:aws:iam::{account}:role/*",
            }
        )
    return {"Version": _VERSION, "Statement": statements}


# The services whose actions are not called as the endpoint is.
_PREFIXES = {"monitoring": "cloudwatch"}


def flow_log_trust(account: str, region: str) -> Policy:
    """Return who may take the role of the flow log: the service, for this account's flow logs of this region."""
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Sid": "FlowLogs",
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:{account}:vpc-flow-log/*"},
                },
            }
        ],
    }


def flow_log_policy(group_arn: str) -> Policy:
    """Return what that role may do: write into the one log group."""
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Sid": "Write",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                "Resource": [group_arn, f"{group_arn}:*"],
            }
        ],
    }
