"""The questions of `walletdb status`, asked of a plain server."""

import time

from tests.fixtures.scratch_postgres import running_postgres
from walletdb.probes import queries

GENEROUS_S = 30.0


def test_recovery_targets_of_a_promoted_leader_are_no_pending_restart() -> None:
    """Patroni takes them from the file after a promotion; PostgreSQL then calls each of them pending."""
    with running_postgres() as server:
        configuration = server.folder / "data" / "postgresql.conf"
        before = configuration.read_text(encoding="utf-8")
        configuration.write_text(f"{before}\nrecovery_target = ''\n", encoding="utf-8")
        server.stop()
        server.start()
        configuration.write_text(f"{before}\nmax_connections = 70\n", encoding="utf-8")
        server.sql("SELECT pg_reload_conf()")
        pending = "SELECT array_agg(name ORDER BY name) FROM pg_settings WHERE pending_restart"
        until = time.monotonic() + GENEROUS_S
        while server.sql(pending) != [(["max_connections", "recovery_target"],)]:
            assert time.monotonic() < until, server.log[-2000:]
            time.sleep(0.1)
        assert server.sql(queries.SERVER)[0][0]["pending_restart"] == ["max_connections"]
