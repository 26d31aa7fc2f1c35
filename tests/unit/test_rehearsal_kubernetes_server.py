"""When the rehearsal's API server serves a definition."""

import pytest

from rehearsal import kubernetes_server


@pytest.mark.parametrize(
    "status,established",
    [
        ({}, False),
        ({"status": {"conditions": []}}, False),
        ({"status": {"conditions": None}}, False),  # what the server answers at first, on a busy machine
        ({"status": {"conditions": [{"type": "Established", "status": "False"}]}}, False),
        ({"status": {"conditions": [{"type": "NamesAccepted", "status": "True"}]}}, False),
        ({"status": {"conditions": [{"type": "Established", "status": "True"}]}}, True),
    ],
)
def test_a_definition_is_established_when_a_condition_says_so(status: dict[str, object], *, established: bool) -> None:
    assert kubernetes_server._established(status) is established
