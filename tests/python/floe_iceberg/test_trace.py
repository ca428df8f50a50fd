"""Spans and log records of catalogs' calls, as OpenTelemetry's own SDK receives them."""

import inspect
import logging
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from floe_core.errors import FloeStorageError, NoSuchTableError
from floe_iceberg import Catalog, load_catalog
from floe_iceberg.view import SQLViewRepresentation, ViewVersion

ROWS = pa.table({"id": pa.array([1], pa.int64())})
CALLS: dict[str, Any] = {
    "iceberg.create_namespace": lambda c: c.create_namespace("a.b", {"owner": "marked"}),
    "iceberg.list_namespaces": lambda c: c.list_namespaces(),
    "iceberg.namespace_exists": lambda c: c.namespace_exists(namespace="a.b"),
    "iceberg.load_namespace_properties": lambda c: c.load_namespace_properties(("a", "b")),
    "iceberg.update_namespace_properties": lambda c: c.update_namespace_properties(
        "a.b", {"owner"}, {"x": "marked"}
    ),
    "iceberg.create_table": lambda c: c.create_table(
        schema=ROWS.schema, identifier="a.b.t", properties={"comment": "marked"}
    ),
    "iceberg.load_table": lambda c: c.load_table(("a", "b", "t")),
    "iceberg.table_exists": lambda c: c.table_exists("a.b.t"),
    "iceberg.list_tables": lambda c: c.list_tables("a.b"),
    "iceberg.rename_table": lambda c: c.rename_table("a.b.t", "a.b.u"),
    "iceberg.drop_table": lambda c: c.drop_table("a.b.u"),
    "iceberg.drop_namespace": lambda c: c.drop_namespace("a.b"),
}


@pytest.fixture
def catalog(tmp_path: Path, spans: InMemorySpanExporter) -> Catalog:
    made = load_catalog("dev", uri=f"sqlite:///{tmp_path}/c.db", warehouse=tmp_path, fsync=False)
    made.create_namespace("a")
    spans.clear()
    return made


def facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.mark.requirement("S-FR-038", "T-FR-041", "T-SC-007")
def test_each_call_is_a_span(
    catalog: Catalog, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "floe")
    for call in CALLS.values():
        call(catalog)
    outer = [span for span in spans.get_finished_spans() if span.parent is None]
    assert [span.name for span in outer] == list(CALLS)
    about = {span.name: facts(span) for span in outer}
    assert about["iceberg.create_namespace"] == {
        "catalog": "dev",
        "operation": "create_namespace",
        "namespace": "a.b",
        "status": "ok",
    }
    for name in ("create_table", "load_table", "table_exists"):
        assert about[f"iceberg.{name}"]["table"] == "a.b.t"
    assert about["iceberg.namespace_exists"]["namespace"] == "a.b"
    inner = [span.name for span in spans.get_finished_spans() if span.parent is not None]
    assert inner == ["iceberg.load_table"]  # what a rename shows
    records = [record for record in caplog.records if record.name == "floe"]
    assert [vars(record)["floe"]["event"] for record in records].count("iceberg.load_table") == 2
    told = repr([(span.to_json(), span.events) for span in outer]) + caplog.text
    assert "marked" not in told
    assert "iceberg.create_table" in caplog.text


@pytest.mark.requirement("S-FR-037", "T-FR-043", "T-FR-044")
def test_a_failure_is_told_by_its_class(
    catalog: Catalog, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "floe")
    with pytest.raises(NoSuchTableError):
        catalog.load_table("a.none")
    (span,) = spans.get_finished_spans()
    assert facts(span) == {
        "catalog": "dev",
        "operation": "load_table",
        "table": "a.none",
        "status": "error",
        "error.type": "NoSuchTableError",
    }
    assert span.status.status_code is trace.StatusCode.ERROR
    assert span.status.description == "NoSuchTableError"
    assert not span.events
    (record,) = [each for each in caplog.records if each.name == "floe"]
    told = vars(record)["floe"]
    assert told["duration_ms"] > 0
    assert {**told, "duration_ms": 0} == {
        "event": "iceberg.load_table",
        **facts(span),
        "duration_ms": 0,
    }


