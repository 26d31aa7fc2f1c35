"""Private endpoints and the access list."""

from typing import Any, ClassVar, Final

from plugins.base import CheckFailure, Context, PartialFailure, Props, ProviderError
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api, segment
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import decode_id, encode_id, split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["PrivateLinkEndpoint", "PrivateLinkEndpointService", "ProjectIpAccessList"]

_REFUSED: Final = frozenset({"REJECTED", "FAILED"})
_ENTRY: Final = {
    "awsSecurityGroup": "awsSecurityGroup",
    "cidrBlock": "cidrBlock",
    "comment": "comment",
    "ipAddress": "ipAddress",
}
_PLACES: Final = ("ipAddress", "cidrBlock", "awsSecurityGroup")


class PrivateLinkEndpoint(Entity):
    """`mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint`: Atlas's side, on AWS."""

    token = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
    noun = "private endpoint service"
    kept = ("deleteOnCreateTimeout",)
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "providerName": Field(kind="text", required=True, replaces=True, allowed=("AWS",)),
        "region": Field(kind="text", required=True, replaces=True),
        "deleteOnCreateTimeout": Field(kind="flag", replaces=True, local=True),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:
        """Ask for it and wait until it is there; one that was asked for is not lost."""
        project, region = inputs["projectId"], inputs["region"]
        body = {"providerName": "AWS", "region": region}
        made = api.post(f"/groups/{project}/privateEndpoint/endpointService", body)
        id_ = encode_id(private_link_id=made["id"], project_id=project, provider_name="AWS", region=region)
        try:
            self._wait(api, id_, ctx)
        except ProviderError as error:
            raise PartialFailure(id_, inputs, inputs, [f"made the {self.noun} in {region}, then: {error}"]) from None
        return id_

    def _wait(self, api: Api, id_: str, ctx: Context) -> None:
        parts = decode_id(id_)

        def there() -> Any | None:
            found = api.get(_service(parts["project_id"], parts["private_link_id"]))
            if found["status"] in _REFUSED:
                raise ProviderError(f"it is {found['status']}: {found['errorMessage']}")
            return found if found["status"] != "INITIATING" else None

        api.wait(f"endpoint service in {parts['region']}", ctx, there)

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it. `interfaceEndpoints` is left out: it changes when an endpoint is tied to it."""
        parts = decode_id(id_)
        found = api.find(_service(parts["project_id"], parts["private_link_id"]))
        if found is None:
            return None
        return {
            "projectId": parts["project_id"],
            "providerName": "AWS",
            "region": parts["region"],
            "endpointServiceName": found["endpointServiceName"],
            "errorMessage": found["errorMessage"] or "",
            "privateLinkId": found["id"],
            "regionName": found["regionName"],
            "status": found["status"],
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Go on waiting where a create was cut off: there is nothing to change, since every input replaces."""
        self._wait(api, id_, ctx)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it."""
        parts = decode_id(id_)
        api.delete(_service(parts["project_id"], parts["private_link_id"]))

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the official plugin's form."""
        names = ["project_id", "private_link_id", "provider_name", "region"]
        return encode_id(**split_import(id_, names)), {}


