"""Rules between settings: a table of conditions and messages.

A rule is about one section of the settings (a cluster, the TLS settings, or the whole) and names the key to change.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from settings.derived import (
    CLIENTS_OF_A_LOGIN,
    POOL_USERS,
    RESERVED_CONNECTIONS,
    RESERVED_MONGODB_CONNECTIONS,
    largest_pool,
    needed_connections,
    needed_mongodb_connections,
)
from settings.model import ClusterSettings, Settings, TlsSettings
from settings.mongodb import MongodbSettings
from settings.problems import Problem

__all__ = ["CLUSTER_RULES", "MONGODB_RULES", "TLS_RULES", "WHOLE_RULES", "Rule", "broken_rules"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule(Generic[T]):
    """One condition, and the message when it holds.

    `key` is the path below the section; `holds` states the rule for the reference page; `broken` is true when it is
    violated.
    """

    key: str
    holds: str
    broken: Callable[[T], bool]
    cause: Callable[[T], str]
    got: Callable[[T], object]
    allowed: Callable[[T], str]
    fix: Callable[[T], str]


def _pools(cluster: ClusterSettings) -> str:
    return f"{len(POOL_USERS)} * {cluster.pool.max_connections} + {RESERVED_CONNECTIONS}"


def _fix_pools(cluster: ClusterSettings) -> str:
    raised = f"raise maxConnections to {needed_connections(cluster)}"
    room = largest_pool(cluster.max_connections or 0)
    return f"{raised}, or lower pool.maxConnections to {room}" if room > 0 else raised


def _patroni_window(cluster: ClusterSettings) -> int:
    return cluster.patroni.loop_wait_s + 2 * cluster.patroni.retry_timeout_s


CLUSTER_RULES: tuple[Rule[ClusterSettings], ...] = (
    Rule(
        key="pool.minConnections",
        holds="at most `pool.maxConnections`",
        broken=lambda c: c.pool.min_connections > c.pool.max_connections,
        cause=lambda _: "is more than pool.maxConnections",
        got=lambda c: c.pool.min_connections,
        allowed=lambda c: f"0 to {c.pool.max_connections}",
        fix=lambda c: f"lower it to {c.pool.max_connections} or less, or raise pool.maxConnections",
    ),
    Rule(
        key="maxConnections",
        holds="room for the pools of all users, all full, and the reserved connections",
        broken=lambda c: c.max_connections is not None and needed_connections(c) > c.max_connections,
        cause=lambda c: (
            f"the pools can open {needed_connections(c)} connections ({_pools(c)} reserved) "
            f"and the server takes {c.max_connections}"
        ),
        got=lambda c: c.max_connections,
        allowed=lambda c: f"{needed_connections(c)} or more",
        fix=_fix_pools,
    ),
    Rule(
        key="pool.idleTimeoutMs",
        holds="at most `pool.maxLifetimeMs`",
        broken=lambda c: c.pool.idle_timeout_ms > c.pool.max_lifetime_ms,
        cause=lambda _: "is more than pool.maxLifetimeMs, so it would never apply",
        got=lambda c: c.pool.idle_timeout_ms,
        allowed=lambda c: f"up to {c.pool.max_lifetime_ms}",
        fix=lambda c: f"lower it to {c.pool.max_lifetime_ms} or less, or raise pool.maxLifetimeMs",
    ),
    Rule(
        key="pool.reapIntervalMs",
        holds="at most `pool.idleTimeoutMs`",
        broken=lambda c: c.pool.reap_interval_ms > c.pool.idle_timeout_ms,
        cause=lambda _: "is more than pool.idleTimeoutMs, so idle connections would stay too long",
        got=lambda c: c.pool.reap_interval_ms,
        allowed=lambda c: f"up to {c.pool.idle_timeout_ms}",
        fix=lambda c: f"lower it to {c.pool.idle_timeout_ms} or less, or raise pool.idleTimeoutMs",
    ),
    Rule(
        key="pool.acquireTimeoutMs",
        holds="at least `pool.connectionTimeoutMs`",
        broken=lambda c: c.pool.acquire_timeout_ms < c.pool.connection_timeout_ms,
        cause=lambda _: "is less than pool.connectionTimeoutMs, so a new connection could never be waited for",
        got=lambda c: c.pool.acquire_timeout_ms,
        allowed=lambda c: f"{c.pool.connection_timeout_ms} or more",
        fix=lambda c: f"raise it to {c.pool.connection_timeout_ms} or more, or lower pool.connectionTimeoutMs",
    ),
    Rule(
        key="synchronousStandbys",
        holds="at most `replicas`",
        broken=lambda c: c.synchronous_standbys > c.replicas,
        cause=lambda _: "is more than there are replicas: commits would be taken with fewer confirmations than it says",
        got=lambda c: c.synchronous_standbys,
        allowed=lambda c: f"0 to {c.replicas}",
        fix=lambda c: f"lower it to {c.replicas} or less, or raise replicas",
    ),
    Rule(
        key="patroni.ttlS",
        holds="at least `patroni.loopWaitS` + 2 * `patroni.retryTimeoutS`",
        broken=lambda c: _patroni_window(c) > c.patroni.ttl_s,
        cause=lambda _: "is less than loopWaitS + 2 * retryTimeoutS: a healthy primary could lose its leader key",
        got=lambda c: c.patroni.ttl_s,
        allowed=lambda c: f"{_patroni_window(c)} or more ({c.patroni.loop_wait_s} + 2 * {c.patroni.retry_timeout_s})",
        fix=lambda c: f"raise it to {_patroni_window(c)}, or lower patroni.loopWaitS or patroni.retryTimeoutS",
    ),
    Rule(
        key="lockTimeoutS",
        holds="at most `statementTimeoutS`",
        broken=lambda c: c.lock_timeout_s > c.statement_timeout_s,
        cause=lambda _: "is more than statementTimeoutS, so it would never apply",
        got=lambda c: c.lock_timeout_s,
        allowed=lambda c: f"up to {c.statement_timeout_s}",
        fix=lambda c: f"lower it to {c.statement_timeout_s} or less, or raise statementTimeoutS",
    ),
    Rule(
        key="slowQueryMs",
        holds="at most `statementTimeoutS`",
        broken=lambda c: c.slow_query_ms > c.statement_timeout_s * 1000,
        cause=lambda _: "is more than statementTimeoutS, so no statement would ever be logged as slow",
        got=lambda c: c.slow_query_ms,
        allowed=lambda c: f"up to {c.statement_timeout_s * 1000}",
        fix=lambda c: f"lower it to {c.statement_timeout_s * 1000} or less, or raise statementTimeoutS",
    ),
)

TLS_RULES: tuple[Rule[TlsSettings], ...] = (
    Rule(
        key="caRenewBeforeDays",
        holds="less than `caValidityDays`",
        broken=lambda t: t.ca_renew_before_days >= t.ca_validity_days,
        cause=lambda _: "is not less than caValidityDays: every update would renew the authority",
        got=lambda t: t.ca_renew_before_days,
        allowed=lambda t: f"1 to {t.ca_validity_days - 1}",
        fix=lambda t: f"lower it to {t.ca_validity_days - 1} or less, or raise caValidityDays",
    ),
    Rule(
        key="certificateRenewBeforeDays",
        holds="less than `certificateValidityDays`",
        broken=lambda t: t.certificate_renew_before_days >= t.certificate_validity_days,
        cause=lambda _: "is not less than certificateValidityDays: every update would renew every certificate",
        got=lambda t: t.certificate_renew_before_days,
        allowed=lambda t: f"1 to {t.certificate_validity_days - 1}",
        fix=lambda t: f"lower it to {t.certificate_validity_days - 1} or less, or raise certificateValidityDays",
    ),
    Rule(
        key="certificateValidityDays",
        holds="at most `caRenewBeforeDays`",
        broken=lambda t: t.certificate_validity_days > t.ca_renew_before_days,
        cause=lambda _: (
            "is more than caRenewBeforeDays: a certificate made just before the authority is renewed would outlive it"
        ),
        got=lambda t: t.certificate_validity_days,
        allowed=lambda t: f"up to {t.ca_renew_before_days}",
        fix=lambda t: f"lower it to {t.ca_renew_before_days} or less, or raise caRenewBeforeDays",
    ),
)

MONGODB_RULES: tuple[Rule[MongodbSettings], ...] = (
    Rule(
        key="arbiter",
        holds="`true` exactly with 2 `members`: 3 or 5 voters",
        broken=lambda m: m.arbiter != (m.members == 2),  # noqa: PLR2004 - the one even number of members
        cause=lambda m: (
            "is false with 2 members: when one is lost, the other has no majority"
            if m.members == 2  # noqa: PLR2004 - as above
            else "makes the number of voters even, so that one more may be lost without gain"
        ),
        got=lambda m: m.arbiter,
        allowed=lambda m: f"{m.members == 2} with {m.members} members",  # noqa: PLR2004 - as above
        fix=lambda m: (
            "set arbiter to true, or members to 3 or 5" if not m.arbiter else "leave it out, or set members to 2"
        ),
    ),
    Rule(
        key="priorities",
        holds="names `members` that there are, and leaves one above 0",
        broken=lambda m: (
            not set(m.priorities) <= set(m.member_names) or not any(m.priorities.get(one, 1) for one in m.member_names)
        ),
        cause=lambda m: (
            "names a member that there is not"
            if not set(m.priorities) <= set(m.member_names)
            else "leaves nobody who may lead"
        ),
        got=lambda m: dict(m.priorities),
        allowed=lambda m: f"{', '.join(m.member_names)}, one of them above 0",
        fix=lambda _: "correct the name, or raise one member's priority",
    ),
    Rule(
        key="pool.minPoolSize",
        holds="at most `pool.maxPoolSize`",
        broken=lambda m: m.pool.min_pool_size > m.pool.max_pool_size,
        cause=lambda _: "is more than pool.maxPoolSize",
        got=lambda m: m.pool.min_pool_size,
        allowed=lambda m: f"0 to {m.pool.max_pool_size}",
        fix=lambda m: f"lower it to {m.pool.max_pool_size} or less, or raise pool.maxPoolSize",
    ),
    Rule(
        key="maxConnections",
        holds="room for the pools of all users' clients, all full, and the reserved connections",
        broken=lambda m: m.max_connections is not None and needed_mongodb_connections(m) > m.max_connections,
        cause=lambda m: (
            f"the pools can open {needed_mongodb_connections(m)} connections ({len(POOL_USERS)} * {CLIENTS_OF_A_LOGIN} "
            f"* {m.pool.max_pool_size} + {RESERVED_MONGODB_CONNECTIONS} reserved) and a member takes "
            f"{m.max_connections}"
        ),
        got=lambda m: m.max_connections,
        allowed=lambda m: f"{needed_mongodb_connections(m)} or more",
        fix=lambda m: f"raise maxConnections to {needed_mongodb_connections(m)}, or lower pool.maxPoolSize",
    ),
    Rule(
        key="pool.writeTimeoutMs",
        holds="less than `pool.socketTimeoutMs`",
        broken=lambda m: m.pool.write_timeout_ms >= m.pool.socket_timeout_ms,
        cause=lambda _: "is not less than pool.socketTimeoutMs, so a client would hang up before it is told",
        got=lambda m: m.pool.write_timeout_ms,
        allowed=lambda m: f"100 to {m.pool.socket_timeout_ms - 1}",
        fix=lambda m: f"lower it to {m.pool.socket_timeout_ms - 1} or less, or raise pool.socketTimeoutMs",
    ),
)

WHOLE_RULES: tuple[Rule[Settings], ...] = (
    Rule(
        key="timescale.database",
        holds="not the name of `postgres.database`",
        broken=lambda s: s.timescale.database == s.postgres.database,
        cause=lambda _: "is also the name of the relational database",
        got=lambda s: s.timescale.database,
        allowed=lambda _: "any other name: one name would be one resource for two databases",
        fix=lambda s: f"choose another name, say {s.postgres.database[:55]}_metrics",
    ),
)


def broken_rules(section: T, rules: tuple[Rule[T], ...], prefix: str) -> Iterator[Problem]:
    """Yield a problem for each rule that a section breaks; `prefix` is the section's path, with its dot."""
    for rule in rules:
        if rule.broken(section):
            yield Problem(
                path=prefix + rule.key,
                cause=rule.cause(section),
                got=repr(rule.got(section)),
                allowed=rule.allowed(section),
                fix=rule.fix(section),
            )
