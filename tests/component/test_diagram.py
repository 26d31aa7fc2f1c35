"""The picture of stack prod is what the graph gives, and can be read: nothing covers anything else."""

import functools
import io
import itertools
import json
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from rehearsal import diagram
from rehearsal.diagram import Drawing, resources_of, width_of
from rehearsal.diagram_boxes import BOXES, KEYS
from rehearsal.diagram_parts import ARROWS, IMPLIED, PLACES, SIZE, Area, Box, Place, Value
from tests.component.draw_prod import PICTURE, drawing, resources

MARGIN = 12


@functools.cache
def drawn() -> Drawing:
    return drawing()


def box(name: str) -> Box:
    return next(one for one in BOXES if one.name == name)


def overlap(one: Area, other: Area) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def test_the_file_is_what_the_graph_gives() -> None:
    assert PICTURE.read_text(encoding="utf-8") == drawn().svg(), "run: .venv/bin/python -m tests.component.draw_prod"


def test_it_is_well_formed() -> None:
    picture = ET.fromstring(drawn().svg())  # noqa: S314 - our own text
    elements = [one.tag.rpartition("}")[2] for one in picture.iter()]
    assert elements[0] == "svg"
    assert elements.count("rect") == 1 + len(PLACES) + len(BOXES)


def test_every_box_stands_for_something_and_every_line_has_a_number() -> None:
    assert [one.name for one in drawn().shown] == [one.name for one in BOXES]
    areas: list[Box | Place] = [*BOXES, *PLACES]
    for area in areas:
        assert len(drawn().lines(area)) == len(area.lines), f"{area.title}: {drawn().lines(area)}"


def test_numbers_are_those_of_the_graph() -> None:
    types = [each["type"] for each in resources() if each["custom"]]
    assert f"{types.count('mongodbatlas:index/alertConfiguration:AlertConfiguration')} alerts" in drawn().lines(
        box("project")
    )
    assert f"{types.count('aws:kms/key:Key')} keys" in drawn().lines(box("keys"))
    assert "2 instances" in drawn().lines(box("replicas"))
    assert "eu-central-1b, eu-central-1c" in drawn().lines(box("replicas"))
    assert f"{sum(not one.startswith('pulumi:') for one in types)} resources" in drawn().summary()


def test_every_arrow_is_a_dependency_and_every_dependency_an_arrow() -> None:
    assert drawn().arrows == list(ARROWS)
    shown = {(arrow.user, arrow.used) for arrow in ARROWS}
    assert shown.isdisjoint(IMPLIED)
    needs = drawn().needs
    said = {pair for pair in needs if pair[1] in KEYS and pair[0] not in KEYS and drawn().keys.get(pair[0])}
    rest = {pair for pair in needs - shown - IMPLIED - said if pair[1] not in reached(pair[0], pair[1])}
    assert rest <= {(one.name, key) for one in BOXES for key in KEYS}, "draw it, or say in IMPLIED why not"
    assert needs >= IMPLIED, "these are gone"


def reached(user: str, without: str) -> set[str]:
    """What a box needs by others than the one."""
    found: set[str] = set()
    queue = [used for by, used in drawn().needs if by == user and used != without]
    while queue:
        one = queue.pop()
        if one not in found:
            found.add(one)
            queue += [used for by, used in drawn().needs if by == one]
    return found


def test_boxes_name_the_keys_they_are_encrypted_by() -> None:
    assert "relational" in drawn().keys["primary"]
    assert drawn().keys["mongodb"] == ("documents",)
    assert "timeseries" in drawn().keys["timescale"]
    assert drawn().keys["secrets"] == ("secrets",)


def test_nothing_covers_anything_else() -> None:
    for one, other in itertools.combinations(BOXES, 2):
        assert not overlap(one, other), f"{one.name} and {other.name}"
    for area in (*BOXES, *PLACES):
        assert area.x + area.width <= SIZE[0]
        assert area.y + area.height <= SIZE[1]


@pytest.mark.parametrize("one", BOXES, ids=lambda one: str(one.name))
def test_what_is_in_a_box_has_room(one: Box) -> None:
    lines = drawn().lines(one)
    keys = drawn().keys.get(one.name)
    room = one.width - MARGIN
    assert width_of(one.title, bold=True) <= room
    for line in [*lines, f"key: {', '.join(keys or ())}"]:
        assert width_of(line) <= room, line
    assert 22 + 20 + 18 * (len(lines) - 1) + (22 if keys else 6) <= one.height


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: f"{arrow.user}-{arrow.used}")
def test_an_arrow_runs_from_box_to_box_and_over_none(arrow: Any) -> None:
    ends = {box(arrow.user).name, box(arrow.used).name}
    touched = {at_border(arrow.route[0]), at_border(arrow.route[-1])}
    assert touched == ends
    for (x1, y1), (x2, y2) in itertools.pairwise(arrow.route):
        assert x1 == x2 or y1 == y2
        line = Area(x=min(x1, x2), y=min(y1, y2), width=abs(x1 - x2), height=abs(y1 - y2))
        for one in BOXES:
            inside = Area(x=one.x + 1, y=one.y + 1, width=one.width - 2, height=one.height - 2)
            assert not overlap(line, inside), f"over {one.name}"


def at_border(point: tuple[int, int]) -> str:
    x, y = point
    for one in BOXES:
        right, bottom = one.x + one.width, one.y + one.height
        if (x in (one.x, right) and one.y <= y <= bottom) or (y in (one.y, bottom) and one.x <= x <= right):
            return one.name
    return f"no box at {point}"


def test_what_is_not_there_is_not_drawn() -> None:
    fewer = Drawing([each for each in resources() if not each["urn"].endswith("::postgres-recovery")])
    assert "recovery" not in [one.name for one in fewer.shown]
    assert ("recovery", "primary") not in [(arrow.user, arrow.used) for arrow in fewer.arrows]
    assert fewer.svg() != drawn().svg()


def test_both_prints_of_the_engine_are_read() -> None:
    known = resources()
    assert resources_of({"version": 3, "deployment": {"resources": known}}) == known
    assert resources_of({"steps": [{"op": "create", "newState": each} for each in known]}) == known
    assert resources_of({"steps": [{"op": "delete"}]}) == []
    with pytest.raises(ValueError, match="stack export"):
        resources_of({"something": "else"})


def test_the_command_draws_what_it_reads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.dumps({"deployment": {"resources": resources()}})
    monkeypatch.setattr(sys, "stdin", io.StringIO(document))
    assert diagram.main() == 0
    assert capsys.readouterr().out == drawn().svg()


def test_numbers_of_the_engine_s_wire_are_whole() -> None:
    some = [dict(each) for each in resources() if each["type"] == "aws:kms/key:Key"]
    for each in some:
        each["inputs"] = {**each["inputs"], "rotationPeriodInDays": 30.0}
    (line,) = (one for one in box("keys").lines if isinstance(one, Value) and one.text.startswith("every"))
    assert Drawing(some)._said(line, "keys") == "every 30 days"
