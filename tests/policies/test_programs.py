"""Production's own program and configuration, as the recording mock sees them, under the whole pack."""

import functools
from typing import Any

from tests.component.graph import _PLUGIN_OUTPUTS, Node
from tests.component.test_cloud_layer import prod
from tests.policies.cloud_world import AWAY, HOME
from tests.policies.recorded import marked
from tests.policies.world import Analyzer, World

STACK = "prod"
RECOVERY = "fashion-wallet-aws-recovery"
_PROVIDERS_SAY = {"DataGuard": {"lost": []}}
"""What a plugin's check adds to the inputs."""


def outputs_of(node: Node) -> dict[str, Any]:
    """Return what the recording gave the program as outputs of a resource."""
    made = {
        key: value.format(name=node.name) if isinstance(value, str) else value
        for key, value in _PLUGIN_OUTPUTS.get(node.kind, {}).items()
    }
    arn = {"arn": f"arn:aws:{node.type[4:].split('/')[0]}:eu-central-1:123456789012:{node.name}"}
    return {"id": f"{node.name}-id", **made, **(arn if node.type.startswith("aws:") else {})}


@functools.cache
def resources() -> dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Return properties, options and provider of each resource of the program."""
    found = {}
    away = frozenset(node.name for node in prod().nodes.values() if RECOVERY in node.provider)
    for node in prod().nodes.values():
        values = marked(node.inputs, node.plain)
        if node.custom:
            values = {**outputs_of(node), **values, **_PROVIDERS_SAY.get(node.kind, {})}
        values = _moved(values, away)
        found[f"{node.type}/{node.name}"] = (values, {"protect": node.protect}, _provider(node))
    return found


def _provider(node: Node) -> dict[str, Any]:
    """Return the properties of a resource's provider that rules read."""
    if node.type.startswith("aws:"):
        return {"region": AWAY if RECOVERY in node.provider else HOME}
    name = node.provider.split("::")[-2] if node.provider else ""
    other = prod().nodes.get(("pulumi:providers:postgresql", name))
    return {"username": other.inputs["username"]} if other else {}


def _moved(value: Any, away: frozenset[str]) -> Any:
    """Return a value with the ARNs of what is in the recovery region there; the recording puts all in one."""
    if isinstance(value, str) and value.startswith("arn:") and value.rpartition(":")[2] in away:
        return value.replace(HOME, AWAY)
    if isinstance(value, dict):
        return {key: _moved(one, away) for key, one in value.items()}
    return [_moved(one, away) for one in value] if isinstance(value, list) else value


def program() -> World:
    world = World(STACK)
    world.resources = {key: values for key, (values, _, _) in resources().items()}
    world.options = {key: dict(options) for key, (_, options, _) in resources().items()}
    world.providers = {key: provider for key, (_, _, provider) in resources().items() if provider}
    return world


def test_production_has_no_finding(pack: Analyzer) -> None:
    assert program().judge(pack).messages == []


def test_every_rule_about_a_cloud_has_something_to_judge_there(pack: Analyzer) -> None:
    """A rule that judges nothing of the program would pass whatever the program says."""
    types = {key.rsplit("/", 1)[0] for key in resources()}
    assert types >= {"aws:rds/instance:Instance", "mongodbatlas:index/advancedCluster:AdvancedCluster"}
