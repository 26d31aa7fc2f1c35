"""Exceptions from rules: what the file may say, what they exempt, and that they end."""

import datetime as dt
from pathlib import Path

import pytest

from policies.errors import ConfigurationError
from policies.exemptions import Exemption, read_exemptions
from tests.policies.world import TODAY, Verdict, World, whole_pack

ADVISORY, MANDATORY = 0, 1
RULE = "rds-instance-protect-deletion"
EXPIRED, UNUSED = "exemption-forbid-expired", "exemption-forbid-unused"
ENTRY = """\
[[exemption]]
rule = "rds-instance-protect-deletion"
resource = "Instance:postgres-primary"
stacks = "dev|prod"
reason = "the instance is replaced in the week of the move"
who = "platform team"
expires = 2026-03-31
"""


def exemption(**changes: object) -> Exemption:
    values = {
        "rule": RULE,
        "resource": "Instance:postgres-primary",
        "stacks": "dev",
        "reason": "the instance is replaced in the week of the move",
        "who": "platform team",
        "expires": TODAY,
        **changes,
    }
    return Exemption(**values)  # type: ignore[arg-type]


def judged(*exemptions: Exemption, broken: bool = True) -> Verdict:
    world = World()
    if broken:
        world.put("Instance:postgres-primary", "deletionProtection", value=False)
    return world.judge(whole_pack(exemptions))


def test_what_is_exempted_is_advisory_and_says_why_by_whom_and_until_when() -> None:
    verdict = judged(exemption())
    assert verdict.levels == {RULE: ADVISORY}
    assert "deletionProtection is false; allowed: true." in verdict.messages[0]
    expected = "Exemption: exempt until 2026-03-01 by platform team: the instance is replaced in the week of the move"
    assert expected in verdict.messages[0]


def test_a_urn_names_the_resource_too() -> None:
    urn = "urn:pulumi:dev::fashion-wallet::aws:rds/instance:Instance::postgres-primary"
    assert judged(exemption(resource=urn)).levels == {RULE: ADVISORY}


def test_after_its_last_day_it_exempts_nothing_and_is_a_violation_of_its_own() -> None:
    verdict = judged(exemption(expires=TODAY - dt.timedelta(days=1)))
    assert verdict.levels == {RULE: MANDATORY, EXPIRED: MANDATORY}
    text = "stack: the exemption of Instance:postgres-primary from rds-instance-protect-deletion is over (exempt until"
    assert text in "\n".join(verdict.messages)


def test_one_for_another_resource_or_rule_exempts_nothing() -> None:
    for other in (exemption(resource="Instance:postgres-replica-b"), exemption(rule="rds-instance-enable-multi-az")):
        assert judged(other).levels == {RULE: MANDATORY, UNUSED: ADVISORY}


def test_one_for_every_resource_exempts_each_of_them_from_its_rule() -> None:
    assert judged(exemption(resource="*")).levels == {RULE: ADVISORY}


def test_one_for_every_resource_lasts_a_week_at_most(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.toml"
    for days, right in ((7, True), (8, False)):
        entry = ENTRY.replace("Instance:postgres-primary", "*").replace("2026-03-31", str(TODAY + dt.timedelta(days)))
        file.write_text(entry, encoding="utf-8")
        if right:
            assert [one.resource for one in read_exemptions(TODAY, file)] == ["*"]
        else:
            with pytest.raises(ConfigurationError, match="at the latest"):
                read_exemptions(TODAY, file)


def test_one_that_names_no_rule_is_a_violation() -> None:
    verdict = judged(exemption(rule="rds-instance-protect-deletoin"))
    assert verdict.levels == {RULE: MANDATORY, EXPIRED: MANDATORY}
    assert "is about no rule of the pack; allowed: the id of a rule." in "\n".join(verdict.messages)


def test_one_that_nothing_needs_is_reported() -> None:
    verdict = judged(exemption(), broken=False)
    assert verdict.levels == {UNUSED: ADVISORY}
    assert "is without use (exempt until 2026-03-01 by platform team:" in verdict.messages[0]


def test_a_finding_of_a_rule_about_the_stack_can_be_exempted() -> None:
    alarms = exemption(rule="database-require-alarms", resource="Instance:postgres-primary")
    world = World().put("MetricAlarm:postgres-primary-CPUUtilization", "metricName", "SwapUsage")
    assert world.judge(whole_pack([alarms])).levels == {"database-require-alarms": ADVISORY}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "exemptions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_complete_entry_is_read_and_holds_for_the_stacks_it_names(tmp_path: Path) -> None:
    (one,) = read_exemptions(TODAY, write(tmp_path, ENTRY))
    assert one == exemption(stacks="dev|prod", expires=dt.date(2026, 3, 31))
    assert [one.holds(stack) for stack in ("dev", "prod", "production", "")] == [True, True, False, False]
    assert [one.is_over(day) for day in (dt.date(2026, 3, 31), dt.date(2026, 4, 1))] == [False, True]


def test_no_file_and_an_empty_one_mean_no_exemption(tmp_path: Path) -> None:
    assert read_exemptions(TODAY, tmp_path / "exemptions.toml") == []
    assert read_exemptions(TODAY, write(tmp_path, "# none\n")) == []


@pytest.mark.parametrize(
    "old,new,text",
    [
        ("[[exemption]]", "[[exemption", "exemptions.toml: is no TOML"),
        ("[[exemption]]", "[[exemptions]]", "got exemptions; allowed: [[exemption]] entries only; fix:"),
        ("[[exemption]]", "[exemption]", "got dict; allowed: [[exemption]] entries only"),
        ('who = "platform team"\n', "", "exemption 1: who: got is missing; allowed: rule, resource, stacks, reason,"),
        ("who =", "whom =", "exemption 1: who: got is missing"),
        ('who = "platform team"', 'who = " "', "exemption 1: who: got ' '; allowed: a text; fix: say it in words"),
        ("expires =", 'more = "x"\nexpires =', "exemption 1: more: got is unknown; allowed: rule, resource,"),
        ('"the instance is replaced in the week of the move"', '"later"', "reason: got 'later'; allowed: at least 20"),
        ("Instance:postgres-primary", "Instance:*", "resource: got 'Instance:*'; allowed: Type:name as in Instance:"),
        ("Instance:postgres-primary", "postgres-primary", "resource: got 'postgres-primary'; allowed: Type:name"),
        ('"dev|prod"', '"("', "stacks: got '('"),
        ("2026-03-31", '"2026-03-31"', "expires: got '2026-03-31'; allowed: a date such as 2026-12-31, without quotes"),
        ("2026-03-31", "2026-03-31T10:00:00", "expires: got datetime.datetime(2026, 3, 31, 10, 0); allowed: a date"),
        ("2026-03-31", "2027-03-03", "expires: got 2027-03-03; allowed: 2027-03-02 at the latest; fix: shorten it"),
    ],
)
def test_an_entry_that_is_not_right_is_refused(tmp_path: Path, old: str, new: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_exemptions(TODAY, write(tmp_path, ENTRY.replace(old, new)))
    assert text in str(caught.value)


def test_the_project_s_own_file_is_right() -> None:
    assert isinstance(read_exemptions(dt.datetime.now(dt.UTC).date()), list)
