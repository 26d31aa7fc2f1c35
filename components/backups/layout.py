"""What lies where in the buckets of backups: written by the jobs that make dumps, expired by the buckets' rules."""

__all__ = ["ACCESS_LOGS", "DAILY", "DUMPS", "PURPOSES", "TIMESCALE", "WEEKLY"]

DUMPS = "dumps"
"""Logical dumps of PostgreSQL and MongoDB."""
TIMESCALE = "timescale"
"""WAL and base backups of the time series, which CloudNativePG writes and deletes."""
PURPOSES = (DUMPS, TIMESCALE)
ACCESS_LOGS = "access-logs"

DAILY, WEEKLY = "daily/", "weekly/"
"""Beginnings of the keys of dumps: their life depends on it."""
