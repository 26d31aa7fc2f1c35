"""The plugin's process: start the server, say the port, and end when it should.

It ends at once on SIGINT or SIGTERM (the engine sends SIGINT and then waits seconds for each plugin), after `Cancel`
once the running calls have ended, and when the engine that started it is gone.
"""

import os
import select
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from plugins.base.engine import MESSAGE_OPTIONS, EngineLog
from plugins.base.resource import Provider
from plugins.base.servicer import Calls, Servicer

__all__ = ["serve"]

# More than the engine's default parallelism (16, or 4 a CPU): some calls wait for others, a member for its leader.
_WORKERS: Final = 64
_PARENT_POLL_S: Final = 1.0
_GRACE_AFTER_SIGNAL_S: Final = 2.0  # the engine kills 5 s after SIGINT
_IDLE_AFTER_CANCEL_S: Final = 5.0  # by then an engine that is alive has sent SIGINT


def serve(provider: Provider) -> None:
    """Serve `provider` until the engine is done with it; never returns.

    `sys.argv[1]` is the engine's address (host:port), absent when the engine attaches to a running plugin.
    """
    parent = os.getppid()
    calls = Calls()
    ending = _signals()
    address = sys.argv[1] if len(sys.argv) > 1 else ""
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=[*MESSAGE_OPTIONS, ("grpc.so_reuseport", 0)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider, EngineLog(address), calls), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _announce(port)
    _wait(parent, calls, ending)
    calls.cancelled.set()
    calls.wait_idle(_GRACE_AFTER_SIGNAL_S)
    server.stop(grace=0.2).wait(0.5)
    # Worker threads that hang in a system call would keep a normal exit waiting; nobody waits for their result.
    os._exit(0)


def _announce(port: int) -> None:
    """Print the port, the one line the engine expects on stdout; whatever is printed later goes to stderr."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdout = sys.stderr


def _signals() -> int:
    """Return a file descriptor that becomes readable on SIGINT or SIGTERM.

    A pipe, not a threading.Event: setting an event inside a handler can deadlock with the main thread that waits for
    it; and not a blocked signal mask, which every server started by a resource would inherit.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return readable


def _wait(parent: int, calls: Calls, ending: int) -> None:
    """Return when the process should end."""
    cancelled_at: float | None = None
    while not select.select([ending], [], [], _PARENT_POLL_S)[0]:
        if os.getppid() != parent:
            return
        if calls.cancelled.is_set() and calls.wait_idle(0):
            now = time.monotonic()
            cancelled_at = now if cancelled_at is None else cancelled_at
            if now - cancelled_at >= _IDLE_AFTER_CANCEL_S:
                return
