"""The pure parts of the postgresql stand-in: what it makes of privileges, passwords, pieces of SQL, settings."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.base import UNKNOWN, Props
from plugins.postgresql import scram
from plugins.postgresql.connection_settings import ConnectionSettings, check_settings
from plugins.postgresql.errors import is_passing, is_untrusted
from plugins.postgresql.fragments import fault
from plugins.postgresql.privileges import PRIVILEGES, Held, spelled
from plugins.postgresql.provider import PostgresqlProvider

_TABLE = frozenset(PRIVILEGES["table"])
_SOME = st.frozensets(st.sampled_from(sorted(_TABLE)))
_HELD = st.builds(Held, privileges=_SOME, grantable=st.just(frozenset()), own=st.booleans())


@given(_SOME, st.lists(_HELD, max_size=4))
def test_privileges_read_back_as_wanted_exactly_where_nothing_is_to_be_done(
    wanted: frozenset[str], held: list[Held]
) -> None:
    said = sorted(wanted)
    right = all(wanted <= each.privileges if each.own else each.privileges == wanted for each in held)
    assert (sorted(spelled(said, _TABLE, held)) == said) is right


@given(st.lists(_HELD, max_size=4))
def test_all_means_all_that_the_server_knows(held: list[Held]) -> None:
    right = all(each.privileges >= _TABLE for each in held)
    assert (spelled(["ALL"], _TABLE, held) == ["ALL"]) is right


# The example of RFC 7677, written as pg_authid holds it.
_PENCIL = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


@pytest.mark.parametrize(
    "stored, password, belongs",
    [
        (_PENCIL, "pencil", True),
        (_PENCIL, "pencils", False),
        (_PENCIL, _PENCIL, True),
        (_PENCIL, "md5" + "0" * 32, False),
        ("", "pencil", False),
        ("SCRAM-SHA-256$broken", "pencil", False),
        ("SCRAM-SHA-256$4096:%%%$%%%:%%%", "pencil", False),
        (_PENCIL, "pëncil", True),  # beyond ASCII only libpq knows the normal form
        ("md54d1fb28e8c5e3c3bf0b6d5f2c7e6a8a1", "pencil", False),
    ],
)
def test_a_stored_verifier_is_told_from_that_of_another_password(stored: str, password: str, belongs: object) -> None:
    assert scram.belongs_to(stored, password, "u") is belongs


@pytest.mark.parametrize(
    "text",
    ["text", "numeric(10, 2)", "character varying(5)[]", '"My Type"', "'a;b--'", "now() - interval '1 day'", "-1"],
)
def test_a_closed_piece_of_sql_passes(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a; b",
        "a)",
        "(a",
        "'a",
        '"a',
        "a -- b",
        "a /* b",
        "$$a$$",
        "E'\\''",
        "a, b",
        "a\0",
        "'\\'",
        "')",
        "''')",
    ],
)
def test_an_open_piece_of_sql_is_refused(text: str) -> None:
    assert fault(text) is not None


@given(st.text(alphabet="a'\"()$;,-/*\\ "))
def test_a_piece_that_passes_leaves_nothing_open(text: str) -> None:
    """With every quoted part taken out, nothing is left that could end or widen the statement."""
    if fault(text) is not None:
        return
    rest, quote = "", ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        else:
            rest += sign
    assert quote == ""
    assert not set(rest) & set(";$\\")
    assert "--" not in rest
    assert "/*" not in rest
    assert rest.count("(") == rest.count(")")


@pytest.mark.parametrize(
    "text, passing",
    [
        ('connection to server at "h" port 1 failed: Connection refused', True),
        ("connection timeout expired", True),
        ("FATAL:  the database system is starting up", True),
        ("server closed the connection unexpectedly", True),
        ("FATAL:  sorry, too many clients already", True),
        ('FATAL:  password authentication failed for user "u"', False),
        ("SSL error: certificate verify failed", False),
        ('FATAL:  database "d" does not exist', False),
        ("FATAL:  no pg_hba.conf entry for host", False),
    ],
)
def test_only_what_passes_by_itself_is_tried_again(text: str, passing: object) -> None:
    assert is_passing(psycopg.OperationalError(text)) is passing


@pytest.mark.parametrize(
    "text, untrusted",
    [
        ("connection failed: SSL error: certificate verify failed", True),
        ("connection failed: SSL error: sslv3 alert certificate expired", True),
        ("connection failed: SSL error: ssl/tls alert bad certificate", True),
        ("connection failed: SSL error: tlsv1 alert unknown ca", True),
        ("connection failed: FATAL:  connection requires a valid client certificate", False),
        ('connection failed: could not read root certificate file "/ca.crt"', False),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_from_a_wrong_setting(text: str, untrusted: object) -> None:
    assert is_untrusted(psycopg.OperationalError(text)) is untrusted


@pytest.mark.parametrize(
    "settings, part",
    [
        ({"port": 0}, "port: got 0, allowed is a whole number from 1 to 65535"),
        ({"port": True}, "port: got True"),
        ({"connectTimeout": -1}, "connectTimeout: got -1, allowed is a whole number from 0"),
        ({"sslmode": "verify"}, "sslmode: got 'verify', allowed are disable, allow"),
        ({"awsRdsIamAuth": True}, "awsRdsIamAuth: the stand-in does not support this setting"),
        ({"scheme": "awspostgres"}, "scheme: got 'awspostgres', allowed is postgres"),
        ({"clientcert": {"cert": "a"}}, "allowed is an object with cert and key"),
        ({"clientcert": {"cert": "a", "key": "b", "pin": 1}}, "clientcert.pin: unknown"),
        ({"superuser": "yes"}, "superuser: got 'yes', allowed is true or false"),
        ({"host": 5}, "host: got 5, allowed is text"),
    ],
)
def test_wrong_settings_are_refused_by_name(settings: Props, part: str) -> None:
    failures = check_settings(settings)
    assert len(failures) == 1
    assert part in failures[0].reason


def test_unknown_settings_are_left_for_later() -> None:
    names = ("host", "port", "username", "password", "sslmode", "clientcert", "superuser", "connectTimeout", "scheme")
    assert check_settings(dict.fromkeys(names, UNKNOWN)) == []


def test_settings_fall_back_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    assert str(ConnectionSettings.from_config({})) == "localhost:5432 as postgres"
    assert ConnectionSettings.from_config({}).sslmode == "require"
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGUSER", "someone")
    assert str(ConnectionSettings.from_config({"host": "h"})) == "h:6000 as someone"


def test_the_schema_names_every_type_and_what_it_needs() -> None:
    resources = PostgresqlProvider().schema()["resources"]
    assert set(resources) == set(PostgresqlProvider().resources)
    assert resources["postgresql:index/grant:Grant"]["requiredInputs"] == [
        "database",
        "objectType",
        "privileges",
        "role",
    ]
    assert resources["postgresql:index/role:Role"]["properties"]["password"] == {"type": "string", "secret": True}
