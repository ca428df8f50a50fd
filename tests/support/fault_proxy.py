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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

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
        self._lock = threading.Lock()
        # Faults that keep a client waiting wait for this.
        self.ended = threading.Event()

    def plan(self, method: str, path: str, *faults: Fault) -> None:
        """Let requests of the method, whose path has the pattern, meet the faults in turn."""
        self._plans.append((method, re.compile(path), list(faults)))

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


def _body_of(request: BaseHTTPRequestHandler) -> bytes:
    stream = request.rfile
    if "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return stream.read(int(request.headers.get("Content-Length", 0)))
    chunks = []
    while size := int(stream.readline().partition(b";")[0], 16):
        chunks.append(stream.read(size))
        stream.readline()
    while stream.readline().strip():  # trailers
        pass
    return b"".join(chunks)


def _handler_of(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are sent one after the other

        def setup(self) -> None:
            proxy.keep_connection(self.request)
            super().setup()

        def handle_any(self) -> None:
            body = _body_of(self)
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            answer = proxy.handle(request)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != http.client.NO_CONTENT and request.method != "HEAD":
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if request.method != "HEAD":
                self.wfile.write(answer.body[: answer.cut])
            self.close_connection = answer.cut is not None
            if answer.is_reset:
                self.wfile.flush()
                linger = struct.pack("ii", 1, 0)  # closing resets
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that break off are what is tested."""


@contextmanager
def fault_proxy(
    upstream: str, tls: ssl.SSLContext | None = None, *, keeps_host: bool = False
) -> Iterator[FaultProxy]:
    """Run a proxy to the server at `upstream`; it ends with the block."""
    proxy = FaultProxy(upstream, keeps_host=keeps_host)
    with _Server(("127.0.0.1", 0), _handler_of(proxy)) as server:
        if tls is not None:
            # The handshake is the handler's, so that one that fails ends no more than its own.
            server.socket = tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        server.daemon_threads = True
        server.block_on_close = False
        scheme = "http" if tls is None else "https"
        proxy.uri = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.ended.set()
            server.shutdown()
            thread.join()
            proxy.hang_up()
