"""The picture of stack prod, drawn from its graph: `bin/pulumi stack export -s prod | python -m rehearsal.diagram`.

It reads what `stack export` or `preview --json` print and writes SVG. Counts, sizes and zones in it are the graph's;
an arrow that the graph does not have, and a box without a resource, are left out.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from rehearsal.diagram_boxes import BOXES, DATABASES, KEYS
from rehearsal.diagram_parts import ARROWS, PLACES, SIZE, Area, Arrow, Box, Count, Line, Place, Value

__all__ = ["Drawing", "main", "resources_of", "width_of"]

_KEY = re.compile(r"aws:kms/key:Key \S+-key-(\w+)$")
_GUARD, _STACK = "walletdb:index:DataGuard ", "pulumi:pulumi:Stack "
_LINE, _TITLE = 18, 20
_STYLE = """
text { font: 13px Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #222 }
.title { font-weight: bold; font-size: 15px } .key { fill: #8a5a00; font-style: italic } .label { fill: #345 }
.box { fill: #fff; stroke: #667 } .place { stroke: #99a } .arrow { fill: none; stroke: #456; stroke-width: 1.6 }
"""

_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#456"/></marker></defs>'
)


def resources_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of `stack export`, or those that `preview --json` foresees.

    Raises:
        ValueError: It is neither.
    """
    if "deployment" in document:
        return list(document["deployment"].get("resources") or [])
    if "steps" in document:
        return [step["newState"] for step in document["steps"] if step.get("newState")]
    raise ValueError("got JSON of another kind; allowed is what `pulumi stack export` or `preview --json` prints")


@dataclass(frozen=True)
class Drawing:
    """The picture of these resources."""

    resources: Sequence[Mapping[str, Any]]

    @cached_property
    def _known(self) -> dict[str, Mapping[str, Any]]:
        return {str(each["urn"]): each for each in self.resources}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {urn: f"{each['type']} {urn.rpartition('::')[2]}" for urn, each in self._known.items()}

    @cached_property
    def boxed(self) -> dict[str, str]:
        """URN → the box that stands for the resource."""
        found: dict[str, str] = {}
        for box in BOXES:
            for urn in self._found(box.has):
                found.setdefault(urn, box.name)
        return found

    @cached_property
    def needs(self) -> frozenset[tuple[str, str]]:
        """Pairs of boxes of which the first depends on the second, directly or through what is in no box."""
        pairs = {(self.boxed[urn], self.boxed[met]) for urn in self.boxed for met in self._met(urn)}
        return frozenset(pair for pair in pairs if pair[0] != pair[1])

    @cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Box → domains of the keys that it depends on itself."""
        found: dict[str, set[str]] = {}
        for urn, box in self.boxed.items():
            for met in self._met(urn):
                if (key := _KEY.search(self._labels[met])) and box not in KEYS:
                    found.setdefault(box, set()).add(key[1])
        return {box: tuple(sorted(domains)) for box, domains in found.items()}

    @cached_property
    def shown(self) -> list[Box]:
        """Boxes that stand for something: resources, or what lines count."""
        return [box for box in BOXES if self.lines(box)]

    @cached_property
    def arrows(self) -> list[Arrow]:
        """Arrows that the graph has."""
        return [arrow for arrow in ARROWS if (arrow.user, arrow.used) in self.needs]

    def lines(self, area: Box | Place) -> list[str]:
        """What is written below a title; nothing in a box that stands for nothing."""
        name = area.name if isinstance(area, Box) else ""
        if name and not any(self._count(line) for line in area.lines if isinstance(line, Count | Value)):
            return []
        return [text for line in area.lines if (text := self._said(line, name))]

    def svg(self) -> str:
        """Return the picture."""
        width, height = SIZE
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            "<title>Stack prod, drawn from its graph</title>",
            f"<style>{_STYLE}</style>",
            _HEAD,
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            _text(20, 34, "Stack prod", "title"),
            _text(120, 34, "an arrow is the way data goes; every one is a dependency of the program", "label"),
        ]
        for place in PLACES:
            parts += [_frame(place, place.colour), *self._place_head(place)]
        for box in self.shown:
            parts += [*_box(box, self.lines(box), self.keys.get(box.name, ()))]
        parts += [part for arrow in self.arrows for part in _arrow(arrow)]
        parts.append(_text(20, height - 20, self.summary(), "label"))
        return "\n".join([*parts, "</svg>", ""])

    def summary(self) -> str:
        """Say how many resources there are, and how many of them boxes stand for."""
        real = [urn for urn, each in self._known.items() if each.get("custom", True) and self._is_real(urn)]
        types = {self._known[urn]["type"] for urn in real}
        inside = sum(urn in self.boxed for urn in real)
        return (
            f"{len(real)} resources of {len(types)} types. The boxes stand for {inside}; the others serve these: "
            "access, rules of networks, logs, certificates, passwords."
        )

    def _is_real(self, urn: str) -> bool:
        return not self._labels[urn].startswith(("pulumi:", _STACK))

    def _place_head(self, place: Place) -> list[str]:
        text = ", ".join(self.lines(place))
        left = place.x + place.indent
        return [
            _text(left, place.y + 24, place.title, "title"),
            _text(left + width_of(place.title, bold=True) + 12, place.y + 24, text, "label"),
        ]

    def _found(self, pattern: str) -> list[str]:
        search = re.compile(pattern).search
        return [urn for urn, label in self._labels.items() if search(label) and self._known[urn].get("custom", True)]

    def _met(self, urn: str) -> set[str]:
        """Return what a resource depends on and has a box, not through what has one itself."""
        met: set[str] = set()
        seen: set[str] = set()
        queue = self._next(urn)
        while queue:
            one = queue.pop()
            if one in seen or one not in self._known:
                continue
            seen.add(one)
            if one in self.boxed:
                met.add(one)
            else:
                queue += self._next(one)
        return met

    def _next(self, urn: str) -> list[str]:
        each = self._known[urn]
        provider = str(each.get("provider") or "").rpartition("::")[0]
        return [*(each.get("dependencies") or ()), *([provider] if provider else ())]

    def _count(self, line: Line) -> int:
        if isinstance(line, Value):
            return len(self._values(line.of, line.path))
        if not isinstance(line, Count):
            return 0
        urns = self._found(line.of)
        if not line.entries:
            return len(urns)
        return sum(len(_at(self._known[urn].get("inputs"), line.entries) or ()) for urn in urns)

    def _said(self, line: Line, box: str) -> str:
        if isinstance(line, Value):
            values = self._values(line.of, line.path)
            return line.text.format(", ".join(values)) if values else ""
        if isinstance(line, Count):
            number = self._count(line)
            return f"{number} {line.one if number == 1 else line.more}" if number else ""
        titles = [one.title.split()[-1 if one.name == "replicas" else 0] for one in self._databases(box)]
        return line.text.format(", ".join(dict.fromkeys(titles))) if titles else ""

    def _databases(self, user: str) -> Iterable[Box]:
        return (box for box in BOXES if box.name in DATABASES and (user, box.name) in self.needs)

    def _values(self, pattern: str, path: str) -> list[str]:
        found = (_at(self._known[urn].get("inputs"), path) for urn in self._found(pattern))
        return sorted({_shown(value) for value in found if value is not None})


def width_of(text: str, *, bold: bool = False) -> int:
    """Return how wide a text may become, whichever of the fonts is there."""
    wide, narrow = (12.5, 9.1) if bold else (9.2, 7.1)
    return round(sum(wide if letter.isupper() else narrow for letter in text))


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    # Numbers come as 30.0 through the engine's wire.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{style}>{escape(text)}</text>'


def _frame(area: Area, fill: str) -> str:
    return (
        f'<rect class="place" x="{area.x}" y="{area.y}" width="{area.width}" height="{area.height}" rx="10" '
        f'fill="{fill}"/>'
    )


def _box(box: Box, lines: Sequence[str], keys: Sequence[str]) -> list[str]:
    left, top = box.x + 12, box.y + 22
    made = [
        f'<rect class="box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>',
        _text(left, top, box.title, "title"),
    ]
    made += [_text(left, top + _TITLE + _LINE * number, line) for number, line in enumerate(lines)]
    if keys:
        made.append(_text(left, box.y + box.height - 9, f"key: {', '.join(keys)}", "key"))
    return made


def _arrow(arrow: Arrow) -> list[str]:
    points = " ".join(f"{x},{y}" for x, y in arrow.route)
    label = [_text(*arrow.at, arrow.label, "label")] if arrow.label else []
    return [f'<polyline class="arrow" points="{points}" marker-end="url(#head)"/>', *label]


def main() -> int:
    """Read JSON from standard input and write the picture to standard output."""
    sys.stdout.write(Drawing(resources_of(json.load(sys.stdin))).svg())
    return 0


if __name__ == "__main__":
    sys.exit(main())
