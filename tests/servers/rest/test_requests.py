"""How many requests a call costs: one, wherever the protocol lets it be one."""

import re
from collections.abc import Callable
from typing import Any

from fault_proxy import FaultProxy
from hidden_manifests import hidden_manifests
from rest_clients import ROWS, connect

from floe_iceberg import Catalog, Table, load_catalog


def asked(proxy: FaultProxy, namespace: str) -> list[str]:
    """Return what was asked since the last time."""
    said = [f"{request.method} {request.path}" for request in proxy.requests]
    proxy.forget()
    return [re.sub(rf"/v1/(namespaces/{namespace})?", "…", line) for line in said]


Call = Callable[[Catalog, str], Any]
# What one call costs.
CALLS: list[tuple[Call, list[str]]] = [
    (lambda c, n: c.create_namespace((n, "x")), ["POST …namespaces"]),
    (lambda c, n: c.namespace_exists((n, "x")), ["HEAD …%2Ex"]),
    (lambda c, n: c.load_namespace_properties((n, "x")), ["GET …%2Ex"]),
    (
        lambda c, n: c.update_namespace_properties((n, "x"), None, {"a": "b"}),
        ["POST …%2Ex/properties"],
    ),
    (lambda c, n: c.drop_namespace((n, "x")), ["DELETE …%2Ex"]),
    (lambda c, _: c.list_namespaces(), ["GET …namespaces"]),
    (lambda c, n: c.create_table((n, "t"), ROWS.schema), ["POST …/tables"]),
    (lambda c, n: c.list_tables(n), ["GET …/tables"]),
    (lambda c, n: c.table_exists((n, "t")), ["HEAD …/tables/t"]),
    (lambda c, n: c.load_table((n, "t")), ["GET …/tables/t"]),
    (lambda c, n: c.load_table((n, "t")).refresh(), ["GET …/tables/t"] * 2),
    (lambda c, n: c.load_table((n, "t")).append(ROWS), ["GET …/tables/t", "POST …/tables/t"]),
    # What was renamed is shown.
    (lambda c, n: c.rename_table((n, "t"), (n, "u")), ["POST …tables/rename", "GET …/tables/u"]),
    (lambda c, n: c.drop_table((n, "u")), ["DELETE …/tables/u?purgeRequested=false"]),
]


def test_a_call_is_a_request(proxy: FaultProxy, namespace: str) -> None:
    catalog = load_catalog("test", uri=proxy.uri, fsync=False)
    assert asked(proxy, namespace) == ["GET …config"]
    for call, expected in CALLS:
        call(catalog, namespace)
        assert asked(proxy, namespace) == expected


Change = Callable[[Table], Any]
# What is one commit, however much of the table is read for it.
CHANGES: list[Change] = [
    lambda t: t.append(ROWS),
    lambda t: t.overwrite(ROWS),
    lambda t: t.set_properties({"a": "b"}),
]


def test_a_commit_is_a_request_and_a_scan_is_none(proxy: FaultProxy, namespace: str) -> None:
    table = connect(proxy).create_table((namespace, "t"), ROWS.schema)
    table.append(ROWS)
    asked(proxy, namespace)
    for change in CHANGES:
        change(table)
        assert asked(proxy, namespace) == ["POST …/tables/t"]
    table.scan().to_arrow()
    assert asked(proxy, namespace) == []
    with table.transaction() as transaction:
        transaction.append(ROWS)
        transaction.set_properties({"c": "d"})
        transaction.append(ROWS)
    assert asked(proxy, namespace) == ["POST …/tables/t"]


def test_an_append_reads_no_manifest(proxy: FaultProxy, namespace: str) -> None:
    catalog = connect(proxy)
    catalog.create_table((namespace, "t"), ROWS.schema).append(ROWS)
    table = catalog.load_table((namespace, "t"))
    asked(proxy, namespace)
    with hidden_manifests(table):
        table.append(ROWS)
        assert asked(proxy, namespace) == ["POST …/tables/t"]
    assert table.scan().to_arrow().num_rows == 4
