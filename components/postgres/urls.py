"""Connection strings (spec 3.1.2): libpq URIs that work as they are."""

from urllib.parse import quote

import pulumi

from components.postgres.cluster import Endpoint

__all__ = ["connection_url", "secret_url"]


def connection_url(*, user: str, password: str, endpoint: Endpoint, database: str, ca_file: str) -> str:
    """Return a URI that verifies the server's certificate and name; every part may hold any character."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    query = f"sslmode=verify-full&sslrootcert={quote(ca_file, safe='/')}"
    return f"postgresql://{login}@{host}:{endpoint.port}/{quote(database, safe='')}?{query}"


def secret_url(
    *, user: str, password: pulumi.Input[str], endpoint: Endpoint, database: str, ca_file: str
) -> pulumi.Output[str]:
    """Return the same for a password that arrives late, as a secret."""
    return pulumi.Output.secret(password).apply(
        lambda text: connection_url(user=user, password=text, endpoint=endpoint, database=database, ca_file=ca_file)
    )
