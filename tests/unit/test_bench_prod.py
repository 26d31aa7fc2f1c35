"""The benchmarks of prod: what they compare, how they count, and which packages of the SDKs the program loads."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from bench import policies, prod, scale
from bench.bare import calls, generic, plain
from bench.cloud_engine import PROJECT, EngineError, Ran, changes, cloud_engine
from bench.echo.outputs import computed
from bench.echo.process import serving
from bench.echo.provider import EchoProvider
from plugins.base import Context

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hidden"'}
HEAD = "urn:pulumi:prod::fashion-wallet"


def _resource(kind: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": f"{HEAD}::{kind}::{name}", "type": kind, "custom": True, "inputs": inputs, **more}


STATE = [
    {"urn": f"{HEAD}::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack"},
    {"urn": f"{HEAD}::fashionwallet:index:CloudLayer::layer", "type": "fashionwallet:index:CloudLayer"},
    _resource("pulumi:providers:walletdb", "default", {}),
    _resource("pulumi:providers:aws", "here", {"region": "eu-central-1", "version": "7.51.1", "__internal": {}}),
    _resource(
        "aws:rds/instance:Instance",
        "postgres-primary",
        {"instanceClass": "db.r6g.large", "password": SECRET},
        provider=f"{HEAD}::pulumi:providers:aws::here::some-id",
        protect=True,
    ),
    _resource("kubernetes:core/v1:ConfigMap", "map", {"apiVersion": "v1", "kind": "ConfigMap", "data": {"aKey": "b"}}),
    _resource(
        "kubernetes:postgresql.cnpg.io/v1:Cluster",
        "timescale",
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "spec": {"instances": 3}},
    ),
    _resource("walletdb:index:NetworkPath", "path", {"host": "h", "port": 5432}),
]


def _loaded(*words: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", "-m", "bench.sdk_modules", *words]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300)
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def _kubernetes_packages(tokens: list[str]) -> set[str]:
    """Groups of Kubernetes itself have packages of their own, `networking.v1`; all others are custom resources."""
    found = {"apiextensions", "meta.v1"}
    for token in tokens:
        if token.startswith("kubernetes:"):
            group, _, version = token.split(":")[1].partition("/")
            own = "." not in group or group.endswith(".k8s.io")
            found.add(f"{group.partition('.')[0]}.{version}" if own else "apiextensions")
    return found | {name.partition(".")[0] for name in found}


def test_prod_loads_exactly_the_packages_whose_resources_it_has() -> None:
    found = _loaded("cloud")
    aws = {token.split(":")[1].partition("/")[0] for token in found["tokens"] if token.startswith("aws:")}
    assert len(aws) > 5
    assert set(found["packages"]["pulumi_aws"]["loaded"]) == aws
    assert set(found["packages"]["pulumi_kubernetes"]["loaded"]) == _kubernetes_packages(found["tokens"])
    assert found["packages"]["pulumi_aws"]["all"] > 10 * len(aws), "the SDK has many more"


def test_dev_loads_no_sdk_of_a_cloud() -> None:
    found = _loaded("local")
    assert found["imported"] == []
    assert "walletdb:index:PatroniCluster" in found["tokens"]


def test_what_an_import_costs_is_counted_by_sdk() -> None:
    found = _loaded("pulumi", "pulumi_kubernetes", "pulumi_kubernetes.policy.v1")
    assert set(found) == {"pulumi", "pulumi_kubernetes"}
    assert found["pulumi_kubernetes"]["seconds"] > 0


def test_a_bare_program_registers_what_is_no_component() -> None:
    found = calls(STATE)
    assert [call.token for call in found] == [one["type"] for one in STATE if one.get("custom")][1:]
    assert len({call.name for call in found}) == len(found)
    by_token = {call.token: call for call in found}
    instance = by_token["aws:rds/instance:Instance"]
    assert (instance.module, instance.kind) == ("pulumi_aws.rds", "Instance")
    assert instance.inputs == {"instance_class": "db.r6g.large", "password": "hidden"}
    assert instance.protect
    assert instance.provider == by_token["pulumi:providers:aws"].name
    assert by_token["pulumi:providers:aws"].inputs == {"region": "eu-central-1"}
    config = by_token["kubernetes:core/v1:ConfigMap"]
    assert (config.module, config.inputs["data"]) == ("pulumi_kubernetes.core.v1", {"aKey": "b"})
    assert by_token["kubernetes:postgresql.cnpg.io/v1:Cluster"].kind == "CustomResource"
    assert by_token["walletdb:index:NetworkPath"].module == ""


def test_the_floor_is_the_same_without_classes() -> None:
    made = generic(calls(STATE), STATE)
    assert {call.module for call in made} == {""}
    assert made[1].inputs == {"instanceClass": "db.r6g.large", "password": "hidden"}


def test_secrets_and_the_engines_own_entries_are_resolved_at_any_depth() -> None:
    assert plain({"a": [SECRET], "__defaults": [], "b": {"c": None}}) == {"a": ["hidden"], "b": {"c": None}}


def test_the_plugins_take_every_type_and_give_back_what_is_given() -> None:
    resources = EchoProvider("aws", "7.51.1").resources
    made = resources["aws:rds/instance:Instance"]
    id_, outputs = made.create("postgres-primary", {"engine": "postgres"}, Context())
    assert id_ == "postgres-primary"
    assert outputs["engine"] == "postgres"
    assert outputs["address"].startswith("postgres-primary.")
    assert outputs["arn"] == "arn:aws:rds:eu-central-1:123456789012:postgres-primary"
    assert resources.get("aws:nobody/knows:This") is not None
    assert made.read(id_, {"engine": "postgres"}, outputs, Context()) == (id_, {"engine": "postgres"}, outputs)


def test_what_is_given_wins_over_what_is_made_up() -> None:
    assert computed("walletdb:index:NetworkPath", "path") == {}
    _, outputs = EchoProvider("aws", "1").resources["aws:kms/key:Key"].create("k", {"keyId": "mine"}, Context())
    assert outputs["keyId"] == "mine"


def test_a_function_answers_with_a_password_where_a_secret_is_asked_for() -> None:
    answers = EchoProvider("aws", "1").invokes
    ask = answers["aws:secretsmanager/getSecretVersion:getSecretVersion"]
    assert json.loads(ask({"secretId": "s"}, Context())["secretString"])["password"]
    assert answers["aws:index/getRegion:getRegion"]({"name": "x"}, Context()) == {"name": "x"}


@pytest.mark.parametrize(
    "said,expected",
    [
        ("Resources:\n    + 702 to create\n", {"create": 702}),
        ("Resources:\n    ~ 7 to update\n    695 unchanged\n\nDuration: 3s\n", {"update": 7, "unchanged": 695}),
        ("Resources:\n    + 3 created\n    +-1 replaced\n", {"created": 3, "replaced": 1}),
        ("nothing of that", {}),
    ],
)
def test_the_engines_sums_are_read(said: str, expected: dict[str, int]) -> None:
    assert changes(said) == expected


def _ran(seconds: float) -> Ran:
    return Ran(seconds=seconds, processor_s=seconds * 2, changes={"create": 7}, said="")


def test_prod_is_compared_run_by_run_and_policies_have_their_share() -> None:
    found = {
        ("first preview", "without policies"): {
            "stack prod": [_ran(6), _ran(8)],
            "bare program": [_ran(4), _ran(8)],
            "floor: no SDK, no classes": [_ran(2), _ran(2)],
        },
        ("first preview", "with policies"): {"stack prod": [_ran(8), _ran(10)], "bare program": [_ran(8), _ran(8)]},
    }
    by_name = {(figure.case, figure.what, figure.unit): figure for figure in prod.figures(found)}
    assert by_name["first preview, without policies", "prod / bare", ""].runs == (1.5, 1.0)
    assert by_name["first preview", "share of the policies", ""].runs == pytest.approx((0.25, 0.2))
    assert by_name["first preview, without policies", "floor: no SDK, no classes", "s"].median == 2


def test_growth_says_where_it_is_not_linear() -> None:
    runs = {
        1: {"first preview": [_ran(5), _ran(6)], "first up": [_ran(10)]},
        10: {"first preview": [_ran(55)], "first up": [_ran(300)]},
    }
    preview, up = scale.growth(runs)
    assert preview.startswith("first preview: linear")
    assert "1.10 times as much" in preview
    assert up.startswith("first up: NOT linear")
    assert scale.growth({1: runs[1]}) == []


def test_a_step_that_would_take_too_long_is_foreseen() -> None:
    measured = scale.Measured(runs={1: {"first up": [_ran(10)]}, 10: {"first up": [_ran(200)]}})
    assert measured.foreseen_s("first up", 50) == 1000
    assert measured.foreseen_s("first preview", 50) == 0


def test_seconds_are_also_given_for_each_layer_and_policies_by_themselves() -> None:
    runs = {10: {"preview, nothing to change": [_ran(20)], "the same with policies": [_ran(25)]}}
    by_what = {figure.what: figure for figure in scale.figures(runs) if not figure.detail}
    assert by_what["preview, nothing to change"].compare == "2 s for each layer"
    assert by_what["policies alone: the difference"].runs == (5,)


def test_the_pack_is_asked_about_as_many_resources_as_wanted_with_their_secrets_marked() -> None:
    single, whole = policies.requests(STATE, 20)
    assert len(single) == len(whole.resources) == 20
    assert len({request.urn for request in single}) == 20
    instance = next(request for request in single if request.type == "aws:rds/instance:Instance")
    assert instance.options.protect
    assert json_format.MessageToDict(instance.properties)["password"] == {
        SIGNATURE: SECRET[SIGNATURE],
        "value": "hidden",
    }


@pytest.mark.engine
def test_the_engine_runs_a_bare_program_with_these_plugins(tmp_path: Path) -> None:
    file = tmp_path / "calls.json"
    file.write_text(json.dumps([dataclasses.asdict(call) for call in calls(STATE)]), encoding="utf-8")
    with serving() as plugins:
        engine = cloud_engine(tmp_path / "bare", prod.BARE, plugins).with_variables(BENCH_CALLS=str(file))
        assert engine.preview().changes == {"create": 6}
        assert engine.up().changes == {"created": 6}
        assert engine.preview().changes == {"unchanged": 6}
        with pytest.raises(EngineError, match="did not end within"):
            engine.preview(patience_s=0.01)
        kept = [one["type"] for one in engine.resources()]
    assert "aws:rds/instance:Instance" in kept
