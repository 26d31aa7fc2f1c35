"""The name by which a limit knows a role: the one in the database."""

import pytest

from policies.grants import role_name
from policies.resources import Resource
from policies.values import UNKNOWN
from policies.wire import ROLE


@pytest.mark.parametrize(
    "properties,name",
    [
        ({"name": "avatar_service"}, "avatar_service"),
        ({"name": ""}, "avatar-service"),
        ({"name": UNKNOWN}, "avatar-service"),
        ({"name": 1}, "avatar-service"),
        ({}, "avatar-service"),
    ],
)
def test_a_role_s_name_is_the_database_s_else_the_program_s(properties: dict[str, object], name: str) -> None:
    assert role_name(Resource(type=ROLE, name="avatar-service", urn="urn", properties=properties)) == name
