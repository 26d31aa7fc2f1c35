"""Runs Patroni with two things for which it has no option.

TLS 1.3 as the least that its REST interface accepts: Patroni (4.1) builds its server's context with
`ssl.create_default_context`, and `restapi.ciphers` reaches only the suites of TLS 1.2. So the default is raised.

Standard input that is at its end. PostgreSQL inherits it from Patroni, and a backend that waits for a synchronous
standby while its postmaster dies goes on to read its next command from standard input (SyncRepWaitForLSN sets
`whereToSendOutput = DestNone`; seen on 15.18). From the pipe that supervisord gives its programs it would read for
ever, keep the dead server's shared memory, and so keep that server from ever starting again.
"""

from __future__ import annotations

import os
import ssl

__all__ = ["main"]

_create_default_context = ssl.create_default_context


def _create_tls13_context(*args: object, **options: object) -> ssl.SSLContext:
    context = _create_default_context(*args, **options)  # type: ignore[arg-type]
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def main() -> None:
    """Patroni's own command line."""
    # supervisord's pipe stays open in this process alone: supervisord 4.3 may poll a broken one for ever.
    os.dup(0)
    end_of_input = os.open(os.devnull, os.O_RDONLY)
    os.dup2(end_of_input, 0)
    os.close(end_of_input)
    ssl.create_default_context = _create_tls13_context
    from patroni.__main__ import main as patroni  # noqa: PLC0415 - only after the default is raised

    patroni()


if __name__ == "__main__":
    main()
