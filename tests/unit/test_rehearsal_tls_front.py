"""TLS in front of an emulator: what comes is passed on, and nothing below TLS 1.3 is taken."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from rehearsal.addresses import free_port
from rehearsal.certificates import Certificates
from rehearsal.tls_front import serve
from tests.fixtures.event_loop import run_async


def through_a_front(tmp_path: Path, work: Callable[[int, ssl.SSLContext], Coroutine[Any, Any, None]]) -> None:
    """Run `work` against a front of a server that repeats what it gets, in capitals."""
    certificates = Certificates.make(tmp_path / "certificates")
    certificate, key = certificates.issue("front", "127.0.0.1", tmp_path)
    context = ssl.create_default_context(cafile=str(certificates.ca_file))

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    async def run() -> None:
        port = free_port()
        async with await asyncio.start_server(repeat, "127.0.0.1", 0) as server:
            target = server.sockets[0].getsockname()[:2]
            front = asyncio.create_task(serve(port, target, certificate, key))
            try:
                await asyncio.wait_for(work(port, context), 10)
            finally:
                front.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await front

    run_async(run())


async def _connect(port: int, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(50):
        try:
            return await asyncio.open_connection("127.0.0.1", port, ssl=context)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    message = f"nobody listens on port {port}"
    raise AssertionError(message)


def test_what_comes_is_passed_on_both_ways(tmp_path: Path) -> None:
    async def work(port: int, context: ssl.SSLContext) -> None:
        reader, writer = await _connect(port, context)
        writer.write(b"hello\n")
        assert await reader.read() == b"HELLO\n"
        writer.close()

    through_a_front(tmp_path, work)


def test_an_older_tls_is_refused(tmp_path: Path) -> None:
    async def work(port: int, context: ssl.SSLContext) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await _connect(port, context)

    through_a_front(tmp_path, work)
