"""The layer's own program, as the recording mock sees it, under the whole pack: no engine and no server."""

import pytest

from tests.component.graph import STACK, layer
from tests.policies.recorded import marked
from tests.policies.world import Verdict, World, whole_pack


def judged(settings_json: str) -> Verdict:
    """Judge the inputs of every resource, with what the plugin adds to them."""
    world = World(STACK)
    world.resources = {
        f"{node.type}/{node.name}": {
            **marked(node.inputs, node.plain),
            **({"lost": []} if node.kind == "DataGuard" else {}),
        }
        for node in layer(settings_json).nodes.values()
    }
    return world.judge(whole_pack())


@pytest.mark.parametrize(
    "settings_json",
    [
        "{}",
        '{"mongodb": {"members": 5, "priorities": {"mongodb-1": 2, "mongodb-5": 0}}}',
        '{"mongodb": {"members": 2, "arbiter": true}}',
    ],
)
def test_the_program_has_no_finding(settings_json: str) -> None:
    assert judged(settings_json).messages == []


def test_settings_that_a_policy_refuses_are_found_in_every_resource_that_has_them() -> None:
    verdict = judged('{"mongodb": {"oplogRetentionH": 6}}')
    assert verdict.violations == {"mongo-replica-set-keep-oplog"}
    for name in (
        "MongodMember mongodb-1",
        "MongodMember mongodb-2",
        "MongodMember mongodb-3",
        "MongoReplicaSet mongodb",
    ):
        assert f"{name}: oplogRetentionH is 6; allowed: at least 24" in "\n".join(verdict.messages)
