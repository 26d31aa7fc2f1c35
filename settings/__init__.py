"""Typed settings of a stack: pure models, the rules between them, what follows from them, and their one reader."""

from settings.errors import SettingsError
from settings.home import stack_directory
from settings.model import (
    ClusterSettings,
    LocalSettings,
    PatroniSettings,
    PoolSettings,
    Settings,
    TimescaleSettings,
    TlsSettings,
)
from settings.mongodb import MongodbPoolSettings, MongodbSettings
from settings.reader import load

__all__ = [
    "ClusterSettings",
    "LocalSettings",
    "MongodbPoolSettings",
    "MongodbSettings",
    "PatroniSettings",
    "PoolSettings",
    "Settings",
    "SettingsError",
    "TimescaleSettings",
    "TlsSettings",
    "load",
    "stack_directory",
]
