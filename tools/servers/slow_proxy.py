"""A forwarder to an HTTP server that is far away, and counts what is asked.

    python tools/servers/slow_proxy.py http://127.0.0.1:9000 --port 9001 --latency-ms 20

Each request arrives at the server so much later; what is sent on is not changed, so that signatures
hold. `gate()` holds requests back until so many wait at once. Connections are passed on one by one.
"""

import argparse
import asyncio
import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

__all__ = ["COUNTS", "FORGET", "Counts", "SlowProxy", "slow_proxy"]

# Paths that the proxy answers itself.
COUNTS = "/slow-proxy/counts"
FORGET = "/slow-proxy/forget"
_OWN_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
_CHUNK = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_PATIENCE_SECONDS = 30.0


@dataclass
class Counts:
    """What has been asked."""

    methods: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)  # `GET /bucket/key`, in the order they came
    bytes_sent: int = 0  # by clients
    bytes_received: int = 0
    most_at_once: int = 0  # requests that waited for the server's answer

    @property
    def requests(self) -> int:
        """Return how many there were."""
        return sum(self.methods.values())


class _Gate:
    """Holds requests until `count` of them are there, and is open from then on."""

    def __init__(self, count: int, pattern: str) -> None:
        self._count = count
        self._pattern = re.compile(pattern)
        self._open = asyncio.Event()
        self.waiting = 0
        self.gave_up = False

    @property
    def is_passed(self) -> bool:
        return self._open.is_set() and not self.gave_up

    async def pass_through(self, line: str) -> None:
        if self._open.is_set() or not self._pattern.search(line):
            return
        self.waiting += 1
        if self.waiting >= self._count:
            self._open.set()
        try:
            await asyncio.wait_for(self._open.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            self.gave_up = True
            self._open.set()


class SlowProxy:
    """A proxy that runs."""

    def __init__(self, upstream: str, latency_seconds: float) -> None:
        """Stand before the server at `upstream`."""
        self._upstream = urlsplit(upstream)
        self._loop = asyncio.new_event_loop()
        self._gate: _Gate | None = None
        self._at_once = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.latency_seconds = latency_seconds
        self.counts = Counts()
        self.uri = ""

    def forget(self) -> None:
        """Count from here."""
        self.counts = Counts()

    def answer(self, path: str) -> bytes:
        """Answer what is asked of the proxy itself: its counts, and to forget them."""
        counts = self.counts
        if path == FORGET:
            self.forget()
        return json.dumps(
            {
                "requests": counts.requests,
                "sent": counts.bytes_sent,
                "received": counts.bytes_received,
            }
        ).encode()

    def gate(self, count: int, pattern: str) -> None:
        """Hold requests with the pattern in `METHOD /path` until `count` of them wait at once."""
        self._gate = _Gate(count, pattern)

    @property
    def is_gate_passed(self) -> bool:
        """Whether as many came as the gate waited for."""
        gate = self._gate
        return gate is not None and gate.is_passed

    async def serve(self, port: int) -> asyncio.Server:
        """Begin to listen."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=_CHUNK)
        self.uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def _accept(
        self, client_reader: asyncio.StreamReader, client_writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            server_reader, server_writer = await asyncio.open_connection(
                self._upstream.hostname, self._upstream.port, limit=_CHUNK
            )
        except OSError:
            client_writer.close()
            return
        connection = _Connection(self, client_writer)
        both = [
            connection.pass_requests(client_reader, server_writer),
            connection.pass_answers(server_reader),
        ]
        with contextlib.suppress(asyncio.CancelledError):  # the proxy ends
            await _until_first(both)
        for writer in (client_writer, server_writer):
            writer.close()

    def begin(self, line: str) -> None:
        """Count a request that the server is to answer."""
        self.counts.methods[line.partition(" ")[0]] += 1
        self.counts.lines.append(line)
        self._at_once += 1
        self.counts.most_at_once = max(self.counts.most_at_once, self._at_once)

    def end(self) -> None:
        """Note that an answer begins, or that its connection has ended."""
        self._at_once -= 1

    async def hold(self, line: str) -> None:
        """Wait as long as a request is to."""
        if self._gate is not None:
            await self._gate.pass_through(line)
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)

    def run(self, port: int, ready: threading.Event) -> None:
        """Serve until `stop()`."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self.serve(port))
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    def stop(self) -> None:
        """End, from another thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)


class _Connection:
    """One client's connection; it asks anew when it has been answered."""

    def __init__(self, proxy: SlowProxy, client: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._asks = False

    async def pass_requests(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = await client.readuntil(b"\r\n\r\n")
                method, path = (word.decode() for word in head.split(b" ", 2)[:2])
                if path in (COUNTS, FORGET):
                    body = self._proxy.answer(path)
                    self._client.write(_OWN_ANSWER % len(body) + body)
                    continue
                line = f"{method} {path}"
                self._proxy.begin(line)
                self._asks = True
                await self._proxy.hold(line)
                await self._send(head, server)
                if _CHUNKED.search(head):
                    await self._pass_chunks(client, server)
                elif length := _LENGTH.search(head):
                    await self._pass_bytes(int(length[1]), client, server)
        finally:
            self._answered()

    async def pass_answers(self, server: asyncio.StreamReader) -> None:
        while data := await server.read(_CHUNK):
            if not data.startswith(b"HTTP/1.1 100"):
                self._answered()
            self._proxy.counts.bytes_received += len(data)
            self._client.write(data)
            await self._client.drain()

    def _answered(self) -> None:
        if self._asks:
            self._asks = False
            self._proxy.end()

    async def _send(self, data: bytes, server: asyncio.StreamWriter) -> None:
        self._proxy.counts.bytes_sent += len(data)
        server.write(data)
        await server.drain()

    async def _pass_bytes(
        self, length: int, client: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        while length > 0:
            data = await client.read(min(length, _CHUNK))
            if not data:
                raise ConnectionResetError
            length -= len(data)
            await self._send(data, server)

    async def _pass_chunks(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        while True:
            line = await client.readuntil(b"\r\n")
            await self._send(line, server)
            size = int(line.partition(b";")[0], 16)
            if size == 0:
                break
            await self._pass_bytes(size + 2, client, server)
        while (line := await client.readuntil(b"\r\n")) != b"\r\n":  # trailers
            await self._send(line, server)
        await self._send(line, server)


async def _until_first(works: list[Coroutine[Any, Any, None]]) -> None:
    """Run until one of them ends, and end the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await task


@contextmanager
def slow_proxy(upstream: str, latency_seconds: float = 0.0, port: int = 0) -> Iterator[SlowProxy]:
    """Run a proxy to the server at `upstream` in a thread; it ends with the block."""
    proxy = SlowProxy(upstream, latency_seconds)
    ready = threading.Event()
    thread = threading.Thread(target=proxy.run, args=(port, ready), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()


def main() -> None:
    """Run until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("upstream")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    arguments = parser.parse_args()
    with slow_proxy(arguments.upstream, arguments.latency_ms / 1000, arguments.port) as proxy:
        print(proxy.uri, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
