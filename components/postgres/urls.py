"""Connection strings (spec 3.1.2): libpq URIs that work as they are."""

from urllib.parse import quote

import pulumi

from components.postgres.cluster import Endpoint

__all__ = ["connection_url", "secret_url"]


def connection_url(
    *,
    user: str,
    password: str,
    host: str,
    port: int,
    database: str,
    ca_file: str,
    minimum_tls_version: str | None = None,
) -> str:
    """Return a URI that verifies the server's certificate and name; every part may hold any character.

    `host` may be several with commas between. `minimum_tls_version` has the client insist on it, where a server that is
    run by others would accept less.
    """
    hosts = ",".join(f"{_bracketed(one)}:{port}" for one in host.split(","))
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    query = f"sslmode=verify-full&sslrootcert={quote(ca_file, safe='/')}"
    if minimum_tls_version is not None:
        query += f"&ssl_min_protocol_version={minimum_tls_version}"
    return f"postgresql://{login}@{hosts}/{quote(database, safe='')}?{query}"


def secret_url(
    *,
    user: str,
    password: pulumi.Input[str],
    endpoint: Endpoint,
    database: str,
    ca_file: str,
    minimum_tls_version: str | None = None,
) -> pulumi.Output[str]:
    """Return the same for parts that arrive late, as a secret."""
    late = pulumi.Output.all(pulumi.Output.secret(password), endpoint.host, endpoint.port)
    return late.apply(
        lambda parts: connection_url(
            user=user,
            password=parts[0],
            host=parts[1],
            port=int(parts[2]),
            database=database,
            ca_file=ca_file,
            minimum_tls_version=minimum_tls_version,
        )
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
