"""A proxy as companies have them: it passes requests of HTTP on, makes tunnels for HTTPS (CONNECT),
and may want a user and a password. All that it was asked for is kept in `asked`.
"""

import base64
import http.client
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from loopback_server import body_of, loopback_server

HOP_BY_HOP = {
    "proxy-authorization",
    "proxy-connection",
    "connection",
    "host",
    "content-length",
    "transfer-encoding",
    "expect",
}
NOT_SENT_BACK = {"transfer-encoding", "content-length", "connection"}


class HttpProxy:
    """What a proxy lets through, and what it has seen."""

    def __init__(self, user: str | None) -> None:
        """Let all through, or who shows `user`, which is `name:password`."""
        self.uri = ""
        self.address = ""
        # Method, target and headers.
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        # What it answers to all instead.
        self.refusal: int | None = None
        # Released when a tunnel has ended, on both sides.
        self.tunnel_ended = threading.Semaphore(0)
        self._wanted = None if user is None else f"Basic {base64.b64encode(user.encode()).decode()}"

    def verdict(self, handler: BaseHTTPRequestHandler) -> int | None:
        """Return the status of a refusal, or nothing."""
        headers = dict(handler.headers.items())
        self.asked.append((handler.command, handler.path, headers))
        if self.refusal is not None:
            return self.refusal
        shown = headers.get("Proxy-Authorization")
        return None if self._wanted is None or shown == self._wanted else 407


def _refuse(handler: BaseHTTPRequestHandler, status: int) -> None:
    # Some proxies show what they were shown.
    body = f"<p>Access denied: {handler.headers.get('Proxy-Authorization')}</p>".encode()
    handler.send_response(status)
    handler.send_header("Proxy-Authenticate", 'Basic realm="company"')
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _join(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes on in both directions until one side ends."""
    peers = {one: other, other: one}
    while True:
        pending = isinstance(one, ssl.SSLSocket) and one.pending()
        ready = [one] if pending else select.select(list(peers), [], [])[0]
        for side in ready:
            received = side.recv(65536)
            if not received:
                return
            peers[side].sendall(received)


def _handler_of(proxy: HttpProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_CONNECT(self) -> None:
            refused = proxy.verdict(self)
            if refused is not None:
                _refuse(self, refused)
                return
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as server, suppress(OSError):
                self.send_response(200)
                self.end_headers()
                _join(self.connection, server)
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            proxy.tunnel_ended.release()
            self.close_connection = True

        def pass_on(self) -> None:
            body = body_of(self)
            refused = proxy.verdict(self)
            if refused is not None:
                _refuse(self, refused)
                return
            target = urlsplit(self.path)
            kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
            connection = http.client.HTTPConnection(target.netloc, timeout=60)
            path = self.path.removeprefix(f"{target.scheme}://{target.netloc}")
            connection.request(self.command, path, body or None, kept)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in NOT_SENT_BACK:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            if answer.status != http.client.NO_CONTENT:
                self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def http_proxy(user: str | None = None, tls: ssl.SSLContext | None = None) -> Iterator[HttpProxy]:
    """Run a proxy, for those who show `name:password` if it is given; it ends with the block."""
    proxy = HttpProxy(user)
    with loopback_server(_handler_of(proxy), tls) as address:
        proxy.address = address
        proxy.uri = f"{'http' if tls is None else 'https'}://{address}"
        yield proxy
