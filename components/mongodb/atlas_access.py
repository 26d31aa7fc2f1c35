"""Who may do what inside the cluster on Atlas: the roles and users of `access.py`, made through Atlas's own API.

Atlas takes back whatever is made in the databases themselves. Roles and users belong to the project; users are let into
the one cluster only. They are not `deleted_with` the project: a destroy that its protection refuses would forget them
and leave them there, and Atlas does not make a role twice. Does not own: the tables (`access.py`), the passwords.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_mongodbatlas as atlas

from components.mongodb.access import KEY_VAULT_DATABASE, ROLES, USERS, CollectionAccess
from components.mongodb.atlas_names import action

__all__ = [
    "PROVISIONER",
    "AtlasAccess",
    "AtlasAccessArgs",
    "AtlasProvisioner",
    "AtlasProvisionerArgs",
    "missing_actions",
]

PROVISIONER = "provisioner"
"""Who makes collections, indexes and the data key, during an update."""
_AUTHENTICATION_DATABASE = "admin"

# What `walletdb/mongodb` does for a collection and its indexes: documents are only read, to see whether they fit.
_STRUCTURE = (
    *("FIND", "LIST_COLLECTIONS", "LIST_INDEXES", "COLL_STATS"),
    *("CREATE_COLLECTION", "COLL_MOD", "DROP_COLLECTION", "CREATE_INDEX", "DROP_INDEX"),
)
_KEY_VAULT = ("FIND", "INSERT", "REMOVE", "LIST_COLLECTIONS", "LIST_INDEXES", "CREATE_COLLECTION", "CREATE_INDEX")
_SERVER = ("IN_PROG",)
"""How far the build of an index is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasProvisionerArgs:
    """Arguments of `AtlasProvisioner`."""

    project: atlas.Project
    cluster: atlas.AdvancedCluster
    database: str
    password: pulumi.Input[str]


class AtlasProvisioner(pulumi.ComponentResource):
    """The user of updates: may change structure, and neither users nor documents."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: AtlasProvisionerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare role and user."""
        super().__init__("fashionwallet:mongodb:AtlasProvisioner", name, None, opts)
        rights = {(args.database, ""): _STRUCTURE, (KEY_VAULT_DATABASE, ""): _KEY_VAULT}
        role = atlas.CustomDbRole(
            f"{name}-role-{PROVISIONER}",
            project_id=args.project.id,
            role_name=PROVISIONER,
            actions=[*_actions(rights), *(_on_server(each) for each in _SERVER)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.ready = _user(self, name, PROVISIONER, PROVISIONER, args.password, args.project, args.cluster, [role])
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasAccessArgs:
    """Arguments of `AtlasAccess`."""

    project: atlas.Project
    cluster: atlas.AdvancedCluster
    database: str
    passwords: Mapping[str, pulumi.Output[str]]


class AtlasAccess(pulumi.ComponentResource):
    """The roles and users of services and people."""

    made: list[pulumi.Resource]
    """All that was declared."""

    def __init__(self, name: str, args: AtlasAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare them."""
        super().__init__("fashionwallet:mongodb:AtlasAccess", name, None, opts)
        self._component_name = name
        self._args = args
        roles = self._create_roles()
        self.made = [*roles.values(), *self._create_users(roles)]
        self.register_outputs({})

    def _create_roles(self) -> dict[str, atlas.CustomDbRole]:
        roles: dict[str, atlas.CustomDbRole] = {}
        for role in ROLES:
            roles[role.name] = atlas.CustomDbRole(
                f"{self._component_name}-role-{role.name}",
                project_id=self._args.project.id,
                role_name=role.name,
                actions=_actions(self._rights(role.access)),
                inherited_roles=[
                    atlas.CustomDbRoleInheritedRoleArgs(role_name=name, database_name=_AUTHENTICATION_DATABASE)
                    for name in role.includes
                ],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[roles[name] for name in role.includes]),
            )
        return roles

    def _create_users(self, roles: Mapping[str, atlas.CustomDbRole]) -> list[atlas.DatabaseUser]:
        args = self._args
        return [
            _user(
                self,
                self._component_name,
                user.name,
                user.role,
                args.passwords[user.name],
                args.project,
                args.cluster,
                [roles[user.role]],
            )
            for user in USERS
        ]

    def _rights(self, access: Iterable[CollectionAccess]) -> dict[tuple[str, str], tuple[str, ...]]:
        rights: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in access:
            database = KEY_VAULT_DATABASE if one.key_vault else self._args.database
            names = [action(name) for name in one.actions]
            rights[database, one.collection] = tuple(name for name in names if name is not None)
        return rights


def missing_actions() -> dict[str, tuple[str, ...]]:
    """Return, by role, the actions of `access.py` that no role on Atlas can have."""
    missing = {
        role.name: tuple(sorted({name for one in role.access for name in one.actions if action(name) is None}))
        for role in ROLES
    }
    return {name: actions for name, actions in missing.items() if actions}


def _actions(rights: Mapping[tuple[str, str], Sequence[str]]) -> list[atlas.CustomDbRoleActionArgs]:
    """Turn what may be done with each collection into where each action is allowed, as Atlas has it."""
    places: dict[str, list[tuple[str, str]]] = {}
    for place, names in rights.items():
        for name in names:
            places.setdefault(name, []).append(place)
    return [
        atlas.CustomDbRoleActionArgs(
            action=name,
            resources=[
                atlas.CustomDbRoleActionResourceArgs(database_name=database, collection_name=collection)
                for database, collection in found
            ],
        )
        for name, found in places.items()
    ]


def _on_server(name: str) -> atlas.CustomDbRoleActionArgs:
    return atlas.CustomDbRoleActionArgs(action=name, resources=[atlas.CustomDbRoleActionResourceArgs(cluster=True)])


def _user(
    parent: pulumi.Resource,
    prefix: str,
    name: str,
    role: str,
    password: pulumi.Input[str],
    project: atlas.Project,
    cluster: atlas.AdvancedCluster,
    after: Sequence[pulumi.Resource],
) -> atlas.DatabaseUser:
    return atlas.DatabaseUser(
        f"{prefix}-user-{name}",
        project_id=project.id,
        username=name,
        password=pulumi.Output.secret(password),
        auth_database_name=_AUTHENTICATION_DATABASE,
        roles=[atlas.DatabaseUserRoleArgs(role_name=role, database_name=_AUTHENTICATION_DATABASE)],
        scopes=[atlas.DatabaseUserScopeArgs(name=cluster.name, type="CLUSTER")],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
