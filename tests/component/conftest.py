"""Fixtures of the component tests: none, but the SDK of PostgreSQL must be imported before them."""

from tests.fixtures import postgresql_sdk  # noqa: F401
