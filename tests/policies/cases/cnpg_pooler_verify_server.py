"""Cases of cnpg-pooler-verify-server: resource, property, value."""

from tests.policies.tables import table

PATH = "spec.pgbouncer.parameters.server_tls_sslmode"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "Pooler:pooler",
    PATH,
    bad=["require", *["allow", "disable", "", 0]],
    good=["verify-ca", "verify-full"],
    says=("require", "require; allowed: verify-ca or verify-full or unset."),
    unset=True,
)
LIMITS = [("allowedModes", ["require", *["verify-ca", "verify-full"]], ("Pooler:pooler", PATH, "require"))]
