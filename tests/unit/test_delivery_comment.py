"""The comment and the issue, out of what the real engine printed (tests/fixtures/engine_previews.py)."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from delivery.changes import Change
from delivery.comment import MARKER, Report, comment, losses
from delivery.drift import issue, marker
from delivery.errors import DeliveryError
from delivery.fitting import LIMIT
from delivery.preview import Finding, Preview, read, read_findings
from delivery.properties import PropertyChange
from delivery.stateful import HOLDS_DATA, held_by
from policies.registry import RULES
from policies.report.documents import as_json
from policies.report.findings import read_events
from tests.fixtures.engine_previews import HOSTILE, PREVIEWS

BUCKET = "Bucket:fashion-wallet-bucket-dumps"
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def recorded(name: str) -> Preview:
    return read(PREVIEWS / name)


def report(preview: Preview) -> Report:
    return Report(stack=preview.stack, preview=preview)


def text_of(*previews: Preview, **named: Any) -> str:
    return comment([report(preview) for preview in previews], **named)


def step(operation: str, kind: str, name: str, parent: str = "", **metadata: Any) -> str:
    """An event as the engine writes it."""
    urn = f"urn:pulumi:dev::project::{kind}::{name}"
    stack = "urn:pulumi:dev::project::pulumi:pulumi:Stack::project-dev"
    old = None if operation == "create" else {"inputs": {}, "outputs": {}, "parent": parent or stack}
    new = None if operation.startswith("delete") else {"inputs": {}, "outputs": {}, "parent": parent or stack}
    for side, given_ in (("old", old), ("new", new)):
        if given_ is not None:
            given_.update(metadata.pop(side, {}))
    event = "resOutputsEvent" if operation == "refresh" else "resourcePreEvent"
    return json.dumps(
        {"sequence": 1, event: {"metadata": {"op": operation, "urn": urn, "old": old, "new": new, **metadata}}}
    )


END = json.dumps({"sequence": 9, "summaryEvent": {"resourceChanges": {"same": 1}, "result": "succeeded"}})


def preview_of(folder: Path, *lines: str) -> Preview:
    path = folder / "preview.jsonl"
    path.write_text("\n".join([*lines, END]) + "\n", encoding="utf-8")
    return read(path)


def test_what_the_engine_printed_is_read() -> None:
    preview = recorded("change.jsonl")
    assert (preview.stack, preview.unchanged, preview.ended, preview.failed) == ("dev", 5, True, True)
    assert Counter(change.action for change in preview.changes) == {"update": 4, "replace": 2, "create": 1, "delete": 1}
    assert [change.guard_id for change in losses(preview)] == [BUCKET]
    assert preview.lost == (BUCKET,)
    assert preview.notes == ("cloud.rds.instanceClass: db.r6g.large → db.r6g.xlarge: a fail-over; no data is lost",)
    assert preview.rules > 20
    assert "dataguard-forbid-data-loss" in {finding.policy for finding in preview.violations[:3]}, (
        "the worst come first"
    )
    assert {finding.severity for finding in preview.violations[:3]} == {"critical"}
    assert (preview.errors, preview.warnings) == ((), ())
    replaced = next(change for change in preview.changes if change.guard_id == BUCKET)
    assert replaced.component == "storage"
    assert [(prop.path, prop.old, prop.new, prop.replaces) for prop in replaced.properties[:1]] == [
        ("bucket", '"one"', '"two"', True)
    ]


def test_both_forms_of_the_engine_s_output_say_the_same_changes() -> None:
    assert recorded("change.json").changes == recorded("change.jsonl").changes
    assert recorded("change.json").notes == recorded("change.jsonl").notes
    assert recorded("change.json").findings == ()


def test_what_holds_data_comes_first_and_loud() -> None:
    text = text_of(recorded("change.jsonl"))
    loud = text.index("this would lose data")
    assert text.startswith(MARKER)
    assert "> [!CAUTION]" in text[:loud]
    assert loud < text.index("| stack |") < text.index("Policies:") < text.index("<details")
    assert f"| **REPLACED** | <code>{BUCKET}</code> | <code>storage</code> | a bucket" in text
    assert "because of <code>bucket</code>" in text
    assert "🛑 **1**" in text


def test_no_secret_and_no_markdown_of_strangers() -> None:
    text = text_of(recorded("change.jsonl"))
    assert HOSTILE not in text
    assert "&#124;&#96;&#42;&#60;b&#62;&#64;all" in text
    assert "<code>&#91;secret&#93;</code> | <code>&#91;secret&#93;</code>" in text
    assert well_formed(text)


def well_formed(text: str) -> bool:
    """Every row of a table has as many cells as its head, and no link or image came in."""
    tokens = PARSER.parse(text)
    cells, heads = 0, 0
    for token in tokens:
        heads = 0 if token.type == "table_open" else heads + (token.type == "th_open")
        cells = 0 if token.type == "tr_open" else cells + (token.type == "td_open")
        if token.type == "tr_close" and cells not in {0, heads}:
            return False
        if any(child.type in {"link_open", "image", "code_inline"} for child in token.children or ()):
            return False
    tags = re.findall(r"</?([a-z]+)", re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", text, flags=re.DOTALL))
    return {*tags} <= {"br", "details", "summary", "sub"} and text.count("<details") == text.count("</details>")


def test_counts_of_each_stack_stand_in_one_table() -> None:
    text = text_of(recorded("change.jsonl"), replace(recorded("same.jsonl"), stack="prod"))
    assert "| <code>dev</code> | ❌ refused by policies | **2** | **1** | **1** | **4** | 5 |" in text
    assert "| <code>prod</code> | ✅ nothing to do | 0 | 0 | 0 | 0 | 12 | none | not asked |" in text
    assert "Nothing would change." in text


def test_a_program_that_breaks_is_shown_with_its_error() -> None:
    text = text_of(recorded("broken.jsonl"))
    assert "❌ **failed**" in text
    assert "AttributeError: &#x27;int&#x27; object" in text


def test_a_preview_that_is_not_there_is_said() -> None:
    text = comment([Report(stack="prod", preview=None, missing="plans/prod/preview.jsonl cannot be read")])
    assert "<code>prod</code> | ⚠️ **no preview**: <code>plans/prod/preview.jsonl cannot be read" in text


def test_a_preview_that_broke_off_is_no_success() -> None:
    assert "⚠️ **the preview broke off**" in text_of(Preview(stack="dev", ended=False))


def test_a_half_written_last_line_is_passed_over_and_any_other_is_not(tmp_path: Path) -> None:
    path = tmp_path / "preview.jsonl"
    path.write_text(f'{step("create", "a:b:C", "x")}\n{{"resourcePre', encoding="utf-8")
    assert not read(path).ended
    path.write_text(f'{{"half\n{step("create", "a:b:C", "x")}\n', encoding="utf-8")
    with pytest.raises(DeliveryError, match="no JSON"):
        read(path)
    path.write_text("nothing at all\n", encoding="utf-8")
    with pytest.raises(DeliveryError, match="nothing in it"):
        read(path)


@pytest.mark.parametrize(
    "operations,action",
    [
        (("create",), "create"),
        (("update",), "update"),
        (("delete",), "delete"),
        (("import",), "import"),
        (("create-replacement", "replace", "delete-replaced"), "replace"),
        (("delete-replaced", "replace", "create-replacement"), "replace"),
        (("delete-replaced",), "delete"),
        (("create", "delete-replaced"), "replace"),
        (("same",), None),
        (("read",), None),
    ],
)
def test_steps_become_one_change(tmp_path: Path, operations: tuple[str, ...], action: str | None) -> None:
    preview = preview_of(tmp_path, *(step(one, "aws:rds/instance:Instance", "primary") for one in operations))
    assert [change.action for change in preview.changes] == ([action] if action else [])
    assert len(losses(preview)) == (action in {"replace", "delete"})


def test_what_is_left_over_kept_or_protected_is_said(tmp_path: Path) -> None:
    def note(*lines: str) -> str:
        return preview_of(tmp_path, *lines).changes[0].note

    assert "left over" in note(step("delete-replaced", "a:b:C", "x"))
    assert "real one stays" in note(step("delete", "a:b:C", "x", old={"retainOnDelete": True}))
    assert "protected" in note(step("delete", "a:b:C", "x", old={"protect": True}))


def test_components_are_named_by_what_lies_below_the_layer(tmp_path: Path) -> None:
    urns = [
        f"urn:pulumi:dev::project::{kind}::{name}"
        for kind, name in (("l:a:Layer", "layer"), ("l:a:Layer$c:d:E", "part"))
    ]
    preview = preview_of(
        tmp_path,
        step("same", "l:a:Layer", "layer"),
        step("same", "l:a:Layer$c:d:E", "part", urns[0]),
        step("create", "l:a:Layer$c:d:E$f:g:H", "inner", urns[1]),
        step("create", "f:g:H", "outer"),
        step("create", "l:a:Layer$f:g:H", "own", urns[0]),
    )
    assert {change.name: change.component for change in preview.changes} == {
        "inner": "part",
        "outer": "(in no component)",
        "own": "layer",
    }


def test_detailed_differences_say_what_replaces(tmp_path: Path) -> None:
    detailed = {"size": {"diffKind": "update"}, "zone": {"diffKind": "update-replace"}}
    line = step(
        "replace",
        "a:b:C",
        "x",
        old={"inputs": {"size": 1, "zone": "a", "other": 1}},
        new={"inputs": {"size": 2, "zone": "b", "other": 2}},
        detailedDiff=detailed,
    )
    (change,) = preview_of(tmp_path, line).changes
    assert [(prop.path, prop.replaces) for prop in change.properties] == [("size", False), ("zone", True)]


@pytest.mark.parametrize("kind", sorted(HOLDS_DATA))
def test_the_loss_of_everything_that_holds_data_is_loud(tmp_path: Path, kind: str) -> None:
    for operation in ("delete", "replace"):
        preview = preview_of(tmp_path, step(operation, kind, "thing"))
        assert "this would lose data" in text_of(preview)
        assert HOLDS_DATA[kind] in text_of(preview)
    assert "this would lose data" not in text_of(preview_of(tmp_path, step("update", kind, "thing")))


def test_custom_resources_hold_data_under_any_version() -> None:
    assert held_by("kubernetes:postgresql.cnpg.io/v2:Cluster")
    assert not held_by("kubernetes:postgresql.cnpg.io/v1:Pooler")
    assert not held_by("kubernetes:apps/v1:Cluster")


def test_what_only_the_guard_knows_is_loud_too(tmp_path: Path) -> None:
    line = step("update", "walletdb:index:DataGuard", "guard", new={"inputs": {"lost": ["Database:wallet"]}})
    text = text_of(preview_of(tmp_path, line))
    assert "this would lose data" in text
    assert "| **LOST** | <code>Database:wallet</code> |" in text


def many(count: int, holds: str = "") -> tuple[Change, ...]:
    properties = tuple(PropertyChange(path=f"p{number}", old="x" * 150, new="y" * 150) for number in range(5))
    return tuple(
        Change(
            urn=f"urn:pulumi:dev::p::t::r{number}",
            type="aws:rds/instance:Instance",
            name=f"resource-{number:04}",
            component=f"part-{number % 7}",
            action="replace",
            properties=properties,
            holds=holds,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("count", [100, 1000])
def test_a_large_change_is_cut_and_says_so(count: int) -> None:
    text = text_of(Preview(stack="dev", changes=many(count)), run_url="https://github.com/o/r/actions/runs/1")
    assert len(text) <= LIMIT
    assert "more lines are left out" in text
    assert "[see the run](https://github.com/o/r/actions/runs/1)" in text
    assert well_formed(text.replace("[see the run]", "see").replace("[The run]", "The run"))


@pytest.mark.parametrize("count", [50, 400])
def test_the_dangerous_part_is_never_cut(count: int) -> None:
    lost = many(count, "a database server and every database on it")
    findings = tuple(
        Finding(policy=f"rule-{number}", level="mandatory", severity="low", urn="", message="m" * 400)
        for number in range(200)
    )
    preview = Preview(stack="dev", changes=lost, findings=findings, errors=("e" * 5000,) * 30)
    text = text_of(preview)
    assert len(text) <= LIMIT
    loud = text[: text.index("| stack |")]
    assert all(f"Instance:{change.name}</code>" in loud for change in lost)


def test_even_more_than_that_fits_and_is_counted() -> None:
    text = text_of(Preview(stack="dev", changes=many(3000, "a database")))
    assert len(text) <= LIMIT
    assert "**3000**" in text
    assert re.search(r"\*\*and \d+ more\*\*", text)


TEXTS = st.text(max_size=40) | st.sampled_from([HOSTILE, "</details>", "a\n\n# b", "|||", "</pre></code>"])


@settings(max_examples=40)
@given(TEXTS, TEXTS, TEXTS)
def test_whatever_names_and_messages_are_the_comment_stays_whole(name: str, message: str, stack: str) -> None:
    change = Change(
        urn="urn",
        type=message,
        name=name,
        component=name,
        action="replace",
        holds="data",
        properties=(PropertyChange(path=name, old=message, new=name, replaces=True),),
    )
    finding = Finding(policy=name, level="mandatory", severity=message, urn=name, message=f"title\n{message}")
    preview = Preview(
        stack=stack,
        changes=(change,),
        drift=(change, replace(change, action="delete")),
        lost=(name,),
        notes=(message,),
        findings=(finding, replace(finding, level="advisory")),
        errors=(message,),
        warnings=(message,),
    )
    assert well_formed(text_of(preview, commit=name, run_url=message))
    assert well_formed(issue(preview, stack).body)


def test_a_policy_report_of_its_own_is_taken(tmp_path: Path) -> None:
    """What the policies' own report makes of the very same events says the same."""
    path = tmp_path / "policy.json"
    with (PREVIEWS / "change.jsonl").open(encoding="utf-8") as lines:
        run = read_events(lines, "change.jsonl")
    path.write_text(as_json(run, RULES), encoding="utf-8")
    preview = recorded("change.jsonl")
    found = read_findings(path, "dev")
    assert [(one.policy, one.severity, one.urn) for one in found if one.level == "mandatory"] == [
        (one.policy, one.severity, one.urn) for one in preview.violations
    ]
    assert read_findings(path, "prod") == ()
    assert read_findings(PREVIEWS / "change.jsonl", "dev") == preview.findings
    text = comment([Report(stack="dev", preview=replace(preview, findings=()), findings=found)])
    assert text == text_of(preview)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(DeliveryError, match="no policy report"):
        read_findings(path, "dev")


