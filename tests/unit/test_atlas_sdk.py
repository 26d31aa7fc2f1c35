"""Every type of the mongodbatlas stand-in against the SDK's own: tokens, names, kinds, what is required, outputs."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_mongodbatlas
import pytest
from pulumi import _types

from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.provider import ENTITIES, MongodbatlasProvider
from rehearsal.atlas.server import Emulator
from tests.fixtures.atlas import AtlasPlugin, Made, cluster_inputs, emulator
from tests.fixtures.sdk_types import differences

_ALL = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.token)


def _sdk(entity: type[Entity]) -> tuple[type, type]:
    """Return the SDK's resource and its arguments."""
    name = entity.token.rpartition(":")[2]
    module = importlib.import_module(f"pulumi_mongodbatlas.{re.sub('(?<!^)(?=[A-Z])', '_', name).lower()}")
    return getattr(module, name), getattr(module, f"{name}Args")


@_ALL
def test_inputs_are_those_of_the_sdk(entity: type[Entity]) -> None:
    assert differences(entity.fields, _sdk(entity)[1]) == []


@_ALL
def test_the_token_is_the_sdks(entity: type[Entity]) -> None:
    resource, _ = _sdk(entity)
    assert resource.pulumi_type == entity.token  # type: ignore[attr-defined]
    assert set(entity.kept) <= set(entity.fields)


def test_the_version_is_the_sdks() -> None:
    plugin = Path(pulumi_mongodbatlas.__file__).with_name("pulumi-plugin.json")
    assert json.loads(plugin.read_text(encoding="utf-8"))["version"] == MongodbatlasProvider().version


def _leaves(value: Any, hint: Any, path: str) -> Iterator[str]:
    """Yield the paths in an output that the SDK's type of it does not have."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item, hint, path)
    elif isinstance(value, dict) and _types.is_output_type(hint):
        known = _types.output_type_types(hint)
        for name, inner in value.items():
            if name not in known:
                yield f"{path}.{name}"
            else:
                yield from _leaves(inner, _types.unwrap_optional_type(_inner(known[name])), f"{path}.{name}")


def _inner(hint: Any) -> Any:
    hint = _types.unwrap_optional_type(hint)
    arguments = getattr(hint, "__args__", ())
    return arguments[0] if len(arguments) == 1 else hint


def _wrong_outputs(made: Made) -> list[str]:
    resource, _ = _sdk(type(made.plugin.entity(made.kind)))
    known = _types.resource_types(resource)
    wrong = [name for name in made.outputs if name not in known]
    for name, value in made.outputs.items():
        if name in known:
            wrong += _leaves(value, _inner(known[name]), name)
    return wrong


@pytest.fixture
def atlas() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


def test_outputs_are_those_of_the_sdk(atlas: Emulator) -> None:
    plugin = AtlasPlugin(atlas.url)
    project = plugin.project()
    setup = plugin.create("CloudProviderAccessSetup", projectId=project.id, providerName="AWS")
    link = plugin.create("PrivateLinkEndpoint", projectId=project.id, providerName="AWS", region="EU_CENTRAL_1")
    tie = plugin.create(
        "PrivateLinkEndpointService",
        projectId=project.id,
        providerName="AWS",
        privateLinkId=link.outputs["privateLinkId"],
        endpointServiceId="vpce-0123456789abcdef0",
    )
    cluster = plugin.create("AdvancedCluster", **cluster_inputs(project.id))
    alert = plugin.create(
        "AlertConfiguration",
        projectId=project.id,
        eventType="NO_PRIMARY",
        notifications=[{"typeName": "GROUP", "roles": ["GROUP_OWNER"]}],
    )
    prometheus = plugin.create(
        "ThirdPartyIntegration",
        projectId=project.id,
        type="PROMETHEUS",
        enabled=True,
        serviceDiscovery="http",
        userName="prom_user",
        password="made up",
    )
    for made in (project, setup, link, tie, cluster, alert, prometheus):
        assert _wrong_outputs(made) == [], made.kind
