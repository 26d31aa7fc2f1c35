"""Ask the members of a replica set: all at once, and once more those that were behind."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from walletdb import config as cfg
from walletdb.assemble_mongodb import MemberAnswers, SetAnswers, newest
from walletdb.deadline import Job
from walletdb.probes import mongodb
from walletdb.tls import Identity

__all__ = ["CatchUpJobs", "SetJobs"]


class SetJobs:
    """One probe for each member."""

    def __init__(self, replica_set: cfg.ReplicaSet, identity: Identity) -> None:
        mongodb.load_driver()
        self._replica_set = replica_set
        self._members = [
            (member, Job(functools.partial(mongodb.member, member, replica_set, identity)))
            for member in replica_set.members
        ]

    def jobs(self) -> Iterator[Job[Any]]:
        """What is to run."""
        for _, job in self._members:
            yield job

    def answers(self) -> SetAnswers:
        """What came of it."""
        members = tuple(MemberAnswers(member=member, found=job.found) for member, job in self._members)
        return SetAnswers(replica_set=self._replica_set, members=members)


class CatchUpJobs:
    """For each member that was behind: is it late, or was it only asked before the primary was?"""

    def __init__(self, sets: Iterable[SetAnswers], identity: Identity, patience_s: float) -> None:
        self._jobs: dict[tuple[str, str], Job[float | None]] = {}
        for one in sets:
            target = newest(one)
            limit_s = min(one.replica_set.maximum_lag_ms / 1000, patience_s)
            for member in one.members:
                if target is not None and member.applied is not None and member.applied < target:
                    wait = functools.partial(
                        mongodb.catch_up, member.member, target, limit_s, one.replica_set, identity
                    )
                    self._jobs[one.replica_set.name, member.member.name] = Job(wait)

    def jobs(self) -> Iterator[Job[Any]]:
        """What is to run."""
        yield from self._jobs.values()

    def added_to(self, answers: SetAnswers) -> SetAnswers:
        """The answers with what came of it."""

        def waited(member: MemberAnswers) -> MemberAnswers:
            job = self._jobs.get((answers.replica_set.name, member.member.name))
            return dataclasses.replace(member, waited=job.found) if job else member

        return dataclasses.replace(answers, members=tuple(waited(member) for member in answers.members))
