from collections.abc import Sequence

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, metadata_of, returning

from floe_core.errors import InvalidArgumentError, NoSuchTableError, SchemaMismatchError

ROWS = pa.table({"id": [1, 2], "name": ["a", "b"]})


@pytest.mark.requirement("S-FR-024", "T-FR-037")
@pytest.mark.requirement("S-FR-026")
@pytest.mark.parametrize(
    ("key", "table"),
    [
        (["customers"], "public.customers"),
        (["bronze", "customers"], "bronze.customers"),
        (["gold", "metrics", "daily"], "gold.metrics_daily"),
    ],
)
def test_an_asset_is_stored_in_the_table_of_its_key(
    store: AssetStore, key: Sequence[str], table: str
) -> None:
    store.materialize(returning(ROWS, key))
    assert store.table(table).scan().to_arrow().equals(ROWS)


@pytest.mark.parametrize(
    ("key", "metadata", "table"),
    [
        (["a"], {"iceberg_table": "t"}, ("home", "t")),
        (["a", "b"], {"iceberg_table": "t"}, ("a", "t")),
        (["a", "b"], {"iceberg_namespace": "n"}, ("n", "b")),
        (["a"], {"iceberg_namespace": "n.m"}, ("n", "m", "a")),
        (["a", "b"], {"iceberg_namespace": "n", "iceberg_table": "t"}, ("n", "t")),
    ],
)
def test_metadata_can_name_the_table_instead(
    store: AssetStore, key: Sequence[str], metadata: dict[str, str], table: tuple[str, ...]
) -> None:
    store.materialize(returning(ROWS, key, metadata=metadata), io={"default_namespace": "home"})
    assert store.catalog.load_table(table).scan().count() == 2


def test_an_output_of_an_op_goes_to_the_table_that_its_metadata_names(store: AssetStore) -> None:
    @dg.op(out=dg.Out(metadata={"iceberg_table": "t", "iceberg_namespace": "db"}))
    def write() -> pa.Table:
        return ROWS

    @dg.op
    def read(context: dg.OpExecutionContext, rows: pa.Table) -> dg.Output[None]:
        context.log.info("read %d", rows.num_rows)
        return dg.Output(None)

    @dg.job(resource_defs={"io_manager": store.io_manager()})
    def both() -> None:
        write()

    assert both.execute_in_process().success
    assert store.table("db.t").scan().count() == 2


def test_an_output_of_an_op_without_a_table_is_refused(store: AssetStore) -> None:
    @dg.op
    def write() -> pa.Table:
        return ROWS

    @dg.job(resource_defs={"io_manager": store.io_manager()})
    def one() -> None:
        write()

    with pytest.raises(InvalidArgumentError, match=r"an op's output has no asset key.*iceberg_tab"):
        one.execute_in_process()


@pytest.mark.requirement("S-FR-029")
def test_a_materialization_tells_what_was_written(store: AssetStore) -> None:
    found = metadata_of(store.materialize(returning(ROWS)))
    table = store.table("db.t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert found["table"] == found["dagster/table_name"] == "db.t"
    assert found["rows"] == found["dagster/row_count"] == 2
    assert found["snapshot_id"] == snapshot.snapshot_id
    assert found["operation"] == "append"
    assert found["files"] == 1
    assert found["bytes"] == table.inspect.files()["file_size_in_bytes"][0].as_py()
    assert found["location"] == table.location()
    columns = found["dagster/column_schema"].columns
    assert [(c.name, c.type, c.constraints.nullable) for c in columns] == [
        ("id", "long", True),
        ("name", "string", True),
    ]


def test_a_materialization_keeps_the_metadata_that_the_asset_gave(store: AssetStore) -> None:
    value = dg.Output(ROWS, metadata={"rows": "many", "source": "test"})
    found = metadata_of(store.materialize(returning(value)))
    assert (found["rows"], found["source"], found["files"]) == ("many", "test", 1)


def test_rows_are_shown_only_if_a_preview_is_asked_for(store: AssetStore) -> None:
    assert "preview" not in metadata_of(store.materialize(returning(ROWS)))
    found = metadata_of(store.materialize(returning(ROWS, ["db", "u"]), io={"preview_rows": 1}))
    assert [dict(record.data) for record in found["preview"].records] == [{"id": 1, "name": "a"}]


def test_no_value_of_a_row_is_logged(store: AssetStore, capfd: pytest.CaptureFixture[str]) -> None:
    store.materialize(returning(pa.table({"name": ["secret-value"]})))
    logged = capfd.readouterr()
    assert "wrote db.t" in logged.err + logged.out
    assert "secret-value" not in logged.err + logged.out


def test_tables_are_not_created_where_that_is_off(store: AssetStore) -> None:
    with pytest.raises(NoSuchTableError, match=r"db\.t"):
        store.materialize(returning(ROWS), io={"auto_create_tables": False})
    assert store.catalog.list_namespaces() == []


def test_a_table_that_exists_is_written_as_it_is(store: AssetStore) -> None:
    store.catalog.create_namespace("db")
    store.catalog.create_table("db.t", ROWS.schema, partition_spec=["bucket(4, id)"])
    store.materialize(returning(ROWS), io={"auto_create_tables": False})
    (field,) = store.table("db.t").spec().fields
    assert str(field.transform) == "bucket[4]"
    assert store.column("db.t", "id") == [1, 2]


@pytest.mark.requirement("S-FR-020")
def test_new_columns_widen_the_table(store: AssetStore) -> None:
    store.materialize(returning(ROWS))
    store.materialize(returning(pa.table({"id": [3], "name": ["c"], "age": [7]})))
    rows = store.table("db.t").scan().to_arrow().sort_by("id").to_pylist()
    assert [row["age"] for row in rows] == [None, None, 7]


def test_new_columns_are_refused_where_evolution_is_off(store: AssetStore) -> None:
    store.materialize(returning(ROWS))
    wider = returning(pa.table({"id": [3], "name": ["c"], "age": [7]}))
    with pytest.raises(SchemaMismatchError, match="'age': found int64, expected no column"):
        store.materialize(wider, io={"schema_evolution_enabled": False})
    assert store.column("db.t", "id") == [1, 2]


def test_snapshots_carry_the_asset_s_properties(store: AssetStore) -> None:
    metadata = {"iceberg_snapshot_props": {"team": "ops", "ticket": 7}}
    result = store.materialize(returning(ROWS, metadata=metadata))
    snapshot = store.table("db.t").current_snapshot()
    assert snapshot is not None
    found = snapshot.summary.additional_properties
    assert (found["team"], found["ticket"]) == ("ops", "7")
    assert (found["dagster.run-id"], found["dagster.step-key"]) == (result.run_id, "db__t")
