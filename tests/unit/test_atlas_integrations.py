"""The integration with Prometheus: the stand-in over the emulator, and what the emulator takes and shows."""

from collections.abc import Iterator
from typing import Any

import pytest

from plugins.base import ProviderError
from plugins.mongodbatlas.errors import AtlasError
from rehearsal.atlas.server import Emulator
from tests.fixtures.atlas import AtlasPlugin, Made, emulator

PASSWORD = "s3cret of Prometheus"
LOGIN = {"userName": "prom_user_1", "password": PASSWORD, "serviceDiscovery": "http", "enabled": True}


@pytest.fixture
def atlas() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


@pytest.fixture
def plugin(atlas: Emulator) -> AtlasPlugin:
    return AtlasPlugin(atlas.url)


@pytest.fixture
def project(plugin: AtlasPlugin) -> Made:
    return plugin.project()


def _made(plugin: AtlasPlugin, project: Made, **changes: Any) -> Made:
    return plugin.create("ThirdPartyIntegration", projectId=project.id, type="PROMETHEUS", **{**LOGIN, **changes})


def _path(project: Made) -> str:
    return f"/groups/{project.id}/integrations/PROMETHEUS"


def test_it_is_made_changed_in_place_and_dropped(plugin: AtlasPlugin, project: Made) -> None:
    made = _made(plugin, project)
    made.assert_settled()
    shown = plugin.api.get(_path(project))
    assert shown == {
        "id": made.id,
        "type": "PROMETHEUS",
        "enabled": True,
        "serviceDiscovery": "http",
        "username": "prom_user_1",
        "sendUserProvidedResourceTagsEnabled": False,
    }
    assert made.diff(password="another").changes == ("password",)
    made.update(password="another", sendUserProvidedResourceTags=True)
    made.assert_settled()
    assert plugin.api.get(_path(project))["sendUserProvidedResourceTagsEnabled"] is True
    assert plugin.api.get(f"/groups/{project.id}/integrations")["totalCount"] == 1
    assert made.diff(projectId="0" * 24).replaces == ("projectId",)
    made.delete()
    made.delete()
    assert not made.refresh()
    assert plugin.api.get(f"/groups/{project.id}/integrations")["results"] == []


def test_the_password_is_shown_by_nobody_and_kept_in_no_file(
    atlas: Emulator, plugin: AtlasPlugin, project: Made
) -> None:
    made = _made(plugin, project)
    assert made.refresh()
    assert made.outputs["password"] == PASSWORD
    assert "password" not in plugin.api.get(_path(project))
    assert PASSWORD not in str(atlas.state.groups)
    assert plugin.entity("ThirdPartyIntegration").secrets == {"password", "serviceDiscovery", "userName"}


def test_what_was_switched_off_by_hand_or_made_anew_shows(plugin: AtlasPlugin, project: Made) -> None:
    made = _made(plugin, project)
    body = {"enabled": False, "serviceDiscovery": "http", "username": "prom_user_1", "password": PASSWORD}
    plugin.api.put(_path(project), body)
    assert made.refresh()
    assert made.diff(enabled=True).changes == ("enabled",)
    plugin.api.delete(_path(project))
    plugin.api.post(_path(project), {**body, "enabled": True})
    before = made.id
    assert made.refresh()
    assert made.id != before


def test_an_import_finds_it_by_project_and_type(plugin: AtlasPlugin, project: Made) -> None:
    made = _made(plugin, project)
    id_, inputs, _ = plugin.imported("ThirdPartyIntegration", f"{project.id}-PROMETHEUS")
    assert id_ == made.id
    assert inputs == {
        "projectId": project.id,
        "type": "PROMETHEUS",
        "sendUserProvidedResourceTags": False,
        **{name: value for name, value in LOGIN.items() if name != "password"},
    }
    with pytest.raises(ProviderError, match="allowed are PROMETHEUS"):
        plugin.imported("ThirdPartyIntegration", f"{project.id}-DATADOG")
    with pytest.raises(ProviderError, match=r"allowed is \{project_id\}-\{type\}"):
        plugin.imported("ThirdPartyIntegration", "PROMETHEUS")


@pytest.mark.parametrize(
    "changes,refused",
    [
        ({"type": "DATADOG"}, "type"),
        ({"serviceDiscovery": "dns"}, "serviceDiscovery"),
        ({"password": None}, "password"),
        ({"userName": None}, "userName"),
        ({"enabled": None}, "enabled"),
        ({"apiKey": "x"}, "apiKey"),
    ],
)
def test_what_the_official_plugin_would_refuse_is_refused_before_anything_is_made(
    plugin: AtlasPlugin, changes: dict[str, Any], refused: str
) -> None:
    wanted = {"projectId": "0" * 24, "type": "PROMETHEUS", **LOGIN, **changes}
    assert list(plugin.refusals("ThirdPartyIntegration", wanted)) == [refused]


@pytest.mark.parametrize(
    "body,status,code",
    [
        ({"serviceDiscovery": "http", "username": "u", "password": "p"}, 400, "MISSING_ATTRIBUTE"),
        ({"enabled": True, "serviceDiscovery": "http", "username": "u"}, 400, "MISSING_ATTRIBUTE"),
        (
            {"enabled": True, "serviceDiscovery": "dns", "username": "u", "password": "p"},
            400,
            "INVALID_ENUM_VALUE",
        ),
        ({"enabled": True, "serviceDiscovery": "http", "userName": "u"}, 400, "INVALID_ATTRIBUTE"),
    ],
)
def test_atlas_refuses_a_body_that_is_not_as_published(
    plugin: AtlasPlugin, project: Made, body: dict[str, Any], status: int, code: str
) -> None:
    with pytest.raises(AtlasError) as raised:
        plugin.api.post(_path(project), body)
    assert (raised.value.status, raised.value.code) == (status, code)


def test_a_project_has_one_of_each_type(plugin: AtlasPlugin, project: Made) -> None:
    _made(plugin, project)
    with pytest.raises(ProviderError, match="already exists"):
        _made(plugin, project)
