"""A MongoDB replica set on one machine: mongods under the stack's supervisor.

Owns: the members, their certificates, and what they agree on. Does not own: what lies inside (`contents.py`), the
supervisor (`components/host/local.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import pulumi

from components.encryption.local import Encryption
from components.mongodb.cluster import AdminAccess
from components.mongodb.uris import administrator_uri, secret_uri
from components.resources import (
    MongodMember,
    MongodMemberArgs,
    MongoReplicaSet,
    MongoReplicaSetArgs,
    ReplicaSetMember,
)
from settings import Settings
from settings.derived import mongodb_connections, oplog_size_mib
from settings.ports import port

__all__ = ["ARBITER", "NAME", "ReplicaSet", "ReplicaSetArgs", "members"]

NAME = "mongodb"
"""Of the replica set, and the beginning of its members' names."""
ARBITER = f"{NAME}-arbiter"
_MEMBERS_UNIT = "mongodb members"
"""Organizational unit in the members' certificates and in no other; `localproc/mongod.py` says what it is for."""
_ADMINISTRATOR = "postgres"

_MEMBER_TIMEOUT = pulumi.CustomTimeouts(create="5m", update="5m", delete="3m")
# A new member copies all data, and a rolling restart takes the members one by one.
_SET_TIMEOUT = pulumi.CustomTimeouts(create="10m", update="30m", delete="3m")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSetArgs:
    """Arguments of `ReplicaSet`."""

    directory: str
    settings: Settings
    encryption: Encryption
    after: Sequence[pulumi.Resource]
    """Resources that must be there before a member starts: the supervisor."""


def members(settings: Settings) -> tuple[ReplicaSetMember, ...]:
    """Return where each member is; the arbiter comes last."""
    base, host, mongodb = settings.local.port_base, settings.local.listen_address, settings.mongodb
    found = [
        ReplicaSetMember(
            name=name,
            host=host,
            port=port(base, "mongod", index=index),
            arbiter=False,
            priority=mongodb.priorities.get(name, 1),
        )
        for index, name in enumerate(mongodb.member_names)
    ]
    if mongodb.arbiter:
        found.append(ReplicaSetMember(name=ARBITER, host=host, port=port(base, "arbiter"), arbiter=True, priority=0))
    return tuple(found)


class ReplicaSet(pulumi.ComponentResource):
    """One primary, and members that follow it; see `cluster.Cluster`."""

    admin: AdminAccess
    server: pulumi.Resource
    ready: Sequence[pulumi.Resource]
    members: tuple[ReplicaSetMember, ...]
    version: pulumi.Output[str]
    """Version of MongoDB."""

    def __init__(self, name: str, args: ReplicaSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the servers."""
        super().__init__("fashionwallet:mongodb:ReplicaSet", name, None, opts)
        self._args = args
        self.members = members(args.settings)
        folder = PurePosixPath(args.directory)
        self._hosts = tuple(f"{member.host}:{member.port}" for member in self.members if not member.arbiter)
        self._ca_file = str(folder / "ca.crt")
        self.admin = AdminAccess(
            uri=administrator_uri(self._hosts, NAME),
            ca_file=self._ca_file,
            certificate_key_file=str(folder / "admin.pem"),
        )
        replica_set = self._create_set([self._create_member(member) for member in self.members])
        self.server = replica_set
        self.ready = (replica_set,)
        self.version = replica_set.version
        self.register_outputs({"version": self.version})

    def uri(self, user: str, password: pulumi.Input[str], database: str) -> pulumi.Output[str]:
        """Return a user's URI, secret, with the options of spec 4.1.1."""
        return secret_uri(
            user=user,
            password=password,
            hosts=self._hosts,
            replica_set=NAME,
            database=database,
            ca_file=self._ca_file,
            pool=self._args.settings.mongodb.pool,
        )

    def _create_member(self, member: ReplicaSetMember) -> MongodMember:
        args, mongodb = self._args, self._args.settings.mongodb
        identity = args.encryption.server(member.name, parent=self, unit=_MEMBERS_UNIT)
        return MongodMember(
            member.name,
            MongodMemberArgs(
                directory=args.directory,
                name=member.name,
                set_name=NAME,
                arbiter=member.arbiter,
                listen_address=member.host,
                port=member.port,
                cache_mib=mongodb.cache_mib,
                oplog_size_mib=oplog_size_mib(mongodb),
                oplog_retention_h=mongodb.oplog_retention_h,
                max_connections=mongodb_connections(mongodb),
                slow_query_ms=mongodb.slow_query_ms,
                minimum_tls_version=args.settings.tls.minimum_version,
                parameters=mongodb.parameters,
                cert_pem=identity.cert_pem,
                key_pem=identity.key_pem,
                ca_bundle_pem=identity.ca_bundle_pem,
            ),
            pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                protect=args.settings.protect,
                custom_timeouts=_MEMBER_TIMEOUT,
            ),
        )

    def _create_set(self, mongods: list[MongodMember]) -> MongoReplicaSet:
        args, mongodb = self._args, self._args.settings.mongodb
        identity = args.encryption.client(_ADMINISTRATOR)
        return MongoReplicaSet(
            NAME,
            MongoReplicaSetArgs(
                directory=args.directory,
                name=NAME,
                members=[member.wire() for member in self.members],
                election_timeout_ms=mongodb.election_timeout_ms,
                oplog_size_mib=oplog_size_mib(mongodb),
                oplog_retention_h=mongodb.oplog_retention_h,
                settings_digests=[mongod.settings_digest for mongod in mongods],
                cert_pem=identity.cert_pem,
                key_pem=identity.key_pem,
                ca_bundle_pem=identity.ca_bundle_pem,
            ),
            pulumi.ResourceOptions(
                parent=self,
                depends_on=mongods,
                protect=args.settings.protect,
                custom_timeouts=_SET_TIMEOUT,
            ),
        )
