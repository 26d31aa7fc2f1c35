"""Ask all servers of a stack at once and put their answers into a report."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from walletdb import config as cfg
from walletdb import report as rep
from walletdb.assemble import ClusterAnswers, MemberAnswers, cluster_report, leader_of
from walletdb.assemble_mongodb import MemberAnswers as SetMemberAnswers
from walletdb.assemble_mongodb import SetAnswers, replica_set_report
from walletdb.collect_mongodb import CatchUpJobs, SetJobs
from walletdb.deadline import Job, run_all
from walletdb.inventory import certificates_report, etcd_report, processes_report, versions_of
from walletdb.probes import etcd, patroni, pooler, postgres, programs, storage, supervisor
from walletdb.tls import Identity
from walletdb.verdict import find_problems, verdict_of

__all__ = ["DEFAULT_DEADLINE_S", "collect"]

DEFAULT_DEADLINE_S = 3.0
_WAIT_SHARE = 0.8
"""Part of a deadline that may be spent on waiting for a replica; the rest is for connecting to it."""
_PROGRAMS = (("haproxy", "-v"), ("pgbouncer", "--version"))


class _MemberJobs:
    def __init__(self, member: cfg.Member, identity: Identity) -> None:
        self.member = member
        self.sql = Job(functools.partial(postgres.server, member.address, identity))
        self.rest = Job(functools.partial(patroni.node, member, identity))
        self.view = Job(functools.partial(patroni.cluster, member, identity))

    def answers(self) -> MemberAnswers:
        return MemberAnswers(member=self.member, sql=self.sql.found, rest=self.rest.found, view=self.view.found)


class _ClusterJobs:
    def __init__(self, cluster: cfg.Cluster, identity: Identity) -> None:
        self.cluster = cluster
        self.members = [_MemberJobs(member, identity) for member in cluster.members]
        self.writer = Job(functools.partial(postgres.endpoint, cluster.writer, cluster.database, identity))
        self.reader = Job(functools.partial(postgres.endpoint, cluster.reader, cluster.database, identity))
        self.pooler = cluster.pooler and Job(
            functools.partial(pooler.probe, cluster.pooler, cluster.database, identity)
        )

    def jobs(self) -> Iterator[Job[Any]]:
        for member in self.members:
            yield from (member.sql, member.rest, member.view)
        yield self.writer
        yield self.reader
        if self.pooler:
            yield self.pooler

    def answers(self) -> ClusterAnswers:
        return ClusterAnswers(
            cluster=self.cluster,
            members=tuple(member.answers() for member in self.members),
            writer=self.writer.found,
            reader=self.reader.found,
            pooler=self.pooler.found if self.pooler else None,
        )


def collect(config: cfg.Config, config_file: Path, seconds: float = DEFAULT_DEADLINE_S) -> rep.Report:
    """Ask everything, each probe within `seconds`; what does not answer is in the report with the reason.

    Takes as long as the slowest probe, and once more up to the lag limit where a replica is behind.

    Raises:
        ConfigError: the CA or the client certificate cannot be used.
    """
    identity = Identity.load(config)
    began, now = time.monotonic(), dt.datetime.now(dt.UTC)
    clusters = [_ClusterJobs(cluster, identity) for cluster in config.clusters]
    sets = [SetJobs(replica_set, identity) for replica_set in config.replica_sets]
    servers = [(server, Job(functools.partial(etcd.probe, server, identity))) for server in config.etcd]
    processes = _supervisor_job(config)
    local = {name: Job(functools.partial(programs.installed_version, name, flag)) for name, flag in _PROGRAMS}
    jobs: list[Job[Any]] = [job for cluster in clusters for job in cluster.jobs()]
    jobs += [job for one in sets for job in one.jobs()]
    jobs += [job for _, job in servers]
    jobs += [processes, *local.values()] if processes else []
    run_all(jobs, seconds)
    answers, set_answers = _wait_for_replicas(
        [cluster.answers() for cluster in clusters], [one.answers() for one in sets], identity, seconds
    )
    etcd_answers = [(server, job.found) for server, job in servers]
    draft = rep.Report(
        schema=rep.SCHEMA,
        stack=config.stack,
        config_file=str(config_file),
        taken_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        duration_s=round(time.monotonic() - began, 3),
        verdict="ok",
        problems=(),
        clusters=tuple(cluster_report(_with_encryption(cluster)) for cluster in answers),
        etcd=tuple(etcd_report(server, found) for server, found in etcd_answers),
        processes=processes_report(processes.found if processes else None),
        certificates=certificates_report(config, answers, set_answers, etcd_answers, now),
        versions={},
        warnings=config.warnings,
        replica_sets=tuple(replica_set_report(_with_volumes(one)) for one in set_answers),
    )
    installed = {name: job.found.value for name, job in local.items() if job.found.value}
    problems = find_problems(draft)
    versions = versions_of(draft, installed)
    return dataclasses.replace(draft, problems=problems, verdict=verdict_of(problems), versions=versions)


def _supervisor_job(config: cfg.Config) -> Job[tuple[supervisor.ProcessView, ...]] | None:
    path = config.supervisor_socket
    return Job(functools.partial(supervisor.probe, path)) if path else None


def _wait_for_replicas(
    answers: list[ClusterAnswers], sets: list[SetAnswers], identity: Identity, seconds: float
) -> tuple[list[ClusterAnswers], list[SetAnswers]]:
    """Ask replicas that were behind once more: are they late, or were they only asked before the leader was?"""
    jobs: dict[tuple[str, str], Job[float | None]] = {}
    flushes: list[Job[float | None]] = []
    for cluster in answers:
        lead = leader_of(cluster)
        target = lead.server.lsn if lead and lead.server else None
        limit_s = min(cluster.cluster.maximum_lag_ms / 1000, seconds * _WAIT_SHARE)
        for member in cluster.members:
            replayed = member.server.replayed if member.server else None
            if target is not None and replayed is not None and replayed < target:
                wait = functools.partial(postgres.wait_replayed, member.member.address, target, limit_s, identity)
                jobs[cluster.cluster.name, member.member.name] = Job(wait)
        if lead and any(key[0] == cluster.cluster.name for key in jobs):
            flushes.append(Job(functools.partial(postgres.flush, lead.member.address, identity)))
    catch_ups = CatchUpJobs(sets, identity, seconds * _WAIT_SHARE)
    run_all([*flushes, *jobs.values(), *catch_ups.jobs()], seconds)

    def waited(cluster: ClusterAnswers, member: MemberAnswers) -> MemberAnswers:
        job = jobs.get((cluster.cluster.name, member.member.name))
        return dataclasses.replace(member, waited=job.found if job else None)

    clusters = [
        dataclasses.replace(cluster, members=tuple(waited(cluster, member) for member in cluster.members))
        for cluster in answers
    ]
    return clusters, [catch_ups.added_to(one) for one in sets]


def _with_encryption(answers: ClusterAnswers) -> ClusterAnswers:
    """Add what this machine knows about the data folders of the members that run on it."""

    def local(member: MemberAnswers) -> MemberAnswers:
        if member.server is None or not _is_loopback(member.member.host):
            return member
        return dataclasses.replace(member, encryption=storage.encryption_of(Path(member.server.data_directory)))

    return dataclasses.replace(answers, members=tuple(local(member) for member in answers.members))


def _with_volumes(answers: SetAnswers) -> SetAnswers:
    """As `_with_encryption`, of a replica set."""

    def local(member: SetMemberAnswers) -> SetMemberAnswers:
        if member.facts is None or not _is_loopback(member.member.host):
            return member
        folder = Path(member.facts.settings.data_directory)
        return dataclasses.replace(member, encryption=storage.encryption_of(folder))

    return dataclasses.replace(answers, members=tuple(local(member) for member in answers.members))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
