"""A server that says bytes, whatever they mean: for what no server should answer."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

CONFIGURATION = {"defaults": {}, "overrides": {}}


def answer(body: Any, status: str = "200 OK", **headers: str | None) -> bytes:
    """Return an answer: `body` is bytes, or becomes JSON; a header of None is left out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {
        "Content_Length": str(len(content)),
        "Content_Type": "application/json",
        "Connection": "close",
        **headers,
    }
    lines = [
        f"{name.replace('_', '-')}: {said}" for name, said in named.items() if said is not None
    ]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + content


class RawServer:
    """What it says, and what it was asked."""

    def __init__(self) -> None:
        """Say that nothing is set."""
        self.uri = ""
        # The first lines of requests.
        self.asked: list[str] = []
        # What it says to a request, by its first line.
        self.say: Callable[[str], bytes] = lambda _line: answer(CONFIGURATION)

    def handle(self, connection: socket.socket) -> None:
        """Answer once; the connection ends with the answer."""
        with connection, suppress(OSError, ValueError), connection.makefile("rb") as received:
            line = received.readline().decode("latin-1").strip()
            length = http.client.parse_headers(received).get("Content-Length", "0")
            received.read(int(length))
            self.asked.append(line)
            connection.sendall(self.say(line))
            connection.shutdown(socket.SHUT_WR)
            received.read()  # to its end, so that closing resets nothing


def _serve(server: RawServer, listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except ConnectionAbortedError:
            continue  # by the client, before it was taken
        except OSError:
            return
        threading.Thread(target=server.handle, args=(connection,), daemon=True).start()


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """Run a server; it ends with the block."""
    server = RawServer()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.uri = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_serve, args=(server, listener))
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
