"""The project."""

from typing import ClassVar, Final

from plugins.base import Context, Props, ProviderError
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import split_import
from plugins.mongodbatlas.mapping import from_api, pairs, tags_of, to_api

__all__ = ["Project"]

_SETTINGS: Final = {
    "isClusterAiAssistantEnabled": "isClusterAiAssistantEnabled",
    "isCollectDatabaseSpecificsStatisticsEnabled": "isCollectDatabaseSpecificsStatisticsEnabled",
    "isDataExplorerEnabled": "isDataExplorerEnabled",
    "isDataExplorerGenAiFeaturesEnabled": "isDataExplorerGenAIFeaturesEnabled",
    "isDataExplorerGenAiSampleDocumentPassingEnabled": "isDataExplorerGenAISampleDocumentPassingEnabled",
    "isExtendedStorageSizesEnabled": "isExtendedStorageSizesEnabled",
    "isNativeRerankingEnabled": "isNativeRerankingEnabled",
    "isPerformanceAdvisorEnabled": "isPerformanceAdvisorEnabled",
    "isRealtimePerformancePanelEnabled": "isRealtimePerformancePanelEnabled",
    "isSchemaAdvisorEnabled": "isSchemaAdvisorEnabled",
}
_ONCE: Final = "withDefaultAlertsSettings"


class Project(Entity):
    """`mongodbatlas:index/project:Project`. `clusterCount` is left out: it changes without anybody's doing."""

    token = "mongodbatlas:index/project:Project"
    noun = "project"
    autonamed = "name"
    kept = (_ONCE,)
    fields: ClassVar[Fields] = {
        "orgId": Field(kind="text", required=True, replaces=True),
        "name": Field(kind="text"),
        "tags": Field(kind="map", unset={}),
        _ONCE: Field(kind="flag"),
        **{name: Field(kind="flag") for name in _SETTINGS},
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Create the project, then its settings."""
        body = {"orgId": inputs["orgId"], "name": inputs["name"], "tags": pairs(inputs.get("tags", {}))}
        made = api.post("/groups", {**body, **to_api({_ONCE: _ONCE}, inputs)})
        self._set(api, made["id"], inputs)
        return str(made["id"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read the project and its settings."""
        found = api.find(f"/groups/{id_}")
        if found is None:
            return None
        settings = from_api(_SETTINGS, api.get(f"/groups/{id_}/settings"))
        shown = {name: found[name] for name in ("orgId", "name", "created")}
        return {**shown, "tags": tags_of(found.get("tags")), **settings}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change name, tags and settings."""
        if _ONCE in news and state.get(_ONCE, news[_ONCE]) != news[_ONCE]:
            raise ProviderError(f"{_ONCE} can only be said when the project is made; set it back to {state[_ONCE]}")
        api.patch(f"/groups/{id_}", {"name": news["name"], "tags": pairs(news.get("tags", {}))})
        self._set(api, id_, news)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the project."""
        api.delete(f"/groups/{id_}")

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the id as it is."""
        return split_import(id_, ["project_id"])["project_id"], {}

    def _set(self, api: Api, id_: str, inputs: Props) -> None:
        wanted = to_api(_SETTINGS, inputs)
        if wanted:
            api.patch(f"/groups/{id_}/settings", wanted)
