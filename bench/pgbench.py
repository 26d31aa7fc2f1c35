"""PostgreSQL's own load generator, through the writer port or the pooler, as the user `migration_runner`.

That user may log in both ways and may create tables, so that both ways carry the same load. The password travels in
the environment, never in the command line.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from bench.figures import percentile
from localproc import postgres
from tests.fixtures.live_stack import LiveStack

__all__ = ["Load", "Login", "latencies_ms", "load", "login", "prepare", "rate"]

SCALE = 10
"""100,000 accounts each: 160 MB, a little more than the server's shared buffers."""

_PATIENCE_S = 120


@dataclasses.dataclass(frozen=True, kw_only=True)
class Login:
    """A way in: its port, and libpq's environment variables for it (with the password)."""

    port: int
    environment: Mapping[str, str] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Load:
    """What a load came to.

    Attributes:
        per_s: Transactions a second; with a connection each, the time to connect is included.
        p50_ms: Median time of a transaction, without connecting.
        p99_ms: 99th percentile of the same.
    """

    per_s: float
    p50_ms: float
    p99_ms: float


def login(stack: LiveStack, *, pooled: bool) -> Login:
    """The way in through PgBouncer, or through the writer port straight to PostgreSQL."""
    url = urlsplit(stack.outputs()["services"]["migration_runner"])
    port = stack.port_base + (12 if pooled else 10)
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    environment = {
        "PGHOST": url.hostname or "",
        "PGPORT": str(port),
        "PGUSER": unquote(url.username or ""),
        "PGPASSWORD": unquote(url.password or ""),
        "PGDATABASE": url.path.lstrip("/"),
        "PGSSLMODE": query["sslmode"],
        "PGSSLROOTCERT": query["sslrootcert"],
    }
    return Login(port=port, environment=environment)


def prepare(way: Login) -> None:
    """Make pgbench's tables anew.

    Raises:
        RuntimeError: pgbench failed; with its words.
    """
    _run(way, ["-i", "-q", "-s", str(SCALE)])


def load(way: Login, *, seconds: int, clients: int, more: Sequence[str] = ()) -> Load:
    """Run one load to its end.

    Raises:
        RuntimeError: pgbench failed, or a transaction did.
    """
    threads = min(clients, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(prefix="fw-bench-") as folder:
        words = ["-n", "-T", str(seconds), "-c", str(clients), "-j", str(threads), *more]
        said = _run(way, [*words, "--log", f"--log-prefix={folder}/log"])
        taken: list[float] = []
        for log in Path(folder).iterdir():
            with log.open(encoding="ascii") as lines:
                taken += latencies_ms(lines)
    return Load(per_s=rate(said), p50_ms=percentile(taken, 0.5), p99_ms=percentile(taken, 0.99))


def rate(said: str) -> float:
    """Transactions a second from what pgbench prints at its end.

    Raises:
        RuntimeError: it says none, or that transactions failed.
    """
    failed = re.search(r"^number of failed transactions: (\d+)", said, re.MULTILINE)
    found = re.search(r"^tps = (\d+(?:\.\d+)?)", said, re.MULTILINE)
    if found is None or (failed is not None and failed[1] != "0"):
        message = f"pgbench gave no clean result:\n{said.strip()}"
        raise RuntimeError(message)
    return float(found[1])


def latencies_ms(lines: Iterable[str]) -> list[float]:
    """Times from a per-transaction log, whose third field is in microseconds; it is no number where one failed."""
    fields = (line.split() for line in lines)
    return [int(words[2]) / 1000 for words in fields if len(words) > 2 and words[2].isdecimal()]  # noqa: PLR2004


def _run(way: Login, words: Sequence[str]) -> str:
    command = [str(postgres.find().programs / "pgbench"), *words]
    done = subprocess.run(
        command,
        env={**os.environ, **way.environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S + 600,
    )
    if done.returncode:
        message = f"pgbench {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}"
        raise RuntimeError(message)
    return done.stdout
