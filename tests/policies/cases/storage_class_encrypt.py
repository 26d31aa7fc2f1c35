"""Cases of storage-class-encrypt: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("StorageClass:timeseries", "parameters.encrypted")
FIRES += [("StorageClass:timeseries", "parameters.kmsKeyId", bad) for bad in (UNSET, "", 0)]
FIRES += [("StorageClass:timeseries", "parameters", bad) for bad in (UNSET, {}, "")]
CANNOT_TELL += [
    ("StorageClass:timeseries", "parameters", UNKNOWN),
    ("StorageClass:timeseries", "parameters.kmsKeyId", UNKNOWN),
]
