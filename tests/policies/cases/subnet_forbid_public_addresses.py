"""Cases of subnet-forbid-public-addresses: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Subnet:network-a", "mapPublicIpOnLaunch")
