"""Secrets are where they are sent, and nowhere else: not in logs, spans, errors, their chains and
details, reprs, pickles, standard output, and no file that is written.
"""

import base64
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fault_proxy import Answer, Ask, FaultProxy, Request
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rest_clients import ROWS

from floe_core.errors import FloeStorageError
from floe_iceberg import Catalog, load_catalog
from floe_iceberg._names import split_name
from floe_iceberg._transaction import Transaction
from floe_iceberg.view import SQLViewRepresentation, ViewVersion

MARK = "marked/secret"
FOREVER = 10_000
# What comes with a table for its storage.
VENDED = {
    "s3.access-key-id": "AKID",
    "s3.secret-access-key": f"{MARK}.vended",
    "s3.session-token": f"{MARK}.vended-session",
}
# As the secrets are sent in headers and forms, too.
NEEDLES = (
    MARK,
    quote(MARK, safe=""),
    base64.b64encode(f"ada:{MARK}".encode()).decode(),
)
AUTHS: dict[str, dict[str, str]] = {
    "token": {"token": f"{MARK}.token"},
    "credential": {"credential": f"ada:{MARK}.credential"},
    "exchange": {"credential": f"ada:{MARK}.credential", "token-exchange-enabled": "true"},
    "basic": {
        "rest.auth.type": "basic",
        "rest.auth.basic.username": "ada",
        "rest.auth.basic.password": MARK,
    },
    "sigv4": {
        "rest.sigv4-enabled": "true",
        "rest.signing-region": "r",
        "rest.access-key-id": "AKID",
        "rest.secret-access-key": f"{MARK}.key",
        "rest.session-token": f"{MARK}.session",
        "token": f"{MARK}.token",
    },
}
ALWAYS = {
    "header.X-Api-Key": f"{MARK}.header",
    "ssl.client.key-password": f"{MARK}.password",
    "rest.client.max-retries": "0",
    "rest.client.circuit-breaker.threshold": "0",
    "fsync": "false",
}


