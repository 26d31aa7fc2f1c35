"""What a stack cannot give and why, as far as its settings say: the first part of the output `warnings`."""

import ipaddress
from collections.abc import Iterator

from settings import Settings

__all__ = ["notices"]

WANTED_REPLICAS = 2  # spec 7.1.1


def notices(settings: Settings, directory: str) -> list[str]:
    """Return a sentence for each shortcoming that follows from the settings of a local stack."""
    return list(_notices(settings, directory))


def _notices(settings: Settings, directory: str) -> Iterator[str]:
    yield (
        "data files are not encrypted: neither PostgreSQL nor MongoDB's community server can do it (ruling on spec "
        "6.2.1); "
        f"put {directory} on an encrypted volume"
    )
    yield "etcd is one node on one machine: while it is down nobody is promoted, though the primary goes on serving"
    if not settings.protect:
        yield "stateful resources are not protected: a destroy deletes the data (fashion-wallet:protect is false)"
    postgres = settings.postgres
    if postgres.replicas < WANTED_REPLICAS:
        yield f"postgres: {postgres.replicas} replicas, and spec 7.1.1 wants {WANTED_REPLICAS} or more"
    for name, cluster in (("postgres", postgres), ("timescale", settings.timescale)):
        if cluster.replicas and not cluster.synchronous_standbys:
            yield f"{name}: no synchronous standby, so a failover can lose commits that were acknowledged"
    if settings.mongodb.arbiter:
        yield "mongodb: two members and an arbiter; while one of the two is down, a write waits for it in vain"
    yield (
        "mongodb: the master key of encrypted fields is a secret of this stack, kept with its state, and not in a key "
        "management service"
    )
    if settings.tls.minimum_version != "TLSv1.3":
        yield f"servers accept {settings.tls.minimum_version}, and spec 6.2.1 wants TLSv1.3"
    if not ipaddress.ip_address(settings.local.listen_address).is_loopback:
        yield f"servers listen on {settings.local.listen_address}, which other machines can reach"
