"""Cases of storage-class-retain: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.names import key
from tests.policies.tables import table

CLASS = "StorageClass:timeseries"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    CLASS, "reclaimPolicy", bad=["Delete", "", 0], good=["Retain"], says=("Delete", "Delete; allowed: Retain.")
)
LIMITS = [("allowed", ["Retain", "Delete"], (CLASS, "reclaimPolicy", "Delete"))]
SCRATCH = {
    "metadata": {"name": "scratch"},
    "reclaimPolicy": "Delete",
    "provisioner": "ebs.csi.aws.com",
    "parameters": {"encrypted": "true", "kmsKeyId": key("timeseries")},
}
PASSES += [("StorageClass:scratch", "", SCRATCH)]
CANNOT_TELL += [("StorageClass:scratch", "", {**SCRATCH, "metadata": UNKNOWN})]
