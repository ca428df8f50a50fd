"""The stand-in's HTTP server."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from polaris_stand_in import commits, management, namespaces, tables, views
from polaris_stand_in.entities import Settings, State
from polaris_stand_in.errors import RefusalError
from polaris_stand_in.files import MetadataFiles
from polaris_stand_in.routes import Answer, Call, Route, find_route, split_path
from polaris_stand_in.tokens import authenticate, give_token

__all__ = ["StandIn", "polaris_stand_in"]

_REALM = "POLARIS"
_TOKENS = "/api/catalog/v1/oauth/tokens"
_LONGEST_LINE = 4096
_LARGEST_HEADERS = 20 * 1024
_LARGEST_BODY = 10 * 1024 * 1024


def _below(prefix: str, routes: list[Route]) -> list[Route]:
    return [Route(route.method, prefix + route.template, route.handler) for route in routes]


def _token(call: Call) -> Answer:
    body = give_token(call.state, call.body, call.headers.get("Authorization"))
    return Answer(body=body)


_ROUTES = [
    Route("POST", _TOKENS, _token),
    *_below("/api/management/v1/", management.ROUTES),
    *_below("/api/catalog/v1/", namespaces.ROUTES + tables.ROUTES + commits.ROUTES + views.ROUTES),
    *_below("/api/catalog/polaris/v1/", views.GENERIC_ROUTES),
]


def _wall_clock_ms() -> int:
    return int(time.time() * 1000)


class StandIn:
    """A running stand-in.

    Attributes:
        address: `http://host:port`.
        state: What it keeps.
    """

    def __init__(self, address: str, state: State) -> None:
        """Name a server's parts."""
        self.address = address
        self.state = state

    @property
    def uri(self) -> str:
        """The address of the catalog API, for clients."""
        return f"{self.address}/api/catalog"


@contextmanager
def polaris_stand_in(
    root: Path | None,
    settings: Settings | None = None,
    port: int = 0,
    clock_ms: Callable[[], int] = _wall_clock_ms,
) -> Iterator[StandIn]:
    """Run a stand-in; it ends with the block.

    Args:
        root: Catalogs of storage type FILE have their metadata below; None: in memory.
        settings: Of the server.
        port: 0 takes a free one.
        clock_ms: In place of the wall clock.
    """
    state = State(settings or Settings(), clock_ms, MetadataFiles(root))
    with ThreadingHTTPServer(("127.0.0.1", port), _handler_of(state)) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield StandIn(f"http://127.0.0.1:{server.server_port}", state)
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of a connection; `state` is set by `_handler_of()`."""

    state: State
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self._answer(Answer(413))
            self.close_connection = True
            return
        body = self.rfile.read(length)
        try:
            answer = self._dispatch(body)
        except RefusalError as refusal:
            is_unknown = refusal.status == HTTPStatus.UNAUTHORIZED and not refusal.error_type
            headers = {"www-authenticate": "Bearer"} if is_unknown else {}
            answer = Answer(refusal.status, refusal.body(), headers)
        except (KeyError, TypeError, AttributeError, ValueError):
            answer = Answer(400)  # JSON of another shape than expected
        self._answer(answer)

    def _dispatch(self, body: bytes) -> Answer:
        if len(self.path) > _LONGEST_LINE:
            raise RefusalError(414)
        if sum(len(k) + len(v) for k, v in self.headers.items()) > _LARGEST_HEADERS:
            raise RefusalError(431)
        segments, query = split_path(self.path)
        found = find_route(_ROUTES, self.command, segments)
        if isinstance(found, set):
            return _other_method(self.command, found)
        route, names = found
        is_token = route.handler is _token
        self._check_headers(is_token=is_token)
        with self.state.lock:
            caller = None
            if not is_token:
                caller = authenticate(self.state, self.headers.get("Authorization"))
            self._check_content(is_token=is_token)
            return route.handler(Call(self.state, caller, names, query, self.headers, body))

    def _check_headers(self, *, is_token: bool) -> None:
        if self.headers.get("Polaris-Realm", _REALM) != _REALM:
            raise RefusalError(404, "MissingOrInvalidRealm", "Missing or invalid realm")
        accepted = self.headers.get("Accept", "*/*")
        if not is_token and "json" not in accepted and "*/*" not in accepted:
            message = "The accept header value did not match the value in @Produces"
            raise RefusalError(406, "NotAcceptableException", message)

    def _check_content(self, *, is_token: bool) -> None:
        given = self.headers.get("Content-Type")
        wanted = "application/x-www-form-urlencoded" if is_token else "application/json"
        if self.command in ("POST", "PUT") and given and wanted not in given:
            message = "The content-type header value did not match the value in @Consumes"
            raise RefusalError(415, "NotSupportedException", message)

    def _answer(self, answer: Answer) -> None:
        raw = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if raw:
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                raw = gzip.compress(raw, 1)
                self.send_header("content-encoding", "gzip")
        if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("content-length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the library's names
    do_PATCH = do_OPTIONS = handle_any  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _handler_of(state: State) -> type[_Handler]:
    return type("Handler", (_Handler,), {"state": state})


def _other_method(method: str, methods: set[str]) -> Answer:
    if method == "OPTIONS":
        return Answer(200, None, {"Allow": ", ".join(sorted({*methods, "OPTIONS"}))})
    raise RefusalError(405, "NotAllowedException", "HTTP 405 Method Not Allowed")
