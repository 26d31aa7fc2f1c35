"""Cases of resource-require-tags: resource, property, value."""

from policies.values import UNKNOWN, UNSET

KEY = "Key:fashion-wallet-key-logs"
FIRES: list[tuple[str, str, object]] = [
    *((KEY, "tags", bad) for bad in (UNSET, {}, "", 0, [])),
    *((KEY, "tags.Owner", bad) for bad in (UNSET, "", " ", 0)),
]
PASSES: list[tuple[str, str, object]] = [(KEY, "tags.Owner", "somebody"), (KEY, "tags.More", "")]
CANNOT_TELL: list[tuple[str, str, object]] = [(KEY, "tags", UNKNOWN), (KEY, "tags.Owner", UNKNOWN)]
SAYS = [
    (
        KEY,
        "tags.Owner",
        UNSET,
        "tags is without Owner; allowed: a map with Project, Stack, Component, Owner, CostCenter.",
    )
]
LIMITS = [("tags", ["Project"], (KEY, "tags.Owner", UNSET))]
