"""What users read when a REST catalog says no: each line of rest_errors.jsonl is an answer, and the
error that it becomes. The bodies are those of real servers where a server is named; those of
polaris_errors.jsonl were recorded of Apache Polaris (1.7.0): each kind of error that a request had.
"""

import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fault_proxy import Answer, Ask, FaultProxy, Request, fault_proxy, reply
from rest_clients import ONCE

import floe_core.errors
from floe_core.errors import (
    CommitConflictError,
    FloeStorageError,
    NamespaceNotEmptyError,
    NoSuchTableError,
)
from floe_iceberg import Catalog, load_catalog
from floe_iceberg.view import SQLViewRepresentation, ViewVersion

CASES = [
    json.loads(line)
    for name in ("rest_errors.jsonl", "polaris_errors.jsonl")
    for line in (Path(__file__).parent / name).read_text().splitlines()
]
MARK = "marked-secret"
SCHEMA = pa.schema([("id", pa.int64())])
COLUMNS = [{"id": 1, "name": "id", "required": False, "type": "long"}]
TABLE = {
    "format-version": 2,
    "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1",
    "location": "file:///t",
    "last-sequence-number": 0,
    "last-updated-ms": 1602638573590,
    "last-column-id": 1,
    "current-schema-id": 0,
    "schemas": [{"type": "struct", "schema-id": 0, "fields": COLUMNS}],
    "default-spec-id": 0,
    "partition-specs": [{"spec-id": 0, "fields": []}],
    "last-partition-id": 999,
    "default-sort-order-id": 0,
    "sort-orders": [{"order-id": 0, "fields": []}],
    "properties": {"commit.retry.num-retries": "0"},
}
VIEW = {
    "format-version": 1,
    "view-uuid": "fa6506c3-7681-40c8-86dc-e36561f83385",
    "location": "file:///v",
    "current-version-id": 1,
    "versions": [
        {
            "version-id": 1,
            "timestamp-ms": 1573518431292,
            "schema-id": 1,
            "default-namespace": ["ns"],
            "summary": {},
            "representations": [{"type": "sql", "sql": "select 1 as id", "dialect": "spark"}],
        }
    ],
    "schemas": [{"type": "struct", "schema-id": 1, "fields": COLUMNS}],
    "version-log": [{"timestamp-ms": 1573518431292, "version-id": 1}],
}
CREDENTIALS = "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials"
TABLE_ANSWER = json.dumps({"metadata-location": "file:///t/m.json", "metadata": TABLE})
VIEW_ANSWER = json.dumps({"metadata-location": "file:///v/m.json", "metadata": VIEW})
SQL = ViewVersion([SQLViewRepresentation("select 2 as id", "spark")], ("ns",))


def commit(catalog: Catalog) -> None:
    catalog.load_table("ns.t").set_properties({"a": "b"})


def commit_together(catalog: Catalog) -> None:
    transactions = [catalog.load_table(name).transaction() for name in ("ns.t", "ns.u")]
    for transaction in transactions:
        transaction.set_properties({"a": "b"})
    catalog.commit_transactions(transactions)


CALLS: dict[str, tuple[str, str, Callable[[Catalog], Any]]] = {
    "token": ("POST", "/v1/oauth/tokens", repr),
    "connect": ("GET", "/v1/config", repr),
    "load": ("GET", "/tables/t", lambda catalog: catalog.load_table("ns.t")),
    "load_namespace": ("GET", "/ns", lambda catalog: catalog.load_namespace_properties("ns")),
    "create_namespace": ("POST", "/namespaces", lambda catalog: catalog.create_namespace("ns")),
    "create_table": ("POST", "/tables", lambda catalog: catalog.create_table("ns.t", SCHEMA)),
    "drop_namespace": ("DELETE", "/ns", lambda catalog: catalog.drop_namespace("ns")),
    "list_namespaces": ("GET", "/namespaces$", lambda catalog: catalog.list_namespaces()),
    "list_tables": ("GET", "/tables$", lambda catalog: catalog.list_tables("ns")),
    "properties": (
        "POST",
        "/properties$",
        lambda catalog: catalog.update_namespace_properties("ns", updates={"a": "b"}),
    ),
    "drop_table": ("DELETE", "/tables/t", lambda catalog: catalog.drop_table("ns.t")),
    "rename": ("POST", "/rename$", lambda catalog: catalog.rename_table("ns.t", "ns.u")),
    "register": (
        "POST",
        "/register$",
        lambda catalog: catalog.register_table("ns.t", "file:///m.metadata.json"),
    ),
    "namespace_exists": ("GET", "/ns$", lambda catalog: catalog.namespace_exists("ns")),
    "table_exists": ("GET", "/t$", lambda catalog: catalog.table_exists("ns.t")),
    "purge": ("DELETE", "/tables/t", lambda catalog: catalog.purge_table("ns.t")),
    "commit": (
        "POST",
        "/tables/t$",
        lambda catalog: catalog.load_table("ns.t").set_properties({"a": "b"}),
    ),
    "transaction": ("POST", "/transactions/commit$", commit_together),
    "credentials": (
        "GET",
        "/t/credentials$",
        lambda catalog: catalog._native.load_storage_credentials(["ns"], "t"),
    ),
    "load_view": ("GET", "/views/v$", lambda catalog: catalog.load_view("ns.v")),
    "create_view": ("POST", "/views$", lambda catalog: catalog.create_view("ns.v", SCHEMA, SQL)),
    "replace_view": (
        "POST",
        "/views/v$",
        lambda catalog: catalog.replace_view("ns.v", SCHEMA, SQL),
    ),
    "rename_view": ("POST", "/rename$", lambda catalog: catalog.rename_view("ns.v", "ns.w")),
    "drop_view": ("DELETE", "/views/v$", lambda catalog: catalog.drop_view("ns.v")),
}
AUTHS = {
    "none": {},
    "token": {"token": MARK},
    "basic": {
        "rest.auth.type": "basic",
        "rest.auth.basic.username": "marked-id",
        "rest.auth.basic.password": MARK,
    },
    "credential": {"credential": f"marked-id:{MARK}", "scope": "marked-scope"},
}


