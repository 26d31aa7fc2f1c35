"""Reading a stack's configuration: what is accepted, and the text of what is refused."""

import json
from pathlib import Path

import pulumi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from settings import Settings, SettingsError, load
from settings.reader import parse


def _problems(**sections: object) -> str:
    """Return the text for a configuration that must be refused."""
    with pytest.raises(SettingsError) as caught:
        parse({f"fashion-wallet:{key}": _as_passed(value) for key, value in sections.items()})
    return str(caught.value)


def _as_passed(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_nothing_configured_gives_the_defaults() -> None:
    assert parse({}) == Settings()


def test_values_arrive_with_their_types() -> None:
    settings = parse(
        {
            "fashion-wallet:protect": "false",
            "fashion-wallet:substrate": "local",
            "fashion-wallet:local": '{"directory": "/srv/fashion wallet", "portBase": 20000}',
            "fashion-wallet:postgres": '{"replicas": 4, "parameters": {"work_mem": "8MB", "jit": false, "x": 0.5}}',
            "fashion-wallet:allowDataLoss": '["PatroniMember:postgres-3"]',
            "aws:region": "eu-central-1",
        }
    )
    assert settings.protect is False
    assert settings.substrate == "local"
    assert settings.local.directory == Path("/srv/fashion wallet")
    assert settings.postgres.parameters == {"work_mem": "8MB", "jit": "off", "x": "0.5"}
    assert settings.allow_data_loss == ("PatroniMember:postgres-3",)


def test_a_misspelt_key_is_named_by_its_whole_path_with_what_was_meant() -> None:
    text = _problems(postgres={"pool": {"maxConections": 50}})
    assert "fashion-wallet:postgres.pool.maxConections: there is no such setting" in text
    assert "did you mean maxConnections?" in text


def test_snake_case_is_a_misspelling_in_yaml() -> None:
    assert "did you mean maxConnections?" in _problems(postgres={"max_connections": 500})


def test_a_misspelt_top_level_key_and_namespace_are_found() -> None:
    assert "fashion-wallet:postgress" in _problems(postgress={})
    with pytest.raises(SettingsError, match="did you mean fashion-wallet:tls"):
        parse({"fashion_wallet:tls": "{}"})


@pytest.mark.parametrize(
    "sections,path,got,fix",
    [
        ({"postgres": {"replicas": "3"}}, "postgres.replicas", "'3'", "without quotes"),
        ({"postgres": {"replicas": 5}}, "postgres.replicas", "5", "set it to 4 or less"),
        ({"postgres": {"replicas": 1.5}}, "postgres.replicas", "1.5", "a whole number from 0 to 4"),
        ({"postgres": {"replicas": True}}, "postgres.replicas", "True", "a whole number from 0 to 4"),
        ({"postgres": 5}, "postgres", "5", "a section with the keys"),
        ({"postgres": {"pool": None}}, "postgres.pool", "None", "a section with the keys"),
        ({"postgres": {"database": "Fashion"}}, "postgres.database", "'Fashion'", "small letters"),
        ({"postgres": {"database": "template1"}}, "postgres.database", "'template1'", "choose another name"),
        ({"postgres": {"database": 7}}, "postgres.database", "7", "write a text"),
        ({"postgres": {"patroni": {"ttlS": 19}}}, "postgres.patroni.ttlS", "19", "set it to 20 or more"),
        ({"postgres": {"patroni": {"loopWaitS": 0}}}, "postgres.patroni.loopWaitS", "0", "set it to 1 or more"),
        ({"postgres": {"patroni": {"retryTimeoutS": 2}}}, "postgres.patroni.retryTimeoutS", "2", "set it to 3 or more"),
        ({"postgres": {"extensions": ["timescaledb"]}}, "postgres.extensions", "timescaledb", "leave it out"),
        ({"postgres": {"extensions": ["hstore", "hstore"]}}, "postgres.extensions", "hstore", "name each once"),
        ({"postgres": {"extensions": ["; drop"]}}, "postgres.extensions", "; drop", "pg_available_extensions"),
        ({"postgres": {"parameters": {"work_mem": "1\n2"}}}, "postgres.parameters.work_mem", "1", "on one line"),
        ({"local": {"portBase": 1023}}, "local.portBase", "1023", "set it to 1024 or more"),
        ({"local": {"portBase": 65437}}, "local.portBase", "65437", "set it to 65436 or less"),
        ({"local": {"listenAddress": "::"}}, "local.listenAddress", "'::'", "write 127.0.0.1"),
        ({"local": {"listenAddress": "localhost"}}, "local.listenAddress", "'localhost'", "write 127.0.0.1"),
        ({"local": {"directory": "data"}}, "local.directory", "'data'", "beginning with /"),
        ({"local": {"directory": "/"}}, "local.directory", "'/'", "nothing else uses"),
        ({"local": {"directory": "/srv/\n"}}, "local.directory", "srv", "remove it"),
        ({"local": {"serviceUser": "root"}}, "local.serviceUser", "'root'", "unprivileged user"),
        ({"local": {"serviceUser": "a b"}}, "local.serviceUser", "'a b'", "unprivileged user"),
        ({"tls": {"minimumVersion": "TLSv1.1"}}, "tls.minimumVersion", "'TLSv1.1'", "did you mean TLSv1.3?"),
        ({"substrate": "aws"}, "substrate", "'aws'", "write local or cloud"),
        ({"substrate": "3"}, "substrate", "'3'", "write local or cloud"),
        ({"protect": "yes"}, "protect", "'yes'", "without quotes"),
        ({"allowDataLoss": ["postgres"]}, "allowDataLoss", "postgres", "copy the id"),
        ({"allowDataLoss": "Etcd:etcd-1"}, "allowDataLoss", "Etcd:etcd-1", "a list of Type:name"),
    ],
)
def test_a_wrong_value_is_refused_with_path_value_and_fix(
    sections: dict[str, object], path: str, got: str, fix: str
) -> None:
    text = _problems(**sections)
    assert f"fashion-wallet:{path}: " in text
    assert got in text
    assert "allowed: " in text
    assert fix in text


@pytest.mark.parametrize(
    "name",
    [
        *("ssl", "ssl_min_protocol_version", "password_encryption", "listen_addresses", "port", "max_connections"),
        *("wal_level", "synchronous_commit", "synchronous_standby_names", "fsync", "shared_preload_libraries"),
        *("hba_file", "archive_command", "pgaudit.log", "unix_socket_directories", "statement_timeout", "lock_timeout"),
    ],
)
def test_a_derived_or_guarded_parameter_is_refused_by_name(name: str) -> None:
    text = _problems(postgres={"parameters": {name: "x"}})
    assert f"fashion-wallet:postgres.parameters.{name}: may not be set here" in text


@pytest.mark.parametrize(
    "name,harm",
    [
        ("archive_cleanup_command", "would run it"),
        ("backslash_quote", "take text for SQL"),
        ("data_sync_retry", "lost"),
        ("default_transaction_read_only", "refuse writes"),
        ("event_triggers", "audit trail"),
        ("extension_destdir", "load"),
        ("jit_provider", "load"),
        ("lo_compat_privileges", "large objects"),
        ("log_min_error_statement", "passwords"),
        ("log_min_messages", "audit trail"),
        ("session_replication_role", "triggers"),
        ("standard_conforming_strings", "take text for SQL"),
    ],
)
def test_a_parameter_that_does_harm_by_itself_is_refused_with_that_harm(name: str, harm: str) -> None:
    for value in ("x", "panic", "error"):
        text = _problems(postgres={"parameters": {name: value}})
        assert f"fashion-wallet:postgres.parameters.{name}: may not be set here: " in text
        assert harm in text


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse(
            {
                "fashion-wallet:postgres": '{"replicas": 9, "pool": {"maxConnections": 0, "min": 1}}',
                "fashion-wallet:timescale": '{"synchronousStandbys": 1}',
                "fashion-wallet:protekt": "true",
            }
        )
    assert len(caught.value.problems) == 5
    assert "5 problems in the stack's configuration:" in str(caught.value)


def test_a_secret_value_is_never_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        parse({"fashion-wallet:tls": '{"minimumVersion": "hunter2"}'}, secret_keys=frozenset({"tls"}))
    assert "hunter2" not in str(caught.value)
    assert "(a secret)" in str(caught.value)


def test_load_reads_what_the_engine_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", '{"fashion-wallet:postgres": "{\\"replicas\\": 3}"}')
    assert load().postgres.replicas == 3


def test_load_finds_misspelt_keys_of_the_program_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    token = pulumi.runtime.config.CONFIG.set({"fashion-wallet:timescle": "{}"})
    try:
        with pytest.raises(SettingsError, match="did you mean timescale"):
            load()
    finally:
        pulumi.runtime.config.CONFIG.reset(token)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(Settings().model_dump(by_alias=True))), _JSON))
def test_any_configuration_gives_settings_or_a_settings_error(sections: dict[str, object]) -> None:
    raw = {f"fashion-wallet:{key}": _as_passed(value) for key, value in sections.items()}
    try:
        settings = parse(raw)
    except SettingsError as error:
        refused = error.problems
    else:
        refused = ()
        assert isinstance(settings, Settings)
    assert all(problem.startswith("fashion-wallet:") and "fix: " in problem for problem in refused)


@given(st.text().filter(lambda key: key not in Settings().model_dump(by_alias=True)))
@example("[key]")
def test_no_unknown_key_passes(key: str) -> None:
    with pytest.raises(SettingsError):
        parse({f"fashion-wallet:{key}": "{}"})


def test_settings_survive_a_round_trip_through_json() -> None:
    settings = parse({"fashion-wallet:local": '{"directory": "/srv/x"}', "fashion-wallet:allowDataLoss": '["A:b"]'})
    assert Settings.model_validate_json(settings.model_dump_json(by_alias=True)) == settings
