"""What a real Apache Polaris (1.7.0) was asked and what it answered: this client asks the same, and
understands it. Each line of polaris_answers.jsonl is an exchange as it was recorded, secrets left
out; what was not recorded is answered with a status that no server has.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import Answer, Ask, FaultProxy, Request, fault_proxy

from floe_core.errors import NoSuchNamespaceError, NoSuchTableError
from floe_iceberg import Catalog, load_catalog

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parent / "polaris_answers.jsonl").read_text().splitlines()
]


def is_asked(recorded: Any, request: Request) -> bool:
    """Whether a request says what the recorded one did; it may say more."""
    if isinstance(recorded, dict):
        asked = json.loads(request.body)
        return all(asked.get(name) == value for name, value in recorded.items())
    return recorded is None or request.body.decode() == recorded


def answer(request: Request, _ask: Ask) -> Answer:
    for exchange in RECORDED:
        if exchange["ask"] == f"{request.method} {request.path}" and is_asked(
            exchange.get("request"), request
        ):
            body = exchange["body"]
            return Answer(exchange["status"], json.dumps(body).encode() if body else b"")
    return Answer(599, f"not recorded: {request.method} {request.path}".encode())


@pytest.fixture
def polaris() -> Iterator[FaultProxy]:
    with fault_proxy("http://127.0.0.1:9") as server:
        for method in ("GET", "HEAD", "POST", "DELETE"):
            server.plan(method, "", *[answer] * 100)
        yield server


def connect(polaris: FaultProxy, warehouse: str) -> Catalog:
    return load_catalog(
        "test",
        uri=f"{polaris.uri}/api/catalog",
        warehouse=warehouse,
        credential="root:secret",
        scope="PRINCIPAL_ROLE:ALL",
        fsync=False,
    )


@pytest.mark.requirement("S-FR-001", "S-FR-002")
def test_names_are_encoded_as_polaris_wants_them(polaris: FaultProxy) -> None:
    catalog = connect(polaris, "fcat")
    assert catalog.list_namespaces("a") == [("a", "b")]
    assert catalog.list_namespaces(("a", "b")) == [("a", "b", "c")]
    assert catalog.load_namespace_properties("a")["owner"] == "me"
    for levels in (("a", "b", "c"), ("a.dot",), ("per%20cent",), ("a;b=c&d",), ("naïve_名",)):
        assert "location" in catalog.load_namespace_properties(levels)
    with pytest.raises(NoSuchNamespaceError, match=r"Namespace does not exist: a\.b"):
        catalog.load_namespace_properties(("a.b",))
    assert catalog.namespace_exists("a")
    catalog.drop_namespace(("a", "b", "c"))


def test_a_prefix_is_encoded(polaris: FaultProxy) -> None:
    assert connect(polaris, "my cat.é").list_namespaces() == []


def test_tables_are_understood(polaris: FaultProxy) -> None:
    catalog = connect(polaris, "fcat")
    assert ("t", "t1") in catalog.list_tables("t")
    table = catalog.load_table("t.t1")
    assert table.metadata_location.startswith("file:/warehouse/fcat/t/t1/metadata/00000-")
    assert table.current_snapshot() is None  # it says -1
    assert catalog.table_exists("t.t1")
    assert not catalog.table_exists("t.zz")
    with pytest.raises(NoSuchTableError):
        catalog.load_table("zz.t1")


def test_a_commit_says_what_polaris_reads(polaris: FaultProxy) -> None:
    table = connect(polaris, "fcat").load_table("t.t1")
    table.set_properties({"k": "v"})
    assert table.properties["k"] == "v"
    assert table.metadata_location.startswith("file:/warehouse/fcat/t/t1/metadata/00001-")


def test_properties_are_set_and_removed_in_two_requests(polaris: FaultProxy) -> None:
    catalog = connect(polaris, "fcat")
    done = catalog.update_namespace_properties("pp", ["x", "absent"], {"z": "4"})
    assert done == (["x"], ["z"], ["absent"])
    assert polaris.count("POST", "/properties$") == 2


def test_tables_with_odd_names_and_vended_credentials_load(polaris: FaultProxy) -> None:
    catalog = connect(polaris, "scat")
    for name in ("a&b=c;d", "😀t", "a%20b", "a b"):
        assert catalog.load_table(("v", name)).location().startswith("s3://lake/")
    assert catalog.load_table(("pub", "deep", "d1")).location() == "s3://lake/scat/pub/deep/d1"
    assert "location" in catalog.load_namespace_properties(("sp ace",))
    catalog.drop_table(("pub", "p2"))
