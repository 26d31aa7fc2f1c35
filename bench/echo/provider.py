"""The plugins, on the same base as the project's own: one resource object for every type there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.echo.outputs import answer, computed
from plugins.base import Context, Invoke, Props, Provider, Resource

__all__ = ["EchoProvider"]


class _Echo(Resource):
    """Any type: an id that is the resource's name, outputs that are its inputs and what its type computes."""

    def __init__(self, token: str) -> None:
        self.token = token  # type: ignore[misc]  # of the class elsewhere; here a class serves every type

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        """Make nothing."""
        given = name or ctx.name
        return given, {**computed(self.token, given), **inputs}

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props]:  # noqa: ARG002
        """Find what was there."""
        return id_, inputs, state

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:  # noqa: ARG002
        """Change nothing."""
        return {**state, **news}

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Remove nothing."""


class _Every(Mapping[str, Resource]):
    """Has a resource for every token; lists none."""

    def __init__(self) -> None:
        self._made: dict[str, Resource] = {}

    def get(self, token: str, default: object = None) -> Resource:  # noqa: ARG002 - a mapping's own signature
        return self[token]

    def __getitem__(self, token: str) -> Resource:
        return self._made.setdefault(token, _Echo(token))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Answers(Mapping[str, Invoke]):
    """Has a function for every token."""

    def get(self, token: str, default: object = None) -> Invoke:  # noqa: ARG002 - as above
        return self[token]

    def __getitem__(self, token: str) -> Invoke:
        return lambda args, _ctx: answer(token, args)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class EchoProvider(Provider):
    """Serves one package."""

    invokes = _Answers()

    def __init__(self, package: str, version: str) -> None:
        super().__init__(name=package, version=version, resources=())
        self.resources = _Every()
