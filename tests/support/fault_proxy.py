"""A proxy between a client and a real server, which does to requests what networks do.

`plan()` says which requests meet which faults, in turn; everything else is passed on. All that was
asked is kept in `requests`. A fault sees the request and a function that asks the server.
"""

import http.client
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from loopback_server import body_of, loopback_server

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass
class Request:
    """What a client asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What a server says; `cut` bytes of it are sent before the connection ends (or is reset)."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    is_reset: bool = False
    # Nothing is sent, and nobody can connect any more.
    is_last: bool = False


NOTHING = 0
Ask = Callable[[Request], Answer]
# None: the connection ends without an answer.
Fault = Callable[[Request, Ask], Answer | None]


def reply(status: int, body: str | bytes = "", **headers: str) -> Fault:
    """Answer in the server's place."""
    raw = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _ask: Answer(status, raw, named)


def drop() -> Fault:
    """End the connection; the server hears nothing."""
    return lambda _request, _ask: None


def reset_unheard() -> Fault:
    """Reset the connection without an answer; the server hears nothing."""
    return lambda _request, _ask: Answer(NOTHING, is_reset=True)


def refuse() -> Fault:
    """End all connections, and refuse others from now on."""
    return lambda _request, _ask: Answer(NOTHING, is_last=True)


def lose_answer() -> Fault:
    """Let the server do it, and end the connection."""

    def fault(request: Request, ask: Ask) -> None:
        ask(request)

    return fault


def answer_after(status: int) -> Fault:
    """Let the server do it, and answer something else."""

    def fault(request: Request, ask: Ask) -> Answer:
        ask(request)
        return Answer(status)

    return fault


def truncate(size: int) -> Fault:
    """Send a part of the answer's body."""

    def fault(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        answer.cut = size
        return answer

    return fault


def reset(size: int) -> Fault:
    """Send a part of the answer's body, and reset the connection."""

    def fault(request: Request, ask: Ask) -> Answer:
        answer = ask(request)
        answer.cut, answer.is_reset = size, True
        return answer

    return fault


def ask_twice() -> Fault:
    """Do what some proxies do: ask again, and pass on the second answer."""

    def fault(request: Request, ask: Ask) -> Answer:
        ask(request)
        return ask(request)

    return fault


@dataclass
class _Next:
    """A fault, how many requests go before it, and how many meet it."""

    before: int
    fault: Fault
    times: int
    was_met: bool = False

    def take(self) -> Fault | None:
        self.before -= 1
        if self.before >= 0 or self.times == 0:
            return None
        self.was_met = True
        self.times -= 1
        return self.fault


class FaultProxy:
    """The plan of a proxy, and what it has seen."""

    def __init__(self, upstream: str, *, keeps_host: bool = False) -> None:
        """Pass requests on to the server at `upstream`; with `keeps_host`, as it was signed."""
        self._dropped = HOP_BY_HOP - ({"host"} if keeps_host else set())
        self.upstream = urlsplit(upstream)
        self.uri = ""
        self.requests: list[Request] = []
        self._clients: list[socket.socket] = []
        self._plans: list[tuple[str, re.Pattern[str], list[Fault]]] = []
        self._next: _Next | None = None
        self._lock = threading.Lock()
        # Faults that keep a client waiting wait for this.
        self.ended = threading.Event()

    def plan(self, method: str, path: str, *faults: Fault) -> None:
        """Let requests of the method, whose path has the pattern, meet the faults in turn."""
        self._plans.append((method, re.compile(path), list(faults)))

    def plan_from(self, number: int, fault: Fault, times: int) -> None:
        """Let requests meet a fault `times` times, from the one of that number (0, 1, …) on."""
        self._next = _Next(number, fault, times)

    @property
    def was_met(self) -> bool:
        """Whether there was a request of the number that was given to `plan_from()`."""
        return self._next is not None and self._next.was_met

    def silence(self) -> Fault:
        """Never answer."""

        def fault(_request: Request, _ask: Ask) -> None:
            self.ended.wait()

        return fault

    def delay(self, seconds: float) -> Fault:
        """Let the server do it, and answer later."""

        def fault(request: Request, ask: Ask) -> Answer:
            answer = ask(request)
            self.ended.wait(seconds)
            return answer

        return fault

    def forget(self) -> None:
        """Forget the plan and what was asked."""
        with self._lock:
            self._plans.clear()
            self._next = None
            self.requests.clear()

    def count(self, method: str, path: str = "") -> int:
        """Return how many requests of the method had the pattern in their path."""
        return sum(
            request.method == method and re.search(path, request.path) is not None
            for request in self.requests
        )

    @property
    def connections(self) -> int:
        """How many connections clients have made."""
        return len(self._clients)

    def keep_connection(self, client: socket.socket) -> None:
        """Count a client's connection."""
        with self._lock:
            self._clients.append(client)

    def hang_up(self) -> None:
        """End all connections."""
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def handle(self, request: Request) -> Answer | None:
        """Answer a request, as planned."""
        with self._lock:
            self.requests.append(request)
            fault = self._take(request)
        return self.ask(request) if fault is None else fault(request, self.ask)

    def _take(self, request: Request) -> Fault | None:
        if self._next is not None and (fault := self._next.take()) is not None:
            return fault
        for method, path, faults in self._plans:
            if method == request.method and path.search(request.path) and faults:
                return faults.pop(0)
        return None

    def ask(self, request: Request) -> Answer:
        """Pass a request on."""
        connection = http.client.HTTPConnection(self.upstream.netloc, timeout=60)
        try:
            headers = {k: v for k, v in request.headers.items() if k.lower() not in self._dropped}
            connection.request(request.method, request.path, request.body or None, headers)
            response = connection.getresponse()
            kept = {k: v for k, v in response.getheaders() if k.lower() not in HOP_BY_HOP}
            if request.method == "HEAD" and (length := response.getheader("Content-Length")):
                kept["Content-Length"] = length
            return Answer(response.status, response.read(), kept)
        finally:
            connection.close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.status != http.client.NO_CONTENT and handler.command != "HEAD":
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(answer.body[: answer.cut])


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.flush()
    linger = struct.pack("ii", 1, 0)  # closing resets
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def _handler_of(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are sent one after the other

        def setup(self) -> None:
            proxy.keep_connection(self.request)
            super().setup()

        def handle_any(self) -> None:
            body = body_of(self)
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            answer = proxy.handle(request)
            if answer is None:
                self.close_connection = True
                return
            if answer.is_last:
                self.server.shutdown()
                self.server.server_close()
                proxy.hang_up()
            if answer.status != NOTHING:
                _send(self, answer)
            self.close_connection = answer.cut is not None or answer.status == NOTHING
            if answer.is_reset:
                _reset(self)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def fault_proxy(
    upstream: str, tls: ssl.SSLContext | None = None, *, keeps_host: bool = False
) -> Iterator[FaultProxy]:
    """Run a proxy to the server at `upstream`; it ends with the block."""
    proxy = FaultProxy(upstream, keeps_host=keeps_host)
    try:
        with loopback_server(_handler_of(proxy), tls) as address:
            proxy.uri = f"{'http' if tls is None else 'https'}://{address}"
            try:
                yield proxy
            finally:
                proxy.ended.set()
    finally:
        proxy.hang_up()
