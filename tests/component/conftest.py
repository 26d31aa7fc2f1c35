"""Imports the SDK of PostgreSQL once, before the tests: it warns about a deprecated class of its own at import."""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "postgresql.DefaultPrivileg has been deprecated", DeprecationWarning)
    import pulumi_postgresql  # noqa: F401
