"""The rules between settings, one case a row of their table, and the numbers that are derived."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import ClusterSettings, PatroniSettings, PoolSettings, Settings, TimescaleSettings, TlsSettings
from settings.derived import largest_pool, needed_connections, server_connections
from settings.ports import PORTS_OF_A_STACK, port
from settings.rules import CLUSTER_RULES, TLS_RULES, WHOLE_RULES, Rule, broken_rules

BROKEN_CLUSTERS = {
    "pool.minConnections": ClusterSettings(pool=PoolSettings(min_connections=11, max_connections=10)),
    "maxConnections": ClusterSettings(max_connections=419),
    "pool.idleTimeoutMs": ClusterSettings(pool=PoolSettings(idle_timeout_ms=5001, max_lifetime_ms=5000)),
    "pool.reapIntervalMs": ClusterSettings(pool=PoolSettings(reap_interval_ms=30001)),
    "pool.acquireTimeoutMs": ClusterSettings(pool=PoolSettings(acquire_timeout_ms=4999)),
    "synchronousStandbys": ClusterSettings(replicas=1, synchronous_standbys=2),
    "patroni.ttlS": ClusterSettings(patroni=PatroniSettings(ttl_s=20, loop_wait_s=1, retry_timeout_s=10)),
    "lockTimeoutS": ClusterSettings(lock_timeout_s=31),
    "slowQueryMs": ClusterSettings(slow_query_ms=30_001),
}
BROKEN_TLS = {
    "caRenewBeforeDays": TlsSettings(ca_validity_days=90),
    "certificateRenewBeforeDays": TlsSettings(certificate_validity_days=30),
    "certificateValidityDays": TlsSettings(certificate_validity_days=91),
}
BROKEN_WHOLES = {"timescale.database": Settings(timescale=TimescaleSettings(database="fashion_wallet"))}


@pytest.mark.parametrize("key", [rule.key for rule in CLUSTER_RULES])
def test_a_broken_rule_of_a_cluster_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_CLUSTERS[key], CLUSTER_RULES, "fashion-wallet:postgres.")
    assert problem.path == f"fashion-wallet:postgres.{key}"


@pytest.mark.parametrize("key", [rule.key for rule in TLS_RULES])
def test_a_broken_rule_of_tls_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_TLS[key], TLS_RULES, "fashion-wallet:tls.")
    assert problem.path == f"fashion-wallet:tls.{key}"


@pytest.mark.parametrize("key", [rule.key for rule in WHOLE_RULES])
def test_a_broken_rule_of_the_whole_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_WHOLES[key], WHOLE_RULES, "fashion-wallet:")
    assert problem.path == f"fashion-wallet:{key}"


@pytest.mark.parametrize(
    "section,rules",
    [(ClusterSettings(), CLUSTER_RULES), (TimescaleSettings(), CLUSTER_RULES), (TlsSettings(), TLS_RULES)],
)
def test_the_defaults_break_no_rule(section: object, rules: tuple[Rule[object], ...]) -> None:
    assert not list(broken_rules(section, rules, ""))


def test_too_many_connections_are_refused_with_both_numbers_and_two_ways_out() -> None:
    (problem,) = broken_rules(ClusterSettings(max_connections=200), CLUSTER_RULES, "")
    assert "420" in str(problem)
    assert "200" in str(problem)
    assert "raise maxConnections to 420, or lower pool.maxConnections to 45" in str(problem)


@given(pool=st.integers(1, 2000), cap=st.integers(10, 10_000))
def test_the_suggested_pool_fits_and_is_the_largest(pool: int, cap: int) -> None:
    suggested = largest_pool(cap)
    if suggested >= 1:
        fitting = ClusterSettings(pool=PoolSettings(min_connections=0, max_connections=suggested), max_connections=cap)
        larger = ClusterSettings(pool=PoolSettings(min_connections=0, max_connections=suggested + 1))
        assert not list(broken_rules(fitting, CLUSTER_RULES, ""))
        assert needed_connections(larger) > cap
    unlimited = ClusterSettings(pool=PoolSettings(min_connections=0, max_connections=pool))
    assert server_connections(unlimited) == needed_connections(unlimited)


@given(base=st.integers(1024, 65_436))
def test_no_two_servers_share_a_port_and_all_lie_in_the_stacks_hundred(base: int) -> None:
    ports = [port(base, "etcd-client"), port(base, "etcd-peer")]
    for cluster in ("postgres", "timescale"):
        ports += [port(base, role, cluster=cluster) for role in ("writer", "reader", "pooler")]
        ports += [port(base, role, cluster=cluster, index=i) for role in ("member", "rest") for i in range(5)]
    assert len(set(ports)) == len(ports)
    assert all(base <= number < base + PORTS_OF_A_STACK <= 65_536 for number in ports)


def test_the_ports_are_the_published_ones() -> None:
    assert port(15400, "writer", cluster="postgres") == 15410
    assert port(15400, "member", cluster="postgres", index=2) == 15424
    assert port(15400, "rest", cluster="postgres", index=2) == 15425
    assert port(15400, "pooler", cluster="timescale") == 15442


@pytest.mark.parametrize(
    "ask", [lambda: port(15400, "writer"), lambda: port(15400, "member", cluster="postgres", index=5)]
)
def test_a_port_of_no_server_is_an_error(ask: Callable[[], int]) -> None:
    with pytest.raises(ValueError, match="allowed are"):
        ask()
