"""Which request goes to which handler: paths, methods and versions of the published API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from rehearsal.atlas.aws_side import AwsSide
from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.mongod import Mongods
from rehearsal.atlas.shapes import Shape, check
from rehearsal.atlas.state import Document, State

__all__ = ["Call", "Route", "Routes", "find_route", "resolve_version"]

_PREFIX: Final = "/api/atlas/v2"
_MEDIA: Final = re.compile(r"application/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json")
FIRST_VERSION: Final = "2023-01-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: what the path names, what the query and the body say, and what there is."""

    state: State
    mongods: Mongods
    aws: AwsSide
    settle_s: float
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def group(self) -> Document:
        """Return the project that the path names.

        Raises:
            ApiError: there is none.
        """
        found = self.state.groups.get(self.path["groupId"])
        if found is None:
            raise not_found("GROUP_NOT_FOUND", "group", self.path["groupId"])
        return found


Handler = Callable[[Call], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `published` are its versions in the API, of which the last is emulated."""

    method: str
    path: str
    handler: Handler
    body: Shape | None = None
    bodies: Shape | None = None
    """Of each item, where the body is a list."""
    partial: bool = False
    """What the body's shape requires may be left out at the top."""
    status: HTTPStatus = HTTPStatus.OK
    published: tuple[str, ...] = (FIRST_VERSION,)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return what the path names; None where it is another operation's."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", _PREFIX + self.path)
        found = re.fullmatch(pattern, path) if method == self.method else None
        return found.groupdict() if found else None

    def check(self, body: object) -> None:
        """Refuse a body that the operation does not take.

        Raises:
            ApiError: with the attribute that is wrong.
        """
        if self.bodies is not None:
            if not isinstance(body, list) or not body:
                raise ApiError(
                    HTTPStatus.BAD_REQUEST, "INVALID_JSON", "Received JSON is malformed: a list is expected."
                )
            for index, item in enumerate(body):
                check(self.bodies, item, f"[{index}]")
        elif self.body is not None:
            check(self.body, body, partial=self.partial)
        elif body is not None:
            raise ApiError(HTTPStatus.BAD_REQUEST, "INVALID_JSON", "This operation takes no body.")


Routes = tuple[Route, ...]


def find_route(routes: Routes, method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the operation of a request, and what its path names.

    Raises:
        ApiError: the emulator has none.
    """
    for route in routes:
        named = route.match(method, path)
        if named is not None:
            return route, named
    detail = f"Cannot find resource {method} {path}: the emulator does not have this operation."
    raise ApiError(HTTPStatus.NOT_FOUND, "RESOURCE_NOT_FOUND", detail, path)


def resolve_version(route: Route, media_type: str) -> str:
    """Return the version that a media type asks for: the last published on its date or before.

    Raises:
        ApiError: it is no media type of the API, of a date before the first version, or of a version not emulated.
    """
    found = _MEDIA.fullmatch(media_type.partition(";")[0].strip())
    if found is None:
        detail = f"Got media type {media_type or 'none'}; allowed is application/vnd.atlas.YYYY-MM-DD+json."
        raise ApiError(HTTPStatus.NOT_ACCEPTABLE, "INVALID_VERSION_DATE", detail, media_type)
    earlier = [version for version in route.published if version <= found[1]]
    if not earlier or earlier[-1] != route.published[-1]:
        detail = (
            f"Version {found[1]} of {route.method} {route.path} is not emulated; use {route.published[-1]} or later."
        )
        raise ApiError(HTTPStatus.NOT_ACCEPTABLE, "INVALID_VERSION_DATE", detail, found[1])
    return earlier[-1]
