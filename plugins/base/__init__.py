"""Shared gRPC base of the provider plugins: what is the same for every plugin, and nothing that is about one.

A plugin is a `Provider` with one `Resource` object per type token, handed to `serve`. Property values are plain Python
values on this side (`Props`); secrets, unknowns, number conversion and error transport are the base's business.
"""

from plugins.base.errors import PartialFailure, PluginError, ProviderError
from plugins.base.properties import UNKNOWN, Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Invoke, Provider, Resource
from plugins.base.server import serve

__all__ = [
    "UNKNOWN",
    "CheckFailure",
    "Context",
    "Diff",
    "Invoke",
    "PartialFailure",
    "PluginError",
    "Props",
    "Provider",
    "ProviderError",
    "Resource",
    "contains_unknown",
    "serve",
]