class PrivateLinkEndpointService(Entity):
    """`mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService`: the tie to an endpoint of AWS."""

    token = "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService"
    noun = "tie of a private endpoint"
    kept = ("deleteOnCreateTimeout",)
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "providerName": Field(kind="text", required=True, replaces=True, allowed=("AWS",)),
        "privateLinkId": Field(kind="text", required=True, replaces=True),
        "endpointServiceId": Field(kind="text", required=True, replaces=True),
        "deleteOnCreateTimeout": Field(kind="flag", replaces=True, local=True),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:
        """Name the endpoint to Atlas and wait until it is accepted; one that was named is not lost."""
        project, endpoint = inputs["projectId"], inputs["endpointServiceId"]
        link = str(decode_id(inputs["privateLinkId"]).get("private_link_id", inputs["privateLinkId"]))
        api.post(f"{_service(project, link)}/endpoint", {"id": endpoint})
        id_ = encode_id(project_id=project, private_link_id=link, endpoint_service_id=endpoint, provider_name="AWS")
        try:
            self._wait(api, id_, ctx)
        except ProviderError as error:
            raise PartialFailure(id_, inputs, inputs, [f"made the {self.noun} {endpoint}, then: {error}"]) from None
        return id_

    def _wait(self, api: Api, id_: str, ctx: Context) -> None:
        parts = decode_id(id_)
        path = f"{_service(parts['project_id'], parts['private_link_id'])}/endpoint"

        def there() -> Any | None:
            found = api.get(f"{path}/{segment(parts['endpoint_service_id'])}")
            if found["connectionStatus"] in _REFUSED:
                raise ProviderError(f"it is {found['connectionStatus']}: {found['errorMessage']}")
            return found if found["connectionStatus"] == "AVAILABLE" else None

        api.wait(f"endpoint {parts['endpoint_service_id']}", ctx, there)

    def find(self, api: Api, id_: str, known: Props) -> Props | None:
        """Read it."""
        parts = decode_id(id_)
        endpoint = parts["endpoint_service_id"]
        path = f"{_service(parts['project_id'], parts['private_link_id'])}/endpoint/{segment(endpoint)}"
        found = api.find(path)
        if found is None:
            return None
        return {
            "projectId": parts["project_id"],
            "providerName": "AWS",
            "privateLinkId": known.get("privateLinkId", parts["private_link_id"]),
            "endpointServiceId": endpoint,
            "awsConnectionStatus": found["connectionStatus"],
            "deleteRequested": found["deleteRequested"],
            "errorMessage": found["errorMessage"] or "",
            "interfaceEndpointId": found["interfaceEndpointId"],
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Go on waiting where a create was cut off: there is nothing to change, since every input replaces."""
        self._wait(api, id_, ctx)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Undo the tie."""
        parts = decode_id(id_)
        service = _service(parts["project_id"], parts["private_link_id"])
        api.delete(f"{service}/endpoint/{segment(parts['endpoint_service_id'])}")

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the official plugin's form."""
        names = ["project_id", "private_link_id", "endpoint_service_id", "provider_name"]
        return encode_id(**split_import(id_, names, separator="--")), {}


class ProjectIpAccessList(Entity):
    """`mongodbatlas:index/projectIpAccessList:ProjectIpAccessList`: one entry. Every input replaces."""

    token = "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList"
    noun = "entry of the access list"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        **{name: Field(kind="text", replaces=True) for name in _ENTRY},
    }

    def check_whole(self, inputs: Props) -> list[CheckFailure]:
        """Want exactly one place."""
        given = [name for name in _PLACES if name in inputs]
        if len(given) == 1:
            return []
        reason = f"cidrBlock: got {', '.join(given) or 'nothing'}; allowed is exactly one of {', '.join(_PLACES)}"
        return [CheckFailure("cidrBlock", reason)]

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Add it."""
        api.post(f"/groups/{inputs['projectId']}/accessList", [to_api(_ENTRY, inputs)])
        return encode_id(entry=next(inputs[name] for name in _PLACES if name in inputs), project_id=inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        parts = decode_id(id_)
        found = api.find(_entry(parts))
        return None if found is None else {"projectId": parts["project_id"], **from_api(_ENTRY, found)}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """There is nothing to change: every input replaces."""

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take it out."""
        api.delete(_entry(decode_id(id_)))

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and entry."""
        return encode_id(**split_import(id_, ["project_id", "entry"])), {}


def _service(project: str, link: str) -> str:
    return f"/groups/{project}/privateEndpoint/AWS/endpointService/{link}"


def _entry(parts: dict[str, str]) -> str:
    return f"/groups/{parts['project_id']}/accessList/{segment(parts['entry'])}"
