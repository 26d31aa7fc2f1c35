"""Unset, zero, empty, unknown, secret and nonsense, in every property the rules could read."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.registry import RULES
from policies.values import UNKNOWN, UNSET
from policies.wire import guard_id
from tests.policies.names import secret
from tests.policies.world import COMPLIANT, Analyzer, Verdict, World

Judge = Callable[[str, str, object], Verdict]


@pytest.fixture
def judge(pack: Analyzer) -> Judge:
    """As the shared fixture, but only the changed resource and the stack are sent: there are many cases."""
    return lambda short, path, value: World().put(short, path, value).judge(pack, only=short)


# What a rule reads beside the properties that the compliant stack sets.
_ALSO_READ = (
    "parameters.ssl",
    "parameters.ssl_min_protocol_version",
    "parameters.listen_addresses",
    "roles",
    "policies",
)
PROPERTIES = [
    (guard_id(*key.rsplit("/", 1)), path)
    for key, properties in COMPLIANT.items()
    for path in (*properties, *(_ALSO_READ if key.startswith(("walletdb:", "postgresql:")) else ()))
    if key != "pulumi:pulumi:Stack/fashion-wallet-dev"
]
PASSWORD = "correct horse battery staple"


def assert_from_rules(verdict: Verdict) -> None:
    """Whatever was said, a rule said it: nothing broke on the way."""
    assert verdict.violations | verdict.cannot_tell | verdict.not_applicable <= {rule.id for rule in RULES}
    assert "the rule broke" not in "\n".join(verdict.messages)


@pytest.mark.parametrize("value", ["", 0, -1, 1.5, False, True, [], {}, [None], [[]], [{}], {"a": []}, None, "text"])
def test_no_value_breaks_a_rule(pack: Analyzer, value: object) -> None:
    for resource, path in PROPERTIES:
        verdict = World().put(resource, path, copy.deepcopy(value)).judge(pack, only=resource)
        assert_from_rules(verdict)


@pytest.mark.parametrize("value", [[[]], {"a": [1]}, [{}], None, 0])
def test_no_value_breaks_a_rule_however_deep_it_is(pack: Analyzer, value: object) -> None:
    for key, properties in COMPLIANT.items():
        for path in (path for path in _paths(properties) if len(path) > 1):
            world = World()
            world.resources[key] = _with(properties, path, value)
            world.changed.add(key)
            assert_from_rules(world.judge(pack, only=key))


def _paths(value: object) -> Iterator[tuple[Any, ...]]:
    yield ()
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from ((step, *path) for path in _paths(one))


def _with(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    changed = copy.copy(value)
    changed[path[0]] = _with(value[path[0]], path[1:], new)
    return changed


@pytest.mark.parametrize("resource,path", PROPERTIES)
def test_an_unknown_value_is_never_a_violation_and_never_passes_where_unset_does_not(
    judge: Judge, resource: str, path: str
) -> None:
    unset, unknown = judge(resource, path, UNSET), judge(resource, path, UNKNOWN)
    assert unknown.violations == set()
    if path == "privileges" and resource != "Grant:public":
        unset.violations.discard("postgresql-public-forbid-privileges")  # the list is not for PUBLIC, whatever it holds
    assert unset.violations <= unknown.cannot_tell


def test_what_is_known_is_still_judged_beside_an_unknown_value(pack: Analyzer) -> None:
    world = World().put("PatroniMember:postgres-1", "parameters", {"listen_addresses": "*"})
    verdict = world.put("PatroniMember:postgres-1", "listenAddress", UNKNOWN).judge(pack)
    assert verdict.violations == verdict.cannot_tell == {"walletdb-listen-on-loopback"}


@pytest.mark.parametrize("resource,path", PROPERTIES)
def test_a_secret_is_judged_and_never_printed(judge: Judge, resource: str, path: str) -> None:
    for value in (secret(PASSWORD), [secret(PASSWORD)], {"a": secret(PASSWORD)}):
        assert PASSWORD not in "\n".join(judge(resource, path, value).messages)


def test_a_secret_with_an_allowed_value_passes(judge: Judge) -> None:
    assert judge("PatroniMember:postgres-1", "listenAddress", secret("127.0.0.1")).messages == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=6) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.sampled_from(PROPERTIES), value=_json)
def test_any_json_gets_a_verdict(pack: Analyzer, where: tuple[str, str], value: object) -> None:
    assert_from_rules(World().put(*where, value).judge(pack, only=where[0]))
