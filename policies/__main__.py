"""Starts the policy pack: `python -m pulumi.policy ENGINE .` runs this folder, and the engine talks to it by gRPC."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The engine starts this folder as a program, so the project's root is not on the path by itself.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies.errors import ConfigurationError
from policies.ruleset import rules_for
from policies.servicer import Servicer

_PARENT_POLL_S = 1.0
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024  # as Pulumi's own packs: a whole stack comes in one message
_THREADS = 4


def _end_with_parent(parent: int) -> None:
    """End this process when the engine has died: a killed engine cannot stop its plugins, and nobody else would."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_S)
    os._exit(0)


# The engine ends its plugins with SIGINT. The pack holds nothing, so it may go at once, also while it starts.
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
threading.Thread(
    target=_end_with_parent,
    args=(int(os.environ.get("FASHION_WALLET_PACK_PARENT") or os.getppid()),),
    daemon=True,
).start()
try:
    servicer = Servicer(rules_for)
except ConfigurationError as error:
    sys.exit(f"policy pack: {error}")
server = grpc.server(
    ThreadPoolExecutor(max_workers=_THREADS), options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES)]
)
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
# The engine reads the port from the first line, and everything after it as messages.
print(port, flush=True)  # noqa: T201 - the protocol
server.wait_for_termination()