def test_what_a_policy_mended_is_said(tmp_path: Path) -> None:
    urn = "urn:pulumi:dev::project::a:b:C::thing"
    line = json.dumps({"sequence": 1, "policyRemediationEvent": {"policyName": "rule", "resourceUrn": urn}})
    assert preview_of(tmp_path, line).warnings == ("thing: mended by the policy rule",)


def verdicts() -> Iterator[tuple[Preview | None, str, str]]:
    change = many(1)
    finding = Finding(policy="rule", level="mandatory", severity="low", urn="", message="title\nfound")
    yield recorded("same.jsonl"), "clean", "is as declared"
    yield recorded("drift.jsonl"), "drift", "has drifted: 1 resource"
    yield recorded("gone.jsonl"), "drift", "has drifted: 1 resource"
    yield recorded("broken.jsonl"), "unknown", "nobody knows"
    yield None, "unknown", "nobody knows"
    yield Preview(stack="dev", ended=False), "unknown", "nobody knows"
    yield Preview(stack="dev", failed=True), "unknown", "nobody knows"
    yield Preview(stack="dev", changes=change), "undeployed", "lags behind"
    yield Preview(stack="dev", findings=(finding,), failed=True), "refused", "violates policies"
    yield Preview(stack="dev", findings=(finding,), drift=change), "drift", "has drifted"


