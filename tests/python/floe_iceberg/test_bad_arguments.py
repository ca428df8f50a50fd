"""Wrong arguments of every public function: one line each, with the message."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from warehouse import make_table

from floe_core import errors
from floe_iceberg import Catalog, PartitionSpec, Schema, Table, load_catalog
from floe_iceberg import expressions as ex
from floe_iceberg.transforms import parse_transform
from floe_iceberg.types import DecimalType, FixedType, IntegerType, NestedField, type_from_json

ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "name": ["a", "b", None],
        "ts": pa.array([0, 1, 2], pa.timestamp("us")),
    }
)
MEMORY = "sqlite:///:memory:"


class Bad(NamedTuple):
    """A call, the class of its error, and what its message says."""

    call: Callable[..., Any]
    message: str
    error: type[errors.FloeStorageError] = errors.InvalidArgumentError


def bad(*cases: Bad) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.message[:60])


def check(case: Bad, *arguments: Any) -> None:
    with pytest.raises(case.error) as raised:
        case.call(*arguments)
    assert type(raised.value) is case.error
    assert case.message in str(raised.value)


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return make_table(catalog, ROWS)


@bad(
    Bad(lambda: load_catalog("x"), "catalog 'x' needs a uri, such as sqlite:////path/to/"),
    Bad(lambda: load_catalog(3, uri=MEMORY), "the catalog's name is of type int; expected a text"),
    Bad(lambda: load_catalog("x", uri=3), "uri of catalog 'x' is of type int; expected a text"),
    Bad(
        lambda: load_catalog("x", uri=MEMORY, warehose="d"),
        "catalog 'x' has unknown properties warehose; known are busy-timeout-ms, fsync, type, uri",
    ),
    Bad(
        lambda: load_catalog("x", uri=MEMORY, warehouse=3),
        "warehouse of catalog 'x' is of type int; expected a text or a path",
    ),
    Bad(
        lambda: load_catalog("x", uri=MEMORY, busy_timeout_ms="soon"),
        "catalog property busy-timeout-ms is 'soon'; expected an integer",
    ),
    Bad(
        lambda: load_catalog("x", uri=MEMORY, busy_timeout_ms=-1),
        "catalog property busy-timeout-ms is -1; expected 0 to 2147483647",
    ),
    Bad(
        lambda: load_catalog("x", uri=MEMORY, fsync="maybe"),
        "catalog property fsync is 'maybe'; expected true or false",
    ),
    Bad(lambda: load_catalog("x", type=4, uri=MEMORY), "type of catalog 'x' is of type int"),
    Bad(
        lambda: load_catalog("x", type="hive", uri="thrift://localhost"),
        "catalog 'x' is of type 'hive'; this version of floe has sql, rest and in-memory",
        errors.UnsupportedError,
    ),
    Bad(
        lambda: load_catalog("x", uri="postgresql://localhost"),
        "catalog 'x' has a uri of scheme 'postgresql'; this version of floe has sqlite",
        errors.UnsupportedError,
    ),
)
def test_load_catalog(case: Bad) -> None:
    check(case)


@bad(
    Bad(lambda c: c.load_table(None), "a table's name is of type NoneType; expected a text such"),
    Bad(lambda c: c.load_table(5), "a table's name is of type int"),
    Bad(lambda c: c.load_table((1, 2)), "(1, 2) is not the name of a table"),
    Bad(lambda c: c.load_table(""), "'' is not the name of a table: expected names separated"),
    Bad(lambda c: c.load_table("t"), "'t' is not the name of a table: expected a namespace before"),
    Bad(lambda c: c.table_exists("db..t"), "'db..t' is not the name of a table"),
    Bad(lambda c: c.drop_table(()), "() is not the name of a table"),
    Bad(lambda c: c.list_tables(3), "a namespace's name is of type int; expected a text such as"),
    Bad(lambda c: c.namespace_exists(".db"), "'.db' is not the name of a namespace"),
    Bad(lambda c: c.create_namespace(""), "'' is not the name of a namespace"),
    Bad(
        lambda c: c.create_namespace("a/b"),
        "'a/b' can't be the name of a namespace or table: names are not empty and have no dots",
    ),
    Bad(lambda c: c.create_table(("db", "a.b"), ROWS.schema), "'a.b' can't be the name"),
    Bad(lambda c: c.create_table(("db", ".."), ROWS.schema), "'..' can't be the name"),
    Bad(lambda c: c.create_table(("db", "a\0b"), ROWS.schema), "no dots, slashes or control"),
    Bad(
        lambda c: c.create_namespace("n", ["a"]),
        "properties is of type list; expected a mapping of texts to texts",
    ),
    Bad(
        lambda c: c.create_namespace("n", {"a": None}),
        "'a' in properties is of type NoneType; expected a text, a number, True or False",
    ),
    Bad(lambda c: c.create_namespace("n", {1: "a"}), "a key of properties is of type int"),
)
def test_names_in_a_catalog(catalog: Catalog, case: Bad) -> None:
    check(case, catalog)


@bad(
    Bad(lambda c: c.create_table("db.x", None), "schema is of type NoneType; expected a Schema"),
    Bad(lambda c: c.create_table("db.x", "id long"), "schema is of type str; expected a Schema"),
    Bad(lambda c: c.create_table("db.x", ROWS), "schema is of type Table; expected a Schema of"),
    Bad(
        lambda c: c.create_table("db.x", pa.schema([("a", pa.int32()), ("a", pa.int32())])),
        "two columns have the same name 'a'",
    ),
    Bad(
        lambda c: c.create_table(
            "db.x", Schema(NestedField(1, "a", IntegerType()), NestedField(1, "b", IntegerType()))
        ),
        "field id 1 is used by two columns: 'a' and 'b'",
        errors.ParseError,
    ),
    Bad(
        lambda c: c.create_table("db.x", Schema(NestedField(1, "a", DecimalType(40, 2)))),
        "decimal(40, 2)",
        errors.ParseError,
    ),
    Bad(
        lambda c: c.create_table(
            "db.x",
            Schema(NestedField(1, "a", IntegerType()), identifier_field_ids=[1]),
        ),
        "column 'a' can't be an identifier field: it is optional",
        errors.ParseError,
    ),
    Bad(lambda c: c.create_table("db.x", ROWS.schema, location=4), "location is of type int"),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, location=""),
        "the location of table db.x is ''; expected a path or a URI",
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, location="hdfs://bucket/x"),
        "is not on the local file system; this version of floe reads and writes local files",
        errors.UnsupportedError,
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, properties=["a"]),
        "properties is of type list; expected a mapping",
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, properties={"floe.colour": "red"}),
        "'floe.colour' is not a table property of floe; docs/table-properties.md lists them",
    ),
    Bad(
        lambda c: c.create_table(
            "db.x", ROWS.schema, properties={"commit.retry.num-retries": "lots"}
        ),
        "table property 'commit.retry.num-retries' is 'lots'; expected an integer from 0 to",
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, properties={"write.format.default": "orc"}),
        "table property 'write.format.default' = 'orc' asks for what this version of floe can't do",
        errors.UnsupportedError,
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, properties={"format-version": 4}),
        "format-version 4 is not supported by this version of floe, which reads and writes",
        errors.UnsupportedError,
    ),
    Bad(
        lambda c: c.create_table("db.x", ROWS.schema, properties={"format-version": "v2"}),
        "format-version is 'v2'; expected a number from 1 to 3",
    ),
)
@pytest.mark.requirement("T-FR-015")
def test_create_table(catalog: Catalog, case: Bad) -> None:
    check(case, catalog)
    assert catalog.list_tables("db") == []


@bad(
    Bad(lambda of: of("month(ts)"), "partition_spec is of type str; expected a sequence of texts"),
    Bad(lambda of: of(None), "partition_spec is of type NoneType; expected a sequence of texts"),
    Bad(lambda of: of([3]), "an item of partition_spec is of type int; expected a text"),
    Bad(lambda of: of(["month(t)"]), "no column 't' in the schema; did you mean 'ts'? its columns"),
    Bad(
        lambda of: of(["week(ts)"]),
        "'week' is not a partition transform; expected identity, year, month, day, hour, bucket[N]",
        errors.ParseError,
    ),
    Bad(lambda of: of(["month(ts"]), "can't read the partition term 'month(ts'; expected a column"),
    Bad(lambda of: of(["bucket(1, 2, id)"]), "partition term 'bucket(1, 2, id)' has 3 arguments"),
    Bad(lambda of: of(["bucket(0, id)"]), "bucket[0] is not possible: the parameter is 1 to"),
    Bad(lambda of: of(["month(ts)", "month(ts)"]), "two partition fields have the name 'ts_month'"),
    Bad(
        lambda of: of(["month(name)"]),
        "partition field 'name_month': transform month can't be applied to column 'name' of type",
    ),
)
def test_partition_spec(catalog: Catalog, case: Bad) -> None:
    check(case, lambda spec: catalog.create_table("db.x", ROWS.schema, partition_spec=spec))
    assert catalog.list_tables("db") == []


@bad(
    Bad(lambda t: t.scan(5), 'a filter is of type int; expected a text such as "id > 3"'),
    Bad(lambda t: t.scan(None), "a filter is of type NoneType"),
    Bad(
        lambda t: t.scan(selected_fields="id"),
        "selected_fields is of type str; expected a sequence of texts such as ('id', 'ts')",
    ),
    Bad(lambda t: t.scan(selected_fields=None), "selected_fields is of type NoneType"),
    Bad(lambda t: t.scan(selected_fields=(1,)), "an item of selected_fields is of type int"),
    Bad(
        lambda t: t.scan(selected_fields=("nane",)),
        "no column 'nane' in the schema; did you mean 'name'? its columns are id, name, ts",
    ),
    Bad(
        lambda t: t.scan().select("ID"),
        "no column 'ID' in the schema; did you mean 'id'?",
    ),
    Bad(lambda t: t.scan(snapshot_id="1"), "scan option snapshot_id is of type str; expected an"),
    Bad(
        lambda t: t.scan(snapshot_id=2**63), "scan option snapshot_id is of type int; expected an "
    ),
    Bad(lambda t: t.scan(limit=-1), "scan option limit is -1; expected at least 0"),
    Bad(lambda t: t.scan(limit=1.5), "scan option limit is of type float; expected an integer"),
    Bad(lambda t: t.scan(limit=True), "scan option limit is of type bool; expected an integer"),
    Bad(lambda t: t.scan(case_sensitive=None), "scan option case_sensitive is of type NoneType"),
    Bad(lambda t: t.scan(ref=3), "scan option ref is of type int; expected a text"),
    Bad(
        lambda t: t.scan(as_of="2024"), "as_of is of type str; expected a zoned datetime, or milli"
    ),
    Bad(
        lambda t: t.scan(as_of=dt.datetime(2024, 1, 1)),
        "as_of is 2024-01-01T00:00:00, which has no zone; pass a zoned datetime",
    ),
    Bad(
        lambda t: t.scan(ref="main", snapshot_id=1),
        "a scan takes one of snapshot_id, timestamp and ref; more than one was given",
    ),
    Bad(lambda t: t.scan(options=[1]), "options is of type list; expected a mapping"),
    Bad(lambda t: t.scan(options={"color": 1}), "'color' is not a scan option; known are batch_"),
    Bad(lambda t: t.scan(options={"batch_rows": 0}), "scan option batch_rows is 0; expected at"),
    Bad(
        lambda t: t.scan(options={"threads": -1}), "scan option threads is -1; expected at least 0"
    ),
    Bad(
        lambda t: t.scan(options={"threads": 2**40}), "scan option threads is of type int; expected"
    ),
    Bad(
        lambda t: t.scan(options={"memory_bytes": 0}), "scan option memory_bytes is 0; expected at"
    ),
    Bad(lambda t: t.scan(options={"prune_files": 1}), "scan option prune_files is of type int"),
    Bad(lambda t: t.scan().filter(3), "a filter is of type int"),
    Bad(lambda t: t.inspect.files("5"), "snapshot_id is of type str; expected an integer"),
    Bad(lambda t: t.inspect.partitions(1.0), "snapshot_id is of type float; expected an integer"),
)
def test_scan(table: Table, case: Bad) -> None:
    check(case, table)


@bad(
    Bad(lambda t: t.scan(snapshot_id=5), "table db.t has no snapshot 5; snapshots() lists those"),
    Bad(lambda t: t.scan(as_of=5), "table db.t has no snapshot as old as 1970-01-01T00:00:00.005"),
    Bad(lambda t: t.scan(ref="dev"), "table db.t has no branch or tag 'dev'"),
    Bad(lambda t: t.scan().use_ref("dev"), "table db.t has no branch or tag 'dev'"),
    Bad(lambda t: t.inspect.files(5), "table db.t has no snapshot 5; snapshots() lists those"),
)
def test_a_snapshot_that_is_not_there(table: Table, case: Bad) -> None:
    check(case._replace(error=errors.NoSuchSnapshotError), table)


@bad(
    Bad(
        lambda t: t.append(ROWS, colour=1),
        "'colour' is not a write option; known are branch, case_sensi",
    ),
    Bad(lambda t: t.append(ROWS, max_retries="2"), "write option max_retries is of type str"),
    Bad(lambda t: t.append(ROWS, max_retries=-1), "write option max_retries is -1; expected at"),
    Bad(lambda t: t.append(ROWS, min_wait_ms=-1), "write option min_wait_ms is -1; expected at"),
    Bad(lambda t: t.append(ROWS, memory_bytes=0), "write option memory_bytes is 0; expected at"),
    Bad(lambda t: t.append(ROWS, evolve_schema="yes"), "write option evolve_schema is of type str"),
    Bad(lambda t: t.append(ROWS, required_filter=3), "a filter is of type int"),
    Bad(lambda t: t.overwrite(ROWS, None), "a filter is of type NoneType"),
    Bad(
        lambda t: t.overwrite(ROWS, isolation="none"),
        "write option isolation is 'none'; expected serializable or snapshot",
    ),
    Bad(
        lambda t: t.append(ROWS, snapshot_properties=["a"]),
        "snapshot_properties is of type list; expected a mapping of texts to texts",
    ),
    Bad(
        lambda t: t.append(ROWS, snapshot_properties={"added-records": "9"}),
        "snapshot property 'added-records' is one that the commit sets itself; choose another name",
    ),
    Bad(
        lambda t: t.overwrite(ROWS, snapshot_properties={"operation": "append"}),
        "snapshot property 'operation' is one that the commit sets itself",
    ),
    Bad(
        lambda t: t.append(ROWS, branch=""),
        "can't write to a branch without a name",
    ),
    Bad(
        lambda t: t.dynamic_partition_overwrite(ROWS),
        "table db.t has no partitions to overwrite; overwrite the whole table, or by a filter",
        errors.UnsupportedError,
    ),
)
def test_write(table: Table, case: Bad) -> None:
    check(case, table)
    assert len(table.refresh().snapshots()) == 1


@bad(
    Bad(lambda: ex.parse(3), "a filter to parse is of type int; expected a text"),
    Bad(lambda: ex.EqualTo(3, 1), "a filter's column is of type int; expected a text"),
    Bad(lambda: ex.EqualTo("a", None), "a value of Python type NoneType can't be used in a filter"),
    Bad(lambda: ex.EqualTo("a", [1]), "a value of Python type list can't be used in a filter; exp"),
    Bad(lambda: ex.In("a", 3), "the values of In is of type int; expected a list of values"),
    Bad(lambda: ex.NotIn("a", "xyz"), "the values of NotIn is of type str; expected a list"),
    Bad(lambda: ex.In("a", [object()]), "a value of Python type object can't be used in a filter"),
    Bad(ex.And, "And() needs at least one filter"),
    Bad(ex.Or, "Or() needs at least one filter"),
    Bad(lambda: ex.Not(3), "a filter is of type int"),
    Bad(lambda: ex.EqualTo("a", 1) & 3, "a filter is of type int"),
    Bad(lambda: ex.EqualTo("a", 10**40), "has more than 38 digits"),
)
def test_expressions(case: Bad) -> None:
    check(case)


@bad(
    Bad(lambda: parse_transform("bucket[x]"), "'bucket[x]'", errors.ParseError),
    Bad(lambda: type_from_json("varchar"), "varchar", errors.ParseError),
    Bad(lambda: type_from_json({"type": "set"}), "expected a type, found"),
    Bad(lambda: Schema.from_json("{"), "schema", errors.ParseError),
    Bad(lambda: Schema.from_arrow(3), "schema is of type int; expected"),
    Bad(lambda: Schema().find_field("a"), "no column 'a' in the schema; it has no columns"),
    Bad(
        lambda: PartitionSpec.of(Schema(NestedField(1, "id", IntegerType())), ["idd"]),
        "no column 'idd' in the schema; did you mean 'id'?",
    ),
    Bad(
        lambda: Schema(NestedField(1, "a", FixedType(0))).as_arrow(),
        "fixed[0]",
        errors.ParseError,
    ),
)
def test_schemas_and_types(case: Bad) -> None:
    check(case)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda c: c.load_table("db.nope"),
            errors.NoSuchTableError,
            "table db.nope does not exist",
        ),
        (
            lambda c: c.drop_table("db.nope"),
            errors.NoSuchTableError,
            "table db.nope does not exist",
        ),
        (
            lambda c: c.create_table("db.t", ROWS.schema),
            errors.TableAlreadyExistsError,
            "table db.t already exists in catalog 'test'",
        ),
        (
            lambda c: c.create_table("nowhere.t", ROWS.schema),
            errors.NoSuchNamespaceError,
            "namespace nowhere does not exist in catalog 'test'; create it first",
        ),
        (
            lambda c: c.list_tables("nowhere"),
            errors.NoSuchNamespaceError,
            "namespace nowhere does not exist",
        ),
        (
            lambda c: c.create_namespace("db"),
            errors.NamespaceAlreadyExistsError,
            "namespace db already exists in catalog 'test'",
        ),
        (
            lambda c: c.drop_namespace("db"),
            errors.NamespaceNotEmptyError,
            "namespace db has tables; drop them first",
        ),
    ],
)
@pytest.mark.requirement("S-US2.2", "S-US3.4", "T-FR-016", "S-FR-009")
def test_what_is_missing_or_there_already(
    catalog: Catalog,
    table: Table,
    call: Callable[[Catalog], Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message) as raised:
        call(catalog)
    assert type(raised.value) is error
    assert raised.value.table or raised.value.namespace  # type: ignore[attr-defined]


def test_a_database_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(errors.CatalogConnectionError, match="not an SQLite database, or damaged"):
        load_catalog("x", uri=f"sqlite:///{tmp_path}/text.db")
    with pytest.raises(errors.CatalogConnectionError, match="check that the folder exists"):
        load_catalog("x", uri=f"sqlite:///{tmp_path}/text.db/below.db")


def test_a_catalog_without_warehouse_needs_locations(tmp_path: Path) -> None:
    catalog = load_catalog("x", uri=MEMORY)
    catalog.create_namespace("a")
    message = "table a.b needs a location: catalog 'x' has no warehouse and namespace a has no loc"
    with pytest.raises(errors.InvalidArgumentError, match=message):
        catalog.create_table("a.b", ROWS.schema)
    table = catalog.create_table("a.b", ROWS.schema, location=tmp_path / "b")
    assert table.location() == f"file://{tmp_path}/b"
