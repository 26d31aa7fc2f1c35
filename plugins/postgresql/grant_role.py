"""One membership of a role in another."""

from typing import ClassVar

from psycopg import sql

from plugins.base import Props, ProviderError
from plugins.base.fields import Field, Fields
from plugins.postgresql.catalogue import role_exists, rows
from plugins.postgresql.connections import Connection
from plugins.postgresql.entity import Entity

__all__ = ["GrantRole"]


class GrantRole(Entity):
    """`postgresql:index/grantRole:GrantRole`. Don't list the same membership in the `roles` of a Role too."""

    token = "postgresql:index/grantRole:GrantRole"
    noun = "membership"
    fields: ClassVar[Fields] = {
        "role": Field(kind="text", required=True, replaces=True),
        "grantRole": Field(kind="text", required=True, replaces=True),
        "withAdminOption": Field(kind="flag", default=False, replaces=True),
    }

    def identity(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return member, role and whether with the admin option."""
        admin = "true" if props.get("withAdminOption") else "false"
        return f"{props.get('role')}_{props.get('grantRole')}_{admin}"

    def occupies(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return member and role: revoking the old membership last would revoke the new one."""
        return f"{props.get('role')}_{props.get('grantRole')}"

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Refuse: the id does not tell where one name ends."""
        raise ProviderError("memberships cannot be imported; declare it: granting what is granted changes nothing")

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:  # noqa: ARG002
        """Grant; granting what is granted already is no error."""
        roles = sql.Identifier(inputs["grantRole"]), sql.Identifier(inputs["role"])
        if inputs["withAdminOption"]:
            connection.execute(sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(*roles))
        else:
            connection.execute(sql.SQL("GRANT {} TO {}").format(*roles))
            connection.execute(sql.SQL("REVOKE ADMIN OPTION FOR {} FROM {}").format(*roles))

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Look for the membership, whoever granted it."""
        query = (
            "SELECT bool_or(admin_option) FROM pg_catalog.pg_auth_members "
            "WHERE pg_catalog.pg_get_userbyid(member) = %s AND pg_catalog.pg_get_userbyid(roleid) = %s"
        )
        admin = rows(connection, query, [wanted["role"], wanted["grantRole"]])[0][0]
        if admin is None:
            return None
        return {"role": wanted["role"], "grantRole": wanted["grantRole"], "withAdminOption": admin}

    def change(self, connection: Connection, state: Props, news: Props) -> None:
        """Never asked: every property replaces."""
        raise NotImplementedError

    def drop(self, connection: Connection, state: Props) -> None:
        """Revoke; with either role gone, so is the membership."""
        if role_exists(connection, state["role"]) and role_exists(connection, state["grantRole"]):
            statement = sql.SQL("REVOKE {} FROM {}")
            connection.execute(statement.format(sql.Identifier(state["grantRole"]), sql.Identifier(state["role"])))
