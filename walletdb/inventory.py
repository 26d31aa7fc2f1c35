"""The parts of the report beside the clusters: etcd, processes, certificates, versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from walletdb import config as cfg
from walletdb import report as rep
from walletdb.assemble import ClusterAnswers, tls_of
from walletdb.assemble_mongodb import SetAnswers
from walletdb.deadline import Found
from walletdb.probes.certificates import from_disk, from_wire
from walletdb.probes.etcd import EtcdView
from walletdb.probes.supervisor import ProcessView
from walletdb.tls import Peer

__all__ = ["certificates_report", "etcd_report", "processes_report", "versions_of"]

EtcdAnswers = Sequence[tuple[cfg.EtcdServer, Found[tuple[EtcdView, Peer]]]]


def etcd_report(server: cfg.EtcdServer, found: Found[tuple[EtcdView, Peer]]) -> rep.Etcd:
    """One etcd server."""
    view, peer = found.value or (None, None)
    return rep.Etcd(
        name=server.name,
        endpoint=server.endpoint,
        error=found.error,
        healthy=view.healthy if view else None,
        is_leader=view.is_leader if view else None,
        version=view.version if view else None,
        database_bytes=view.database_bytes if view else None,
        tls=tls_of(peer),
        latency_ms=peer.latency_ms if peer else None,
    )


def processes_report(found: Found[tuple[ProcessView, ...]] | None) -> rep.Processes:
    """What the supervisor said; `found` None: this stack has no supervisor."""
    if found is None:
        return rep.Processes(error=None, denied=False, items=())
    items = tuple(
        rep.Process(name=view.name, state=view.state, pid=view.pid, uptime_s=view.uptime_s, note=view.note)
        for view in found.value or ()
    )
    return rep.Processes(error=found.error, denied=found.denied, items=items)


def certificates_report(
    config: cfg.Config,
    clusters: Iterable[ClusterAnswers],
    sets: Iterable[SetAnswers],
    etcd: EtcdAnswers,
    now: dt.datetime,
) -> tuple[rep.Certificate, ...]:
    """Certificates on disk and as servers show them, each once for each source, the soonest to expire first."""
    found = [from_disk("ca", config.ca_file, now)]
    found += [from_disk(file.name, file.path, now) for file in config.certificates]
    shown: dict[str, rep.Certificate] = {}
    for name, where, peer in (*_peers(clusters), *_set_peers(sets), *_etcd_peers(etcd)):
        shown.setdefault(peer.certificate.fingerprint, from_wire(name, where, peer.certificate, now))
    return tuple(sorted([*found, *shown.values()], key=lambda one: (one.not_after or "", one.source, one.name)))


def versions_of(report: rep.Report, installed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Program → versions; those in `installed` were asked from the program on disk, not from the one that runs."""
    members = [member for cluster in report.clusters for member in cluster.members]
    seen = {
        "postgresql": {member.version for member in members},
        "patroni": {member.patroni_version for member in members},
        "mongodb": {member.version for replica_set in report.replica_sets for member in replica_set.members},
        "etcd": {server.version for server in report.etcd},
    }
    running = {name: tuple(sorted(version for version in versions if version)) for name, versions in seen.items()}
    return {name: versions for name, versions in running.items() if versions} | {
        name: (f"{version} (installed)",) for name, version in installed.items()
    }


def _peers(clusters: Iterable[ClusterAnswers]) -> Iterator[tuple[str, str, Peer]]:
    for answers in clusters:
        cluster = answers.cluster
        for member in answers.members:
            name = f"{cluster.name}/{member.member.name}"
            if member.sql.value:
                yield name, str(member.member.address), member.sql.value[1]
            if member.rest.value:
                yield f"{name}/rest", member.member.rest_url.removeprefix("https://"), member.rest.value[1]
        for part, listener, found in (
            ("writer", cluster.writer, answers.writer),
            ("reader", cluster.reader, answers.reader),
        ):
            if found.value:
                yield f"{cluster.name}/{part}", str(listener), found.value[1]
        if answers.pooler and answers.pooler.value:
            yield f"{cluster.name}/pooler", str(cluster.pooler), answers.pooler.value[1]


def _set_peers(sets: Iterable[SetAnswers]) -> Iterator[tuple[str, str, Peer]]:
    for answers in sets:
        for member in answers.members:
            if member.peer:
                yield f"{answers.replica_set.name}/{member.member.name}", str(member.member.address), member.peer


def _etcd_peers(etcd: EtcdAnswers) -> Iterator[tuple[str, str, Peer]]:
    for server, found in etcd:
        if found.value:
            yield f"etcd/{server.name}", server.endpoint.removeprefix("https://"), found.value[1]
