"""What RDS may do in the account on the databases' behalf: policies as text, nothing of Pulumi."""

import json

__all__ = ["MONITORING_POLICY", "assume", "read_secrets"]

MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
"""AWS's own: writes the log group RDSOSMetrics, nothing else."""


def assume(service: str, account_id: str) -> str:
    """Return who may take a role: one service, on behalf of this account and no other."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def read_secrets(secret_arns: list[str], key_arn: str, region: str) -> str:
    """Return the right to read these secrets, and to decrypt them where Secrets Manager asks for it."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "ReadPasswords",
                    "Effect": "Allow",
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": sorted(secret_arns),
                },
                {
                    "Sid": "DecryptPasswords",
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
                },
            ],
        }
    )
