"""TLS in front of an emulator that speaks plain HTTP: `python -m rehearsal.tls_front`.

MongoDB's library for encrypted fields reaches KMS by TLS and by nothing else.
"""

import argparse
import asyncio
import contextlib
import ssl
import sys
from pathlib import Path

__all__ = ["main", "serve"]

_CHUNK = 65536


async def serve(port: int, target: tuple[str, int], certificate: Path, key: Path) -> None:
    """Take TLS 1.3 connections on 127.0.0.1 and pass on what comes, both ways, until cancelled."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back_reader, back_writer = await asyncio.open_connection(*target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, back_writer), _pump(back_reader, writer))

    server = await asyncio.start_server(answer, "127.0.0.1", port, ssl=context)
    async with server:
        await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on; either side's end is the other's."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.close()


def main() -> int:
    """Serve until it is killed."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.tls_front", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen, on 127.0.0.1")
    parser.add_argument("--target", required=True, metavar="HOST:PORT", help="where what comes is passed on to")
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    words = parser.parse_args()
    host, _, port = words.target.rpartition(":")
    asyncio.run(serve(words.port, (host, int(port)), words.certificate, words.key))
    return 0


if __name__ == "__main__":
    sys.exit(main())
