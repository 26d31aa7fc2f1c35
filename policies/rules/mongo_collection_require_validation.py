"""MongoDB refuses a document that breaks its collection's schema."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show
from policies.wire import MONGO_COLLECTION

__all__ = ["RULE"]

_ACTION = "error"
_ACTIONS = frozenset({_ACTION, "warn", "errorAndLog"})
_LEVELS = ("moderate", "off", "strict")
_ALWAYS_THERE = "_id"


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `validationAction`, `validationLevel`, and whether the schema demands anything."""
    action, level = at(resource.properties, "validationAction"), at(resource.properties, "validationLevel")
    if action != _ACTION:
        found = show(action, _ACTIONS.__contains__)
        yield Finding.judge(resource, "validationAction", action, found=found, allowed=_ACTION)
    if level not in limits["allowedLevels"]:
        found = show(level, _LEVELS.__contains__)
        yield Finding.judge(
            resource, "validationLevel", level, found=found, allowed=" or ".join(limits["allowedLevels"])
        )
    yield from _schema(resource)


def _schema(resource: Resource) -> Iterator[Finding]:
    schema = at(resource.properties, "schema")
    if not isinstance(schema, dict) or not schema:
        allowed = "MongoDB's $jsonSchema, with `required` fields"
        yield Finding.judge(resource, "schema", schema, found=show(schema, _nothing), allowed=allowed)
        return
    required = at(schema, "required")
    fields = required if isinstance(required, list) else []
    if any(isinstance(field, str) and field not in {"", _ALWAYS_THERE} for field in fields):
        return
    yield Finding.judge(
        resource,
        "schema.required",
        UNKNOWN if UNKNOWN in fields else required,
        found=f"{_ALWAYS_THERE} alone" if _ALWAYS_THERE in fields else show(required, _nothing),
        allowed=f"the names of fields, one at least beside {_ALWAYS_THERE}, which every document has",
    )


def _nothing(_: Any) -> bool:
    """No text belongs there, so none is printed."""
    return False


RULE = ResourceRule(
    id="mongo-collection-require-validation",
    title="A collection refuses documents that break its schema, which demands fields.",
    severity=Severity.HIGH,
    reason="with `warn`, `off` or a schema that demands nothing, any document gets in, and every reader must expect it",
    fix="set validationAction to error and validationLevel to strict or moderate, and name the fields that every "
    "document has in `required` (documents/*.yaml)",
    spec=("4.2.2",),
    link="https://www.mongodb.com/docs/manual/core/schema-validation/",
    limits=(
        Limit(
            name="allowedLevels",
            schema={"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(_LEVELS)}},
            default=["moderate", "strict"],
            meaning="The values `validationLevel` may have. `moderate` lets a document that breaks the schema already "
            "be updated.",
        ),
    ),
    absent="Unset and empty are violations, also of `required`.",
    types=(MONGO_COLLECTION,),
    example=Example(
        refused='validation_action="warn"',
        taken='validation_action="error", validation_level="moderate", schema={"required": ["userId"], …}',
    ),
    check=check,
)
