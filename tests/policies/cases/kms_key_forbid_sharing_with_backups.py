"""Cases of kms-key-forbid-sharing-with-backups: resource, property, value."""

from policies.values import UNKNOWN

VAULT = "Vault:fashion-wallet-vault"
RELATIONAL = "arn:aws:kms:eu-central-1:123456789012:key/mrk-relational"
FIRES: list[tuple[str, str, object]] = [
    (VAULT, "kmsKeyArn", RELATIONAL),
    (VAULT, "kmsKeyArn", "mrk-relational"),
    (VAULT, "kmsKeyArn", "arn:aws:kms:eu-west-1:123456789012:key/mrk-relational"),
]
PASSES: list[tuple[str, str, object]] = [(VAULT, "kmsKeyArn", "arn:aws:kms:eu-central-1:123456789012:key/another")]
CANNOT_TELL: list[tuple[str, str, object]] = [(VAULT, "kmsKeyArn", UNKNOWN)]
SAYS = [
    (
        VAULT,
        "kmsKeyArn",
        RELATIONAL,
        "Vault fashion-wallet-vault: kmsKeyArn is the key of relational too; allowed: a key for",
    )
]
FIRES += [
    (
        "BucketServerSideEncryptionConfiguration:dumps",
        "rules",
        [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": RELATIONAL},
                "bucketKeyEnabled": True,
            }
        ],
    )
]