@pytest.mark.parametrize("preview,verdict,title", list(verdicts()))
def test_the_issue_says_what_is_the_matter(preview: Preview | None, verdict: str, title: str) -> None:
    made = issue(preview, "prod", run_url="https://github.com/o/r/actions/runs/1")
    assert (made.verdict, made.clean) == (verdict, verdict == "clean")
    assert title in made.title
    assert made.title.startswith("Stack prod")
    assert made.body.startswith(marker("prod"))
    assert len(made.body) <= LIMIT


def test_drift_is_shown_as_recorded_and_found() -> None:
    body = issue(recorded("drift.jsonl"), "prod").body
    assert '<code>tags.Owner</code> | <code>"data"</code> | <code>"somebody"</code>' in body
    assert "What an update would do: 1 resource" in body


def test_a_reviewer_is_told_of_drift() -> None:
    text = text_of(recorded("drift.jsonl"))
    assert "1 found other than recorded" in text
    assert well_formed(text)


def test_what_is_gone_is_loud_where_it_held_data() -> None:
    body = issue(recorded("gone.jsonl"), "prod").body
    assert "**These are gone:**" in body
    assert f"<code>{BUCKET}</code> in <code>storage</code> — **it held data: a bucket" in body


def test_what_a_provider_alone_finds_is_drift_too(tmp_path: Path) -> None:
    alike: Mapping[str, Any] = {"inputs": {"directory": "/x"}, "outputs": {"status": "changed: walletdb.json"}}
    line = step(
        "update", "walletdb:index:RuntimeConfig", "file", old=alike, new={"inputs": alike["inputs"]}, diffs=["status"]
    )
    preview = preview_of(tmp_path, line)
    assert [change.name for change in preview.drift] == ["file"]
    assert "changed: walletdb.json" in issue(preview, "dev").body
    changed = step("update", "a:b:C", "x", old={"inputs": {"a": 1}}, new={"inputs": {"a": 2}}, diffs=["a"])
    assert preview_of(tmp_path, changed).drift == ()