@pytest.fixture
def recorded(spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    caplog.set_level(logging.DEBUG)

    def take() -> str:
        """Return all that was logged and traced, and forget it."""
        records = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
        traced = [span.to_json() for span in spans.get_finished_spans()]
        assert records
        assert traced
        caplog.clear()
        spans.clear()
        return "\n".join([*records, *traced])

    return take


def shows(text: str) -> list[str]:
    return [needle for needle in NEEDLES if needle in text]


def told(error: BaseException) -> str:
    """Return all that a program can learn of an error."""
    parts = ["".join(traceback.format_exception(error))]
    while error is not None:
        parts += [repr(error), str(error.args), repr(vars(error))]
        if isinstance(error, FloeStorageError):
            parts += [repr(error.details), pickle.dumps(error).decode("latin-1")]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return "\n".join(parts)


class Server:
    """Gives marked tokens, asks the real server, or says what it was asked, with a status."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.uri = proxy.uri
        self.status = 0
        self.shape: Callable[[str], str] = str
        self.tokens_too = False
        self.vended = 0
        for method in ("GET", "HEAD", "POST", "DELETE"):
            proxy.plan(method, "", *[self.answer] * FOREVER)

    def answer(self, request: Request, ask: Ask) -> Answer:
        is_token = request.path.endswith("/oauth/tokens")
        if self.status and (self.tokens_too or not is_token) and "/v1/config" not in request.path:
            heard = " ".join([request.path, *request.headers.values(), request.body.decode()])
            heard += " " + unquote(heard)
            if not self.tokens_too:
                heard += " " + " ".join(VENDED.values())
            return Answer(self.status, self.shape(heard).encode(), {"X-Echo": "1"})
        if is_token:
            token = json.dumps({"access_token": f"{MARK}.given", "expires_in": 0})
            return Answer(200, token.encode())
        request.headers["Accept-Encoding"] = "identity"
        answer = ask(request)
        if answer.status == 200 and b'"metadata-location"' in answer.body:
            table = json.loads(answer.body)
            table["config"] = VENDED
            table["storage-credentials"] = [{"prefix": "s3://lake/", "config": VENDED}]
            answer.body = json.dumps(table).encode()
            self.vended += 1
        return answer


@pytest.fixture
def server(proxy: FaultProxy) -> Server:
    return Server(proxy)


def with_rows(catalog: Catalog, name: tuple[str, str]) -> Transaction:
    transaction = catalog.load_table(name).transaction()
    transaction.append(ROWS)
    return transaction


def calls(catalog: Catalog, namespace: str) -> list[Callable[[], Any]]:
    """Return every operation, in an order in which all of them succeed."""
    t, u, inner = (namespace, "t"), (namespace, "u"), (namespace, "inner")
    staged, view, seen = (namespace, "staged"), (namespace, "view"), (namespace, "seen")
    other = (namespace, "other")
    sql = ViewVersion([SQLViewRepresentation("select 1 as id", "spark")], (namespace,))
    return [
        lambda: catalog.create_namespace(inner, {"a": "b"}),
        lambda: catalog.namespace_exists(inner),
        lambda: catalog.load_namespace_properties(inner),
        lambda: catalog.update_namespace_properties(inner, ["a"], {"c": "d"}),
        lambda: catalog.list_namespaces(namespace),
        lambda: catalog.drop_namespace(inner),
        lambda: catalog.create_table(t, ROWS.schema),
        lambda: catalog.table_exists(t),
        lambda: catalog.list_tables(namespace),
        lambda: catalog.load_table(t).append(ROWS),
        lambda: catalog.load_table(t).scan().to_arrow(),
        lambda: catalog.load_table(t).refresh(),
        lambda: catalog._native.load_storage_credentials(*split_name(t)),
        lambda: catalog.create_table_transaction(staged, ROWS.schema).commit_transaction(),
        lambda: catalog.commit_transactions([with_rows(catalog, t), with_rows(catalog, staged)]),
        lambda: catalog.register_table(other, catalog.load_table(staged).metadata_location),
        lambda: catalog.drop_table(other),
        lambda: catalog.purge_table(staged),
        lambda: catalog.create_view(view, ROWS.schema, sql),
        lambda: catalog.view_exists(view),
        lambda: catalog.load_view(view),
        lambda: catalog.list_views(namespace),
        lambda: catalog.replace_view(view, ROWS.schema, sql),
        lambda: catalog.rename_view(view, seen),
        lambda: catalog.drop_view(seen),
        lambda: catalog.rename_table(t, u),
        lambda: catalog.drop_table(u),
    ]


@pytest.mark.parametrize("auth", AUTHS)
def test_operations_leave_no_secret(
    server: Server,
    namespace: str,
    auth: str,
    recorded: Callable[[], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    catalog = load_catalog("test", uri=server.uri, **ALWAYS, **AUTHS[auth])
    for call in calls(catalog, namespace)[:-2]:
        call()
    table = catalog.load_table((namespace, "t"))
    assert server.vended
    seen = [repr(catalog), str(vars(catalog)), repr(table), str(vars(table)), str(table.properties)]
    for value in (catalog, table, table.scan()):
        try:
            seen.append(pickle.dumps(value).decode("latin-1"))
        except Exception as error:  # noqa: BLE001 - what can't be pickled says so
            seen.append(told(error))
    assert shows("\n".join([*seen, recorded(), *capfd.readouterr()])) == []
    folder = Path(table.location().removeprefix("file://"))
    files = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    for path in files:
        assert shows(path.read_bytes().decode("latin-1")) == [], path


def error_of(call: Callable[[], Any]) -> FloeStorageError | None:
    try:
        call()
    except FloeStorageError as error:
        return error
    return None


SHAPES: dict[str, Callable[[str], str]] = {
    "iceberg": lambda heard: json.dumps({"error": {"message": heard, "type": heard, "code": 1}}),
    "oauth": lambda heard: json.dumps({"error": heard, "error_description": heard}),
    "text": str,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("auth", AUTHS)
def test_errors_show_no_secret(
    server: Server, namespace: str, auth: str, shape: str, recorded: Callable[[], str]
) -> None:
    catalog = load_catalog("test", uri=server.uri, **ALWAYS, **AUTHS[auth])
    catalog.create_table((namespace, "t"), ROWS.schema)
    assert server.vended == 1
    server.shape = SHAPES[shape]
    raised = 0
    for status in (200, 302, 400, 401, 403, 404, 409, 419, 422, 429, 500, 501, 503):
        server.status = status
        for call in calls(catalog, namespace):
            error = error_of(call)
            if error is not None:
                raised += 1
                assert shows(told(error)) == [], told(error)
    assert raised > 100
    assert shows(recorded()) == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("auth", ["credential", "exchange"])
def test_errors_of_tokens_show_no_secret(
    server: Server, namespace: str, auth: str, shape: str
) -> None:
    catalog = load_catalog("test", uri=server.uri, **ALWAYS, **AUTHS[auth])
    server.shape = SHAPES[shape]
    server.tokens_too = True
    for status in (200, 302, 400, 401, 403, 404, 429, 500, 501, 503):
        server.status = status
        for _ in range(2):
            with pytest.raises(FloeStorageError) as raised:
                catalog.list_tables(namespace)
            assert shows(told(raised.value)) == []


def test_wrong_properties_show_no_secret() -> None:
    for auth in AUTHS.values():
        for wrong in (
            {"uri": "none"},
            {"rest.auth.type": "x"},
            {"unknown": "1"},
            {"scope": "\r\n"},
        ):
            given = {"uri": "http://127.0.0.1:9", **ALWAYS, **auth, **wrong}
            with pytest.raises(FloeStorageError) as raised:
                load_catalog("test", type="rest", **given)
            assert shows(told(raised.value)) == []
