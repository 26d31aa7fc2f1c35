"""Cases of atlas-encryption-use-role: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("EncryptionAtRest:mongodb", "awsKmsConfig.enabled")
FIRES += [("EncryptionAtRest:mongodb", "awsKmsConfig.roleId", bad) for bad in (UNSET, "", 0)]
FIRES += [("EncryptionAtRest:mongodb", "awsKmsConfig.customerMasterKeyId", bad) for bad in (UNSET, "", 0)]
FIRES += [
    ("EncryptionAtRest:mongodb", f"awsKmsConfig.{name}", secret("x")) for name in ("accessKeyId", "secretAccessKey")
]
FIRES += [("EncryptionAtRest:mongodb", "awsKmsConfig", bad) for bad in (UNSET, {}, "")]
PASSES += [("EncryptionAtRest:mongodb", "awsKmsConfig.accessKeyId", "")]
CANNOT_TELL += [
    ("EncryptionAtRest:mongodb", "awsKmsConfig", UNKNOWN),
    ("EncryptionAtRest:mongodb", "awsKmsConfig.roleId", UNKNOWN),
]
