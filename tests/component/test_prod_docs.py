"""The pages on stack prod say what the program does: what a rehearsal does not verify, what a change does to data."""

import re

import pytest

from components.layer.cloud_guard import guard_args
from components.resources import DataGuardArgs
from plugins.walletdb.guard import consequences, premature
from rehearsal import verification
from rehearsal.report import unverified
from rehearsal.verification import verifiers
from tests.component.draw_prod import PICTURE, resources
from tests.component.test_cloud_layer import settings_of

PAGE = PICTURE.with_name("prod.md")
HOW_TO = PICTURE.parents[1] / "how-to"


def _listed(mark: str) -> list[str]:
    found = re.search(
        rf"<!-- {mark}: begin -->\n(.*?)<!-- {mark}: end -->", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None
    return [line.removeprefix("- ").strip("`") for line in found[1].splitlines()]


def test_the_types_are_those_that_only_a_stand_in_takes() -> None:
    types = {each["type"]: 1 for each in resources() if each["custom"] and not each["type"].startswith("pulumi:")}
    assert _listed("not verified") == sorted(unverified(types, verifiers(types))), f"correct the list in {PAGE.name}"


def test_what_is_checked_less_is_in_it() -> None:
    assert _listed("lax") == list(verification._LAX), f"correct the list in {PAGE.name}"


@pytest.mark.parametrize(
    "token,who",
    [
        ("aws:backup/plan:Plan", "stand-in"),
        ("aws:kms/key:Key", "moto"),
        ("kubernetes:core/v1:Secret", "kube-apiserver"),
        ("postgresql:index/grant:Grant", "PostgreSQL"),
        ("mongodbatlas:index/project:Project", "stand-in"),
    ],
)
def test_who_verifies_a_type(token: str, who: str) -> None:
    assert verifiers([token]) == {token: who}


def _guard(**changes: object) -> DataGuardArgs:
    settings = settings_of(**changes)
    assert settings.cloud is not None
    return guard_args(settings, settings.cloud, ())


def test_the_effect_of_a_larger_class_is_quoted_as_it_is_said() -> None:
    before, after = _guard(), _guard(cloud__rds__instanceClass="db.r6g.xlarge")
    (line,) = consequences(dict(before.watched or {}), dict(after.watched or {}))
    assert line in " ".join((HOW_TO / "change-prod.md").read_text(encoding="utf-8").split())


def test_the_order_of_an_upgrade_is_quoted_as_it_is_said() -> None:
    before, after = _guard(cloud__rds__engineVersion="17.4"), _guard(cloud__rds__engineVersion="17.5")
    (reason,) = premature(dict(before.upgrades or {}), dict(after.upgrades or {}))
    page = " ".join((HOW_TO / "upgrade-postgresql.md").read_text(encoding="utf-8").split())
    first, last = reason.partition(" before its replicas: ")[0], "a replica may never be older than its primary."
    assert f"{first} before its replicas: Instance:postgres-re" in page
    assert last in reason
    assert last in page
    assert "docs/how-to/upgrade-postgresql.md" in reason
