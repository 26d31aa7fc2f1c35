"""Integrations with others: the one with Prometheus."""

from typing import ClassVar, Final

from plugins.base import Context, Props, ProviderError
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api, segment
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["ThirdPartyIntegration"]

_SHOWN: Final = {
    "enabled": "enabled",
    "sendUserProvidedResourceTags": "sendUserProvidedResourceTagsEnabled",
    "serviceDiscovery": "serviceDiscovery",
    "type": "type",
    "userName": "username",
}
_TYPES: Final = ("PROMETHEUS",)


class ThirdPartyIntegration(Entity):
    """`mongodbatlas:index/thirdPartyIntegration:ThirdPartyIntegration` with Prometheus, whose password is never shown.

    Its id is Atlas's own; it is found by project and type, of which a project has one each.
    """

    token = "mongodbatlas:index/thirdPartyIntegration:ThirdPartyIntegration"
    noun = "integration"
    secrets = frozenset({"password", "serviceDiscovery", "userName"})
    kept = ("password",)
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "type": Field(kind="text", required=True, replaces=True, allowed=_TYPES),
        "enabled": Field(kind="flag", required=True),
        "password": Field(kind="text", required=True, secret=True),
        "sendUserProvidedResourceTags": Field(kind="flag"),
        "serviceDiscovery": Field(kind="text", required=True, secret=True, allowed=("http", "file")),
        "userName": Field(kind="text", required=True, secret=True),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Add it; the answer lists all integrations of the project."""
        listed = api.post(_path(inputs), _body(inputs))
        (made,) = [one for one in listed["results"] if one["type"] == inputs["type"]]
        return str(made["id"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = api.find(_path(known))
        return None if found is None else {"projectId": known["projectId"], **from_api(_SHOWN, found)}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set it anew as a whole."""
        api.put(_path(news), _body(news))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take it out."""
        api.delete(_path(state))

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and type."""
        parts = split_import(id_, ["project_id", "type"])
        if parts["type"] not in _TYPES:
            raise ProviderError(f"cannot import {id_!r}: got type {parts['type']}; allowed are {', '.join(_TYPES)}")
        return id_, {"projectId": parts["project_id"], "type": parts["type"]}

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Read it; the id is Atlas's own, after an import and after somebody made it anew."""
        found = super().read(id_, inputs, state, ctx)
        shown = found and ctx.config["api"].find(_path(found[2]))
        return (str(shown["id"]), found[1], found[2]) if found and shown else None


def _path(props: Props) -> str:
    return f"/groups/{props['projectId']}/integrations/{segment(props['type'])}"


def _body(inputs: Props) -> Props:
    return to_api({**_SHOWN, "password": "password"}, inputs)