@pytest.fixture
def server() -> Iterator[FaultProxy]:
    """Return a server that has a token and a configuration, and nothing else."""
    with fault_proxy("http://127.0.0.1:9") as server:
        yield server


def plan(server: FaultProxy, asked: dict[str, Any]) -> dict[str, str]:
    """Let the server answer as the case says; return how to sign in."""
    method, path, _ = CALLS[asked["call"]]
    auth = asked.get("auth", "credential")
    if asked["call"] != "token" and asked["status"] == 401 and auth == "credential":
        server.plan(method, path, reply(401))  # is asked again with a new token
    server.plan(method, path, reply(asked["status"], asked["body"]))
    for token in ("marked-secret-token", "marked-secret-new"):
        server.plan("POST", "/v1/oauth/tokens", reply(200, json.dumps({"access_token": token})))
    config: dict[str, Any] = {"defaults": {}, "overrides": {}}
    if asked["call"] == "credentials":  # is asked for only where it is offered
        config["endpoints"] = [CREDENTIALS]
    server.plan("GET", "/v1/config", reply(200, json.dumps(config)))
    server.plan("GET", "/tables/", *[reply(200, TABLE_ANSWER)] * 4)
    server.plan("GET", "/views/", reply(200, VIEW_ANSWER))
    return AUTHS[auth]


@pytest.mark.requirement("S-US1.3", "S-SC-006")
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_an_answer_becomes_an_error(server: FaultProxy, case: dict[str, Any]) -> None:
    properties = plan(server, case["in"])
    _, _, call = CALLS[case["in"]["call"]]
    with pytest.raises(FloeStorageError) as raised:
        call(load_catalog("test", uri=server.uri, warehouse="lake", **ONCE, **properties))
    error = raised.value
    assert type(error) is getattr(floe_core.errors, case["error"]["class"]), error
    for words in case["error"]["contains"]:
        assert words in str(error)
    told = "".join(traceback.format_exception(error)) + repr(error.details)
    assert MARK not in told
    assert f"catalog 'test' ({server.uri}, warehouse 'lake')" in str(error) or (
        isinstance(error, (NoSuchTableError, NamespaceNotEmptyError, CommitConflictError))
    )
    assert "\n" not in str(error)


def test_a_server_that_repeats_what_it_gets_gives_no_secret_away(server: FaultProxy) -> None:
    def echo(request: Request, _ask: Ask) -> Answer:
        text = " ".join([request.path, *request.headers.values(), request.body.decode()])
        body = json.dumps({"error": {"message": text, "type": "BadRequestException"}})
        return Answer(400, body.encode())

    given = {**AUTHS["credential"], "header.X-Key": "marked-secret-key"}
    server.plan("POST", "/v1/oauth/tokens", echo, reply(200, '{"access_token": "a b"}'))
    server.plan("GET", "/v1/config", echo)
    for _ in range(2):
        with pytest.raises(FloeStorageError) as raised:
            load_catalog("test", uri=server.uri, **given)
        assert "BadRequestException" in str(raised.value)
        assert MARK not in "".join(traceback.format_exception(raised.value))


def test_secrets_are_in_no_repr(server: FaultProxy) -> None:
    server.plan("GET", "/v1/config", *[reply(200, '{"defaults": {}, "overrides": {}}')] * 4)
    server.plan("POST", "", *[reply(200, '{"access_token": "marked-secret-token"}')] * 4)
    for properties in AUTHS.values():
        given = {"header.X-Key": "marked-secret-key", **properties}
        catalog = load_catalog("test", uri=server.uri, **given)
        assert MARK not in repr(catalog)
        assert MARK not in repr(catalog.properties)
        assert MARK not in repr(vars(catalog))
