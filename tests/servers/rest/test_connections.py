"""How a REST catalog's client connects: few connections, proxies, forks, threads, Ctrl-C."""

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from children import run, start
from fault_proxy import Answer, Ask, FaultProxy, Request, fault_proxy, reply
from rest_clients import ONCE, ROWS

from floe_core.errors import CatalogConnectionError, CircuitOpenError, NoSuchNamespaceError
from floe_iceberg import Catalog, load_catalog


def test_a_connection_is_kept(proxy: FaultProxy, namespace: str) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    for _ in range(3):
        table.append(ROWS)
        catalog.load_table((namespace, "t"))
        assert catalog.table_exists((namespace, "t"))
    assert len(proxy.requests) == 11
    assert proxy.connections == 1


def test_a_commit_gets_a_new_connection_where_one_was_idle(
    proxy: FaultProxy, namespace: str
) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    # A server might be ending it just now, and a commit is not sent twice.
    time.sleep(4.2)
    table.append(ROWS)
    assert proxy.connections == 2


def test_threads_have_no_more_connections_than_they_need(proxy: FaultProxy, namespace: str) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)
    catalog.create_table((namespace, "t"), ROWS.schema).append(ROWS)

    def work(number: int) -> int:
        with pytest.raises(NoSuchNamespaceError):
            catalog.load_namespace_properties((namespace, f"n{number}"))
        assert catalog.list_tables(namespace) == [(namespace, "t")]
        return catalog.load_table((namespace, "t")).scan().to_arrow().num_rows

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(64))) == [2] * 64
    assert proxy.connections <= 16


def test_threads_write_with_one_client(proxy: FaultProxy, namespace: str) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)

    def work(number: int) -> int:
        table = catalog.create_table((namespace, f"t{number}"), ROWS.schema)
        table.append(ROWS)
        return table.refresh().scan().to_arrow().num_rows

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [2] * 16
    assert len(catalog.list_tables(namespace)) == 16


FORK = """
import os, sys
import pyarrow as pa
from floe_iceberg import load_catalog

catalog = load_catalog("test", uri=sys.argv[1], fsync=False)
name = (sys.argv[2], "t")
table = catalog.create_table(name, pa.schema([("id", pa.int64())]))
child = os.fork()
for _ in range(5):
    table.append(pa.table({"id": pa.array([1], pa.int64())}))
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(catalog.load_table(name).scan().to_arrow().num_rows)
"""


def test_a_forked_child_has_connections_of_its_own(proxy: FaultProxy, namespace: str) -> None:
    child = run(FORK, proxy.uri, namespace)
    assert (child.stdout, child.returncode) == ("10\n", 0), child.stderr
    assert proxy.connections == 2


INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests' own shell has
import pyarrow as pa
from floe_iceberg import load_catalog
from floe_core.errors import FloeStorageError

catalog = load_catalog("test", uri=sys.argv[1], fsync=False)
name = (sys.argv[2], "t")
table = catalog.create_table(name, pa.schema([("id", pa.int64())]))
rows = pa.table({"id": pa.array([1], pa.int64())})
calls = {
    "list": lambda: catalog.list_tables(sys.argv[2]),
    "load": lambda: catalog.load_table(name),
    "refresh": lambda: table.refresh(),
    "drop": lambda: catalog.drop_table(name),
    "commit": lambda: table.append(rows),
    "open": lambda: load_catalog("test", uri=sys.argv[1], **{"header.X-Late": "1"}),
}
print("ready", flush=True)
sys.stdin.readline()
try:
    calls[sys.argv[3]]()
    print("finished")
except KeyboardInterrupt:
    print("interrupted", flush=True)
    print(catalog.load_table(name).scan().to_arrow().num_rows)
"""


@pytest.mark.parametrize("call", ["list", "load", "refresh", "drop", "commit", "open"])
def test_ctrl_c_ends_a_call(proxy: FaultProxy, namespace: str, call: str) -> None:
    child = start(INTERRUPTED, proxy.uri, namespace, call, stdin=subprocess.PIPE)
    silence = proxy.silence()

    def interrupt(request: Request, ask: Ask) -> Answer | None:
        os.kill(child.pid, signal.SIGINT)
        return silence(request, ask)

    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        methods = {"commit": "POST", "drop": "DELETE"}
        proxy.plan(methods.get(call, "GET"), "", interrupt)
        out, errors = child.communicate("go\n", timeout=60)
    assert out == "interrupted\n0\n", errors


def test_ctrl_c_ends_a_pause_between_tries(proxy: FaultProxy, namespace: str) -> None:
    child = start(INTERRUPTED, proxy.uri, namespace, "list", stdin=subprocess.PIPE)

    def interrupt(_request: Request, _ask: Ask) -> Answer:
        os.kill(child.pid, signal.SIGINT)
        return Answer(503, headers={"Retry-After": "30"})

    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        proxy.plan("GET", "", interrupt)
        out, errors = child.communicate("go\n", timeout=60)
    assert out == "interrupted\n0\n", errors
    assert proxy.count("GET", "/tables$") == 1


def test_a_server_that_never_greets_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        # The connection is made by the system; TLS begins, and nobody answers.
        port = mute.getsockname()[1]
        given = {"rest.client.connection-timeout-ms": "200", **ONCE}
        with pytest.raises(CatalogConnectionError, match=r"rest\.client\.connection-timeout-ms"):
            load_catalog("test", uri=f"https://127.0.0.1:{port}", **given)


def test_answers_may_be_packed(proxy: FaultProxy, namespace: str) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)
    catalog.create_table((namespace, "t"), ROWS.schema)
    for request in proxy.requests:
        assert "gzip" in request.headers["Accept-Encoding"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(proxy: FaultProxy, status: int) -> None:
    with fault_proxy(proxy.uri) as elsewhere:
        proxy.plan("GET", "", reply(status, Location=f"{elsewhere.uri}/v1/config"))
        with pytest.raises(CatalogConnectionError, match="set property uri to the address"):
            load_catalog("test", uri=proxy.uri, token="marked-secret")  # noqa: S106
        assert elsewhere.connections == 0


@pytest.mark.requirement("S-FR-006a")
def test_a_server_that_fails_is_left_alone(proxy: FaultProxy, namespace: str) -> None:
    def connect(**more: str) -> Catalog:
        proxy.forget()
        limits = {"rest.client.circuit-breaker.threshold": "2", **ONCE, **more}
        return load_catalog("test", uri=proxy.uri, **limits)

    catalog = connect()
    proxy.plan("GET", "", *[reply(503)] * 2)
    for _ in range(2):
        with pytest.raises(CatalogConnectionError, match="answers 503"):
            catalog.list_tables(namespace)
    seen = len(proxy.requests)
    with pytest.raises(
        CircuitOpenError, match=r"can't list tables of namespace .* again and again"
    ):
        catalog.list_tables(namespace)
    assert len(proxy.requests) == seen
    connect().list_tables(namespace)  # another client has its own
    catalog = connect(**{"rest.client.circuit-breaker.open-ms": "0"})
    proxy.plan("GET", "", *[reply(503)] * 3)
    for _ in range(3):
        with pytest.raises(CatalogConnectionError, match="answers 503"):
            catalog.list_tables(namespace)
    assert catalog.list_tables(namespace) == []
    off = connect(**{"rest.client.circuit-breaker.threshold": "0"})
    proxy.plan("GET", "", *[reply(503)] * 9)
    for _ in range(9):
        with pytest.raises(CatalogConnectionError, match="answers 503"):
            off.list_tables(namespace)
