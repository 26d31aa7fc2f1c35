"""`python -m bench.echo PACKAGE=VERSION...`: serve these packages until the process that started this one is gone.

Prints one line, the value of `PULUMI_DEBUG_PROVIDERS` for an engine that is to use them.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from bench.echo.provider import EchoProvider
from plugins.base.engine import MESSAGE_OPTIONS, EngineLog
from plugins.base.servicer import Calls, Servicer

_WORKERS = 16
_PARENT_POLL_S = 1.0


class _Lasting(Servicer):
    """Goes on when an engine is done: the next one uses the same process."""

    def Cancel(self, request: object, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Stop nothing."""
        return empty_pb2.Empty()


parent = os.getppid()
ports, servers = [], []  # a server that nothing refers to any more stops
for words in sys.argv[1:]:
    package, _, version = words.partition("=")
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=[*MESSAGE_OPTIONS, ("grpc.so_reuseport", 0)])
    servicer = _Lasting(EchoProvider(package, version), EngineLog(), Calls())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    ports.append(f"{package}:{server.add_insecure_port('127.0.0.1:0')}")
    server.start()
    servers.append(server)
print(",".join(ports), flush=True)
while os.getppid() == parent:
    time.sleep(_PARENT_POLL_S)
os._exit(0)