def joint_commit(catalog: Catalog) -> None:
    transaction = catalog.create_table("a.u", ROWS.schema).transaction()
    transaction.append(ROWS)
    catalog.commit_transactions([transaction])


VERSION = ViewVersion([SQLViewRepresentation("select 1", "spark")], ("a",))
# All that can be called, in an order in which it can; catalogs without views refuse them.
METHODS: dict[str, Any] = {
    **{name.removeprefix("iceberg."): call for name, call in CALLS.items()},
    "create_namespace_if_not_exists": lambda c: c.create_namespace_if_not_exists("a"),
    "create_table_if_not_exists": lambda c: c.create_table_if_not_exists("a.t", ROWS.schema),
    "create_table_transaction": lambda c: c.create_table_transaction("a.v", ROWS.schema),
    "commit_transactions": joint_commit,
    "register_table": lambda c: c.register_table("a.w", "file:///none.metadata.json"),
    "purge_table": lambda c: c.purge_table("a.t"),
    "list_views": lambda c: c.list_views("a"),
    "create_view": lambda c: c.create_view("a.v", ROWS.schema, VERSION),
    "replace_view": lambda c: c.replace_view("a.v", ROWS.schema, VERSION),
    "load_view": lambda c: c.load_view("a.v"),
    "view_exists": lambda c: c.view_exists("a.v"),
    "rename_view": lambda c: c.rename_view("a.v", "a.w"),
    "drop_view": lambda c: c.drop_view("a.v"),
}


@pytest.mark.requirement("S-FR-038")
def test_no_method_is_without_a_span(catalog: Catalog, spans: InMemorySpanExporter) -> None:
    public = {name for name, _ in inspect.getmembers(Catalog, inspect.isfunction) if name[0] != "_"}
    # What hands over to PyIceberg asks the catalog for nothing.
    assert set(METHODS) == public - {"to_pyiceberg"}
    for name, call in METHODS.items():
        spans.clear()
        with suppress(FloeStorageError):
            call(catalog)
        told = [facts(span) for span in spans.get_finished_spans() if span.parent is None]
        assert told, name
        assert told[-1]["catalog"] == "dev"
        assert told[-1]["operation"] == name.removesuffix("_if_not_exists")
        assert "commit_transactions" not in name or told[-1]["tables"] == 1


def test_spans_of_the_caller_are_around_those_of_floe(
    catalog: Catalog, spans: InMemorySpanExporter
) -> None:
    with trace.get_tracer("test").start_as_current_span("mine") as mine:
        catalog.table_exists("a.t")
    span = spans.get_finished_spans()[0]
    assert span.parent is not None
    assert span.parent.span_id == mine.get_span_context().span_id


def test_opening_a_catalog_is_a_span_without_its_properties(spans: InMemorySpanExporter) -> None:
    with pytest.raises(Exception, match="unknown properties"):
        load_catalog("dev", uri="sqlite:///c.db", token="marked")  # noqa: S106 - made up
    (span,) = spans.get_finished_spans()
    assert facts(span)["operation"] == "load_catalog"
    assert "marked" not in span.to_json()


def test_without_opentelemetry_all_works(tmp_path: Path) -> None:
    program = (
        "import sys, logging\n"
        "class Without:\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name.startswith('opentelemetry'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Without)\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "from floe_iceberg import load_catalog\n"
        f"load_catalog('dev', uri='sqlite:///{tmp_path}/c.db').create_namespace('n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, stderr=subprocess.PIPE, text=True
    )
    assert "iceberg.create_namespace catalog=dev operation=create_namespace" in done.stderr
