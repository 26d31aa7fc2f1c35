"""Cases of storage-class-retain: resource, property, value."""

from tests.policies.tables import table

CLASS = "StorageClass:timeseries"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    CLASS, "reclaimPolicy", bad=["Delete", "", 0], good=["Retain"], says=("Delete", "Delete; allowed: Retain.")
)
LIMITS = [("allowed", ["Retain", "Delete"], (CLASS, "reclaimPolicy", "Delete"))]
