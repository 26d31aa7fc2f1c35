"""Server parameters are judged by PostgreSQL itself."""

from __future__ import annotations

import re

import pytest

from components.postgres.parameters import OPTIONAL_PRELOAD, PRELOAD, server_parameters
from localproc import postgres
from localproc.server_parameters import refused
from settings import ClusterSettings


@pytest.fixture(scope="module")
def installation() -> postgres.Installation:
    return postgres.find()


@pytest.mark.parametrize(
    "name,value,said",
    [
        ("work_memm", "8MB", "unrecognized.*is work_mem meant?"),
        ("zzz", "1", "unrecognized"),
        ("work_mem", "banana", "a whole number from 64 to 2147483647. Valid units .*kB"),
        ("work_mem", "8XB", "Valid units .*MB"),
        ("work_mem", "1kB", "outside the valid range"),
        ("huge_pages", "maybe", "Available values: off, on, try"),
        ("max_prepared_transactions", "-5", r"-5 is outside .*\(0 .. 262143\)"),
        ("jit", "perhaps", "on or off"),
        ("random_page_cost", "x", "a number from 0 to"),
        ("server_version", "1", "cannot be changed"),
        ("pgaudti.log", "ddl", "no library pgaudti is installed; is pgaudit meant"),
    ],
)
def test_what_postgresql_would_not_take_is_refused_with_what_it_would(
    installation: postgres.Installation, name: str, value: str, said: str
) -> None:
    found = refused({"jit": "off", name: value}, installation, ["pgaudit"])
    assert list(found) == [name]
    assert re.search(said, found[name]), found[name]


def test_units_choices_and_libraries_are_postgresqls_own(installation: postgres.Installation) -> None:
    taken = {
        "work_mem": "8MB",
        "deadlock_timeout": "200ms",
        "checkpoint_timeout": "0.5h",
        "datestyle": "ISO, DMY",
        "huge_pages": "try",
        "jit": "off",
        "random_page_cost": "1.1",
        "jit_tuple_deforming": "on",
        "pgaudit.log": "ddl, role",
        "plpgsql.variable_conflict": "error",
    }
    assert refused(taken, installation, ["pgaudit"]) == {}
    assert refused({}, installation) == {}


def test_what_the_project_sets_itself_is_taken(installation: postgres.Installation) -> None:
    assert refused(server_parameters(ClusterSettings(), "TLSv1.3"), installation, [*PRELOAD, *OPTIONAL_PRELOAD]) == {}
