"""The exceptions by which a rehearsal takes a protected stack down."""

import datetime as dt
from pathlib import Path

from policies.exemptions import read_exemptions
from policies.registry import RULES
from rehearsal.lifted import LIFTED, lifted_pack

PROJECT = Path(__file__).parents[2]


def test_the_copy_has_an_exception_of_a_day_from_each_rule_that_demands_protection(tmp_path: Path) -> None:
    pack = lifted_pack(PROJECT, tmp_path)
    assert pack.is_file()
    today = dt.datetime.now(dt.UTC).date()
    found = read_exemptions(today, pack.parent / "exemptions.toml")
    assert {(one.rule, one.resource, one.stacks) for one in found} >= {(rule, "*", "prod") for rule in LIFTED}
    assert all((one.expires - today).days <= 1 for one in found if one.resource == "*")
    assert lifted_pack(PROJECT, tmp_path) == pack, "a second one changes nothing"


def test_every_rule_that_is_lifted_is_one_of_the_pack() -> None:
    assert set(LIFTED) <= {rule.id for rule in RULES}
