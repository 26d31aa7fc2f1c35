"""The stand-in's connections on bad days: a server away, demoted, lost in the middle, locked, or asking for TLS."""

import datetime as dt
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from localproc import pki
from plugins.base import Props, ProviderError
from plugins.postgresql.connections import Connection, Server
from plugins.postgresql.errors import DatabaseMissingError, UnreachableError
from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres
from tests.fixtures.standin import Plugin, settings

pytestmark = pytest.mark.live


@pytest.fixture
def away(server: ScratchPostgres) -> Iterator[ScratchPostgres]:
    """A server that is stopped, and runs again after the test."""
    server.stop()
    yield server
    server.stop()
    server.start()


def _server(plugin: Plugin, **changes: object) -> Server:
    server = plugin.provider.configure({**settings(plugin.server), **changes})["server"]
    assert isinstance(server, Server)
    return server


def test_a_create_waits_for_a_server_that_comes_back(away: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    late = threading.Timer(2, away.start)
    late.start()
    role = plugin.create("Role", name=unique)
    late.join()
    assert role.refresh()
    assert any(severity == "info" and "Connection refused" in text for severity, text in plugin.said)


def test_a_create_gives_up_within_its_time_and_says_where(away: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    inputs = plugin.check("Role", name=unique)
    begun = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        plugin.entity("Role").create("thing", inputs, plugin.context(timeout_s=2))
    assert time.monotonic() - begun < 20
    text = str(caught.value)
    assert text.startswith(f"cannot create role {unique}: no PostgreSQL server answers")
    assert f"127.0.0.1:{away.port} as postgres (database 'postgres')" in text
    assert "Connection refused" in text
    assert "Start the server, or correct host and port" in text


def test_cancel_ends_the_wait(away: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    context = plugin.context()
    threading.Timer(1, context.cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(ProviderError, match="no PostgreSQL server answers"):
        plugin.entity("Role").create("thing", plugin.check("Role", name=unique), context)
    assert time.monotonic() - begun < 15


def test_an_import_does_not_take_silence_for_an_answer(away: ScratchPostgres, plugin: Plugin) -> None:
    with pytest.raises(UnreachableError):
        plugin.entity("Role").read("someone", {}, {}, plugin.context())


def test_a_demoted_server_is_waited_for(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
    server.sql("SELECT pg_reload_conf()")

    def promoted() -> None:
        with server.connect() as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")

    late = threading.Timer(1.5, promoted)
    late.start()
    assert plugin.create("Role", name=unique).refresh()
    late.join()


def test_a_connection_lost_after_the_commit_does_not_fail_the_next_attempt(plugin: Plugin, unique: str) -> None:
    """The server commits, the answer is lost: the second attempt finds its own role and goes on."""
    role, inputs = plugin.entity("Role"), plugin.check("Role", name=unique)
    attempts: list[bool] = []

    def work(connection: Connection, again: bool) -> None:  # noqa: FBT001  (the shape that Server.write calls)
        attempts.append(again)
        role.make(connection, inputs, again=again)
        if not again:
            connection.commit()
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    _server(plugin).write("postgres", plugin.context(), work)
    assert attempts == [False, True]
    assert plugin.imported("Role", unique)[0]["name"] == unique


def test_a_lock_held_by_another_is_not_waited_for_for_ever(
    server: ScratchPostgres, plugin: Plugin, unique: str
) -> None:
    inputs = plugin.check("Role", name=unique)
    with server.connect() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x77616C6C65746462])
        with pytest.raises(ProviderError, match=r"(lock|statement) timeout"):
            plugin.entity("Role").create("thing", inputs, plugin.context(timeout_s=2))
    assert plugin.create("Role", name=unique).refresh()


def test_what_does_not_pass_by_itself_fails_at_once(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    plugin.create("Role", name=unique, login=True, password="right password")
    wrong = _server(plugin, username=unique, password="wrong password")
    begun = time.monotonic()
    with pytest.raises(
        ProviderError, match=r"cannot connect to database 'postgres'.*password authentication failed"
    ) as caught:
        wrong.write("postgres", plugin.context(), lambda connection, _: connection.execute("SELECT 1"))
    assert "wrong password" not in str(caught.value)
    with pytest.raises(DatabaseMissingError, match="has no database 'nowhere'"):
        _server(plugin).read("nowhere", plugin.context(), lambda connection: connection.execute("SELECT 1"))
    assert time.monotonic() - begun < 10


def test_everything_is_gone_with_its_database(server: ScratchPostgres, plugin: Plugin, database: str) -> None:
    schema = plugin.create("Schema", name="s", database=database)
    server.sql(f"DROP DATABASE {database}")
    assert not schema.refresh()
    schema.delete()
    server.sql(f"CREATE DATABASE {database}")


# TLS


@pytest.fixture(scope="module")
def authority() -> pki.Issued:
    """The authority that server and client trust."""
    return pki.new_authority("scratch", dt.timedelta(days=1), dt.datetime.now(dt.UTC))


@pytest.fixture(scope="module")
def tls(authority: pki.Issued) -> Iterator[tuple[ScratchPostgres, Props]]:
    """A server of TLS 1.3 that asks for a client certificate, and the provider settings for it."""
    now, validity = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    client = pki.issue(authority, "postgres", dns_names=[], ip_addresses=[], validity=validity, now=now)
    host = pki.issue(authority, "server", dns_names=[], ip_addresses=["127.0.0.1"], validity=validity, now=now)
    with running_postgres() as server:
        data = server.folder / "data"
        for name, text in (("s.crt", host.certificate), ("s.key", host.key), ("ca.crt", authority.certificate)):
            (data / name).write_text(text, encoding="utf-8")
            (data / name).chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(data / name, "postgres", "postgres")
        # The test's own connections stay as they are; the plugin's come as `admin`, who must have a certificate.
        server.sql("CREATE ROLE admin SUPERUSER LOGIN")
        access = "hostssl all admin 127.0.0.1/32 cert map=certificate\nhostnossl all admin all reject\n"
        hba = data / "pg_hba.conf"
        hba.write_text(access + hba.read_text(encoding="utf-8"), encoding="utf-8")
        (data / "pg_ident.conf").write_text("certificate postgres admin\n", encoding="utf-8")
        options = {"ssl": "on", "ssl_cert_file": "s.crt", "ssl_key_file": "s.key", "ssl_ca_file": "ca.crt"}
        for option, value in {**options, "ssl_min_protocol_version": "TLSv1.3"}.items():
            server.sql(f"ALTER SYSTEM SET {option} = '{value}'")
        server.sql("SELECT pg_reload_conf()")
        yield (
            server,
            {
                "username": "admin",
                "sslmode": "verify-full",
                "sslrootcert": authority.certificate,
                "clientcert": {"cert": client.certificate, "key": client.key, "sslinline": True},
            },
        )


def test_tls_with_a_client_certificate_inline_and_in_files(tls: tuple[ScratchPostgres, Props], tmp_path: Path) -> None:
    server, secure = tls
    plugin = Plugin(server)
    query = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

    def version(**changes: object) -> object:
        def work(connection: Connection) -> object:
            row = connection.execute(query).fetchone()
            return row and row[0]

        return _server(plugin, **{**secure, **changes}).read("postgres", plugin.context(), work)

    assert version() == "TLSv1.3"
    certificate = secure["clientcert"]
    (tmp_path / "c.crt").write_text(certificate["cert"], encoding="utf-8")
    (tmp_path / "c.key").touch(mode=0o600)
    (tmp_path / "c.key").write_text(certificate["key"], encoding="utf-8")
    (tmp_path / "ca.crt").write_text(secure["sslrootcert"], encoding="utf-8")
    files = {"cert": str(tmp_path / "c.crt"), "key": str(tmp_path / "c.key")}
    assert version(sslrootcert=str(tmp_path / "ca.crt"), clientcert=files) == "TLSv1.3"
    with pytest.raises(ProviderError, match=r"cannot connect to database .*certificate.*Correct the settings"):
        version(sslrootcert=certificate["cert"])
    with pytest.raises(ProviderError, match=r"sslrootcert: got .*ca.crt', allowed is PEM text"):
        version(sslrootcert=str(tmp_path / "ca.crt"))
    with pytest.raises(ProviderError, match=r"cannot connect to database .*Correct the settings"):
        version(sslrootcert=str(tmp_path / "ca.crt"), clientcert={**files, "cert": str(tmp_path / "none.crt")})
    with pytest.raises(ProviderError, match=r"cannot connect to database .*Correct the settings"):
        version(sslmode="disable")


@pytest.mark.parametrize("made", [dt.timedelta(days=-3), dt.timedelta(hours=12)], ids=["expired", "not yet valid"])
def test_a_refresh_keeps_what_is_recorded_where_our_certificate_is_not_accepted(
    tls: tuple[ScratchPostgres, Props], authority: pki.Issued, unique: str, made: dt.timedelta
) -> None:
    server, secure = tls
    plugin, then = Plugin(server), dt.datetime.now(dt.UTC) + made
    role = plugin.create("Role", name=unique)
    recorded = role.outputs
    client = pki.issue(authority, "postgres", validity=dt.timedelta(days=1), now=then)
    certificate = {"cert": client.certificate, "key": client.key, "sslinline": True}
    plugin.config = plugin.provider.configure({**settings(server), **secure, "clientcert": certificate})
    assert role.refresh()
    assert role.outputs == recorded
    with pytest.raises(ProviderError, match=r"cannot connect to database .*alert.*Correct the settings"):
        role.update(login=True)


def test_a_refresh_keeps_what_is_recorded_where_the_servers_certificate_is_not_accepted(
    tls: tuple[ScratchPostgres, Props], unique: str
) -> None:
    server, secure = tls
    plugin = Plugin(server)
    role = plugin.create("Role", name=unique)
    recorded = role.outputs
    other = pki.new_authority("other", dt.timedelta(days=1), dt.datetime.now(dt.UTC))
    untrusting = {**settings(server), **secure, "sslrootcert": other.certificate}
    plugin.config = plugin.provider.configure(untrusting)
    assert role.refresh()
    assert role.outputs == recorded


def test_the_connections_of_one_plugin_are_bounded(server: ScratchPostgres, plugin: Plugin) -> None:
    few = _server(plugin, maxConnections=2)
    most: list[int] = []

    def work(connection: Connection) -> None:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s", ["pulumi%"]
        ).fetchone()
        assert row is not None
        most.append(row[0])
        connection.execute("SELECT pg_sleep(0.1)")

    threads = [threading.Thread(target=few.read, args=("postgres", plugin.context(), work)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 8
    assert max(most) <= 4  # two that are just ending may still be seen


def test_the_first_error_of_psycopg_is_never_shown_raw(plugin: Plugin) -> None:
    with pytest.raises(ProviderError) as caught:
        _server(plugin).read("postgres", plugin.context(), lambda connection: connection.execute("SELECT nonsense"))
    assert 'column "nonsense" does not exist' in str(caught.value)
    assert not isinstance(caught.value, psycopg.Error)
