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
- **A rule about the stack** (`dataguard-cover-stateful`): at the end, when all resources are known. A preview fails
  with nothing touched. An update without a preview has been applied by then: nothing is lost by that, but it fails
  until `DataGuard` is told of the resource.

`pulumi up` begins with a preview unless told to skip it, and `make up` skips it, to be quick. So run `make preview`
first whenever you have added a resource that holds data to the program.

## Levels and limits

A rule's level is `mandatory` (a violation fails the preview), `advisory` (it is only reported) or `disabled`. Levels
and limits are set in a JSON file, by the rule's id, and given with `--policy-pack-config`:

    {
      "patroni-cluster-keep-replicas": {"minimum": 1, "minimumByScope": {"timescale": 1}},
      "walletdb-listen-on-loopback": {"enforcementLevel": "advisory"}
    }

The engine checks types and ranges of the limits against the rule's schema; a misspelt name of a limit stops the
preview with the names the rule has. A limit that is given replaces the default as a whole.

## Values that are not there

- **Unset, empty, zero** are judged, never skipped; each rule says how.
- **Unknown at preview**: the rule reports "cannot tell until `pulumi up`" as advisory, names the property, and still
  reports everything else it found. The update judges it again, with the value.
- **Secret**: `pulumi_policy` removes the mark of a secret before a rule sees the value, so no rule can demand that a
  value *is* secret, and a rule judges a secret like any other value. A message prints a text only if it has the form
  of what belongs in that place (a TLS version, an address, a name); anything else is described, not printed.

"""


def _table() -> Iterator[str]:
    yield "| rule | severity | level | judges |"
    yield "|---|---|---|---|"
    for rule in RULES:
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity.value} | {rule.level.value} | {_judges(rule)} |"


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
    return _HEAD + "\n".join(["## Rules", "", *_table(), "", *sections])


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
