"""Writes the reference page of the rules from the registry: `python -m policies.reference`.

With `--check` it writes nothing and exits 1 when the page is not up to date.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from policies.message import REFERENCE
from policies.registry import RULES
from policies.rule import ResourceRule, Rule

__all__ = ["main", "page"]

_ROOT = Path(__file__).resolve().parent.parent

_HEAD = """\
# Policies

<!-- Written by `python -m policies.reference` from policies/registry.py. Edit the rules, not this page. -->

What every preview and update must satisfy. `make up`, `make preview` and `bin/pulumi` run the pack; your own `pulumi`
only where you name it:

    pulumi preview -s dev --policy-pack policies/pack
    bin/pulumi policy analyze -s dev --policy-pack policies/pack

## When a rule judges

- **A rule about a resource**: before that resource is touched. `DataGuard` comes first and every server waits for it,
  so what it says of data, replicas and synchronous standbys stops an update before any server is touched.
  A MongoDB replica set comes after its members: what is refused there stops an update before the set is changed, and
  members that were taken out of the program are only deleted after it.
- **A rule about the stack** (those that judge "the stack" below): at the end, when all resources are known. A preview
  fails with nothing touched. An update without a preview has been applied by then: nothing is lost by that, but it
  fails until the program is mended. What refers to what is told by values, and before they are known by what they are
  made of: a plan that will name the primary passes in the first preview, one that will name a replica does not.

`pulumi up` begins with a preview unless told to skip it, and `make up` skips it, to be quick. So run `make preview`
first whenever you have added a resource that holds data to the program.

## Reports

`make policy` judges both stacks: `dev` as it is on this machine, `prod` from nothing on the emulated clouds of the
rehearsal, which takes no credentials. It shows what stops an update first, then what only tells, and leaves the same
in `plans/` as `policy.json`, `policy.xml` (JUnit) and `policy.sarif`. `make policy STACK=dev` judges one. What the pack
says of the real `prod` is in the preview that `make plan STACK=prod` saves. Any engine's events are read by the pack's
own command:

    python -m policies.report plans/prod/preview.jsonl
    PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true bin/pulumi preview -s dev --json > events.jsonl
    python -m policies.report events.jsonl --format sarif --output policies.sarif

`--format` is `table`, `json`, `junit` (a case for each rule) or `sarif` (for the security page of a code host; what is
exempt is suppressed there, with its reason). `pulumi policy analyze --json` gives the same events for what is already
deployed. The exit code is 1 where a violation stops the update or the run was cut off, 2 where it is no list of events.

## Levels, limits, environments

A rule's level is `mandatory` (a violation fails the preview), `advisory` (it is only reported), `remediate` (the value
is mended, and what is left is a violation) or `disabled`. A file in `policies/environments/` says what one kind of
stack is held to; a stack that no file names is held to the rules as they stand here, which is the strictest:

    stacks = "dev"             # a regular expression for the whole name
    purpose = "development"    # production, development or throwaway
    [levels]
    walletdb-listen-on-loopback = "advisory"
    [limits.patroni-cluster-keep-replicas]
    minimum = 3

What names no rule, no limit or no level, or has a value that the limit's schema refuses, stops every preview, with the
path, what was got, what is allowed and how to mend it. Where the purpose is `production`, a softer level and a limit
that lets pass what the specification refuses are refused as well.

A JSON file that is given with `--policy-pack-config` comes on top, for one run:

    {"patroni-cluster-keep-replicas": {"minimum": 1}, "walletdb-listen-on-loopback": {"enforcementLevel": "advisory"}}

A limit that is given replaces the one before it as a whole.

## Exemptions

One resource may be excepted from one rule, for a time, by an entry in `policies/exemptions.toml`:

    [[exemption]]
    rule = "rds-instance-enable-multi-az"
    resource = "Instance:postgres-recovery"    # the type's last part and the name in the program, or the URN
    stacks = "prod"                            # a regular expression for the whole name
    reason = "the instance for disaster recovery becomes Multi-AZ when it is promoted"
    who = "platform team"
    expires = 2026-12-31

All six are required; the end is at most a year away. What is exempted stays in every report, as advisory, with reason,
name and end. From the day after the last one it is a violation again, and so is the entry itself. Where a whole stack
is taken down, `resource = "*"` is every resource, for a week at most.

## Remediation

A rule with a remediation mends its resource where its level is `remediate`: it adds tags or turns a switch, and never
touches what would replace a resource or lose data. Values that are not known yet are left alone, secrets stay secret.

## Values that are not there

- **Unset, empty, zero** are judged, never skipped; each rule says how.
- **Unknown at preview**: the rule reports "cannot tell until `pulumi up`" as advisory, names the property, and still
  reports everything else it found. The update judges it again, with the value.
- **Secret**: judged like any other value, and never printed. A message prints a text only if it has the form of what
  belongs in that place (a TLS version, an address, a name) and no secret of the resource is in it.
- **Ignored changes**: what is judged is the value in force, and the message says that the property is in
  `ignore_changes`.
- **A rule that breaks** is a violation: what is not judged may not pass.

"""


def _table() -> Iterator[str]:
    for topic in _topics():
        rules = [rule for rule in RULES if rule.topic == topic]
        yield f"### {topic.capitalize()}"
        yield ""
        yield "| rule | severity | level | judges | remediation |"
        yield "|---|---|---|---|---|"
        for rule in rules:
            mends = "yes" if isinstance(rule, ResourceRule) and rule.remedy else ""
            row = f"[{rule.id}](#{rule.id}) | {rule.severity.value} | {rule.level.value} | {_judges(rule)} | {mends}"
            yield f"| {row} |"
        yield ""


def _topics() -> list[str]:
    return sorted({rule.topic for rule in RULES})


def _judges(rule: Rule) -> str:
    return ", ".join(f"`{one}`" for one in rule.types) if isinstance(rule, ResourceRule) else "the stack"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield f"**{rule.title}**"
    yield ""
    yield f"- Severity {rule.severity.value}, level {rule.level.value}; judges {_judges(rule)}."
    yield f"- Why: {rule.reason}."
    yield f"- Fix: {rule.fix}."
    yield f"- Absent values: {rule.absent}"
    yield f"- Specification {', '.join(rule.spec)}{''.join(f'; {one}' for one in rule.frameworks)}."
    yield f"- More: <{rule.link}>"
    if rule.example:
        yield ""
        yield f"      refused: {rule.example.refused}"
        yield f"      taken:   {rule.example.taken}"
    if rule.limits:
        yield ""
        yield "| limit | default | schema | meaning |"
        yield "|---|---|---|---|"
    for limit in rule.limits:
        default, schema = (json.dumps(value).replace("|", "\\|") for value in (limit.default, limit.schema))
        yield f"| `{limit.name}` | `{default}` | `{schema}` | {limit.meaning} |"
    yield ""


def page() -> str:
    """Return the page's text."""
    sections = [line for rule in RULES for line in _section(rule)]
    return _HEAD + "\n".join(["## Rules by topic", "", *_table(), "## Each rule", "", *sections])


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` compare it; return the exit code."""
    path = _ROOT / REFERENCE
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"policies.reference: got {' '.join(arguments)}; allowed: nothing, or --check\n")
        return 2
    if arguments:
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if current == page():
            return 0
        sys.stderr.write(f"{REFERENCE} is not what the rules say; run `python -m policies.reference`\n")
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {REFERENCE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
