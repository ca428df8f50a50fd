"""Changes of a table by call: schema, spec, properties, refs, and several in one commit."""

import json
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from warehouse import open_catalog

from floe_core.errors import (
    AlreadyExistsError,
    CommitConflictError,
    IncompatibleSchemaChangeError,
    InvalidArgumentError,
    NoSuchSnapshotError,
    SchemaEvolutionError,
)
from floe_iceberg import Table
from floe_iceberg.sorting import NullOrder, SortDirection, SortField, SortOrder
from floe_iceberg.transforms import BucketTransform
from floe_iceberg.types import DoubleType, IntegerType, ListType, LongType, NestedField, StructType

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "name": ["a", "b"]})


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Return a table with two rows."""
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    made = catalog.create_table("db.t", ROWS.schema)
    made.append(ROWS)
    return made


def reloaded(table: Table, tmp_path: Path) -> Table:
    """Return another handle on the table."""
    return open_catalog(tmp_path).load_table(".".join(table.name()))


def test_columns_are_changed_in_one_commit(table: Table, tmp_path: Path) -> None:
    nested = StructType(NestedField(1, "x", IntegerType()), NestedField(2, "y", DoubleType()))
    before = table.metadata_location
    with table.update_schema() as update:
        update.add_column("place", nested, doc="where")
        update.add_column("tags", ListType(1, nested, element_required=False))
        update.rename_column("name", "label").move_first("name")
        assert update.schema().column_names[:2] == ["label", "id"]
        assert table.metadata_location == before
    table.update_schema().add_column(("place", "z"), "long").commit()
    table.update_schema().add_column(("tags", "w"), LongType()).commit()
    shown = reloaded(table, tmp_path)
    assert shown.schema() == table.schema()
    assert [(f.field_id, f.name, f.doc) for f in table.schema().fields] == [
        (2, "label", None),
        (1, "id", None),
        (3, "place", "where"),
        (6, "tags", None),
    ]
    assert [f.name for f in table.schema().find_field("tags.element").field_type.fields] == [
        "x",
        "y",
        "w",
    ]
    assert table.scan().to_arrow().column("label").to_pylist() == ["a", "b"]
    assert len(table.schemas()) == 4


def test_a_schema_that_the_table_has_had_is_that_one(table: Table) -> None:
    table.update_schema().rename_column("name", "label").commit()
    table.update_schema().rename_column("label", "name").commit()
    assert table.schema().schema_id == 0
    before = table.metadata_location
    table.update_schema().make_column_optional("name").commit()
    assert table.metadata_location == before, "nothing was to be changed"


def test_what_is_wrong_is_said_where_it_is_asked_for(table: Table) -> None:
    update = table.update_schema()
    with pytest.raises(SchemaEvolutionError, match="there is no such column") as caught:
        update.delete_column("nam")
    assert caught.value.column == "nam"
    with pytest.raises(IncompatibleSchemaChangeError, match="it is of type long"):
        update.update_column("id", field_type=IntegerType())
    with pytest.raises(InvalidArgumentError, match="pass a tuple"):
        update.add_column("a.b", LongType())
    with pytest.raises(InvalidArgumentError, match="field_type"):
        update.add_column("a", pa.int64())  # type: ignore[arg-type]
    update.delete_column("id").commit()
    assert table.schema().column_names == ["name"], "what was refused is not part of the update"


def test_a_block_that_raises_changes_nothing(table: Table) -> None:
    before = table.metadata_location

    def add_a_column() -> None:
        with table.update_schema() as update:
            update.add_column("x", LongType())
            raise RuntimeError("stop")

    def append_and_set() -> None:
        with table.transaction() as transaction:
            transaction.set_properties(a="1")
            transaction.append(ROWS)
            raise RuntimeError("stop")

    for block in (add_a_column, append_and_set):
        with pytest.raises(RuntimeError, match="stop"):
            block()
    assert table.refresh().metadata_location == before
    data = Path(table.location().removeprefix("file://")) / "data"
    assert len(list(data.rglob("*.parquet"))) == 1, "the files of the write are gone"


def test_a_transaction_is_one_commit_of_changes_and_rows(table: Table, tmp_path: Path) -> None:
    before = table.current_snapshot()
    assert before is not None
    other = reloaded(table, tmp_path)
    with table.transaction() as transaction:
        with transaction.update_schema() as update:
            update.add_column("n", "int").delete_column("name")
        transaction.update_spec().add_field("n", "bucket[2]").commit()
        transaction.set_properties({"owner": "me"}).remove_properties("nothing")
        transaction.append(pa.table({"id": [3], "n": pa.array([7], pa.int32())}))
        transaction.append(pa.table({"id": [4], "n": pa.array([8], pa.int32())}))
        transaction.manage_snapshots().create_tag(before.snapshot_id, "before").commit()
        assert other.refresh().schema().column_names == ["id", "name"]
    assert sorted(table.scan().to_arrow().column("id").to_pylist()) == [1, 2, 3, 4]
    assert table.scan(row_filter="n = 7").to_arrow().to_pylist() == [{"id": 3, "n": 7}]
    assert table.scan(ref="before").to_arrow().column_names == ["id", "name"]
    assert table.properties["owner"] == "me"
    assert len(table.history()) == 2, "the state between the appends was never seen"
    assert other.refresh().metadata_location == table.metadata_location
    with pytest.raises(InvalidArgumentError, match="is over"):
        transaction.append(ROWS)


def test_properties(table: Table) -> None:
    table.set_properties(owner="me", n=7)
    table.set_properties({"owner": "you"})
    table.remove_properties("n", "nothing")
    assert table.properties == {"owner": "you"}
    with pytest.raises(InvalidArgumentError, match="not both"):
        table.set_properties({"a": "1"}, b="2")
    with pytest.raises(InvalidArgumentError, match="expected an integer"):
        table.set_properties({"write.target-file-size-bytes": "big"})


def test_a_sort_order_is_replaced(table: Table, tmp_path: Path) -> None:
    with table.update_sort_order() as update:
        update.desc("name", null_order=NullOrder.NULLS_FIRST).asc("id", BucketTransform(4))
        expected = SortOrder(
            SortField(2, direction=SortDirection.DESC, null_order=NullOrder.NULLS_FIRST),
            SortField(1, BucketTransform(4), null_order=NullOrder.NULLS_LAST),
            order_id=1,
        )
        assert update.sort_order() == expected
        assert table.sort_order().is_unsorted
    assert reloaded(table, tmp_path).sort_order() == expected
    with table.transaction() as transaction:
        transaction.update_schema().add_column("n", "int").commit()
        transaction.update_sort_order(case_sensitive=False).asc("N", "identity").commit()
        transaction.append(ROWS)
    assert table.sort_order() == SortOrder(
        SortField(3, null_order=NullOrder.NULLS_LAST), order_id=2
    )
    table.update_sort_order().commit()
    assert table.sort_order().is_unsorted
    assert sorted(table.sort_orders()) == [0, 1, 2]
    update = table.update_sort_order()
    with pytest.raises(InvalidArgumentError, match="did you mean 'name'") as caught:
        update.asc("nam")
    assert caught.value.column == "nam"
    with pytest.raises(InvalidArgumentError, match="day of column 'id' of type long"):
        update.asc("id", "day")
    with pytest.raises(InvalidArgumentError, match="null_order"):
        update.asc("id", null_order="first")  # type: ignore[arg-type]


def test_new_files_go_to_a_new_location(table: Table, tmp_path: Path) -> None:
    with table.transaction() as transaction:
        transaction.update_location(str(tmp_path / "elsewhere"))
    table.append(ROWS)
    assert table.location() == f"file://{tmp_path}/elsewhere"
    assert len(list((tmp_path / "elsewhere").rglob("*.parquet"))) == 1
    assert table.scan().to_arrow().num_rows == 4


def test_roll_back_and_fast_forward(table: Table) -> None:
    first = table.current_snapshot()
    assert first is not None
    table.append(ROWS)
    second = table.current_snapshot()
    assert second is not None
    table.manage_snapshots().create_branch(second.snapshot_id, "later", max_ref_age_ms=5).commit()
    table.manage_snapshots().rollback_to_timestamp(second.timestamp_ms).commit()
    assert table.current_snapshot() == first
    with pytest.raises(InvalidArgumentError, match="is no ancestor of the current one"):
        table.manage_snapshots().rollback_to_snapshot(second.snapshot_id)
    with pytest.raises(InvalidArgumentError, match="is no ancestor"):
        table.manage_snapshots().fast_forward_branch("later", "main")
    with pytest.raises(NoSuchSnapshotError, match="no branch or tag 'nothing'"):
        table.manage_snapshots().set_current_snapshot(ref_name="nothing")
    with pytest.raises(AlreadyExistsError):
        table.manage_snapshots().create_tag(first.snapshot_id, "later")
    table.manage_snapshots().fast_forward_branch("main", "later").commit()
    assert table.current_snapshot() == second
    table.manage_snapshots().set_retention("later", min_snapshots_to_keep=3).commit()
    assert table.refs()["later"].min_snapshots_to_keep == 3
    assert table.refs()["later"].max_ref_age_ms == 5
    assert [entry.snapshot_id for entry in table.history()] == [
        first.snapshot_id,
        second.snapshot_id,
        first.snapshot_id,
        second.snapshot_id,
    ]


def test_rows_go_to_a_branch(table: Table, tmp_path: Path) -> None:
    first = table.current_snapshot()
    assert first is not None
    table.append(ROWS, branch="audit")
    table.overwrite(ROWS.slice(0, 1), "id >= 0", branch="audit")
    with table.transaction() as transaction:
        transaction.append(ROWS, branch="audit")
        transaction.append(ROWS, branch="other")
    shown = reloaded(table, tmp_path)
    assert shown.scan().to_arrow().num_rows == 2
    assert shown.scan(ref="audit").to_arrow().num_rows == 3
    assert shown.scan(ref="other").to_arrow().num_rows == 4, "made from the head of main"
    assert shown.current_snapshot() == first
    table.manage_snapshots().create_tag(first.snapshot_id, "first").commit()
    with pytest.raises(InvalidArgumentError, match="it is a tag"):
        table.append(ROWS, branch="first")
    with pytest.raises(InvalidArgumentError, match="branch is of type int"):
        table.append(ROWS, branch=7)  # type: ignore[arg-type]
    table.update_schema().rename_column("name", "label").commit()
    assert table.scan(ref="audit").to_arrow().column_names == ["id", "label"]
    assert table.scan(ref="first").to_arrow().column_names == ["id", "name"]


def test_rows_can_be_written_for_nobody_to_see(table: Table) -> None:
    before = table.refs()
    table.append(ROWS, {"wap.id": "night"}, branch=None)
    staged = table.snapshots()[-1]
    assert table.refs() == before
    assert table.scan().to_arrow().num_rows == 2
    assert staged.summary["wap.id"] == "night"
    assert table.scan(snapshot_id=staged.snapshot_id).to_arrow().num_rows == 4


def test_snapshots_are_cherry_picked(table: Table) -> None:
    table.append(ROWS, {"wap.id": "night"}, branch=None)
    staged = table.snapshots()[-1]
    table.append(ROWS.slice(0, 1), branch="audit")
    audited = table.snapshots()[-1]
    table.manage_snapshots().cherry_pick(audited.snapshot_id).commit()
    assert table.current_snapshot() == audited, "it followed the current one"
    with table.transaction() as transaction:
        transaction.append(ROWS)
        transaction.manage_snapshots().cherry_pick(staged.snapshot_id).commit()
    assert table.scan().to_arrow().num_rows == 7
    head = table.current_snapshot()
    assert head is not None
    assert head.summary["source-snapshot-id"] == str(staged.snapshot_id)
    assert head.summary["published-wap-id"] == "night"
    with pytest.raises(AlreadyExistsError, match="has picked it already"):
        table.manage_snapshots().cherry_pick(staged.snapshot_id)
    with pytest.raises(NoSuchSnapshotError, match="does not have it"):
        table.manage_snapshots().cherry_pick(7)
    table.overwrite(ROWS, branch=None)
    overwrite = table.snapshots()[-1]
    table.append(ROWS)
    with pytest.raises(InvalidArgumentError, match="its operation is 'overwrite'"):
        table.manage_snapshots().cherry_pick(overwrite.snapshot_id)
    update = table.manage_snapshots().create_branch(head.snapshot_id, "more")
    with pytest.raises(InvalidArgumentError, match="stands alone"):
        update.cherry_pick(staged.snapshot_id)
    update.commit()
    assert "more" in table.refs()


def test_columns_that_two_add_are_both_there(table: Table, tmp_path: Path) -> None:
    others = [reloaded(table, tmp_path) for _ in range(4)]
    updates = [other.update_schema().add_column(f"c{n}", "int") for n, other in enumerate(others)]
    threads = [threading.Thread(target=update.commit) for update in updates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fields = table.refresh().schema().fields
    assert sorted(field.name for field in fields) == ["c0", "c1", "c2", "c3", "id", "name"]
    assert [field.field_id for field in fields] == [1, 2, 3, 4, 5, 6]


def test_a_column_that_two_add_is_refused_to_the_second(table: Table, tmp_path: Path) -> None:
    first = table.update_schema().add_column("c", "int")
    second = reloaded(table, tmp_path).update_schema().add_column("c", "string")
    first.commit()
    with pytest.raises(SchemaEvolutionError, match="a column of that name exists: 'c' of type int"):
        second.commit()


def test_rows_for_a_schema_that_came_out_otherwise_are_a_conflict(
    table: Table, tmp_path: Path
) -> None:
    other = reloaded(table, tmp_path)
    transaction = other.transaction()
    transaction.update_schema().add_column("mine", "int").commit()
    transaction.append(pa.table({"id": [9], "mine": pa.array([9], pa.int32())}))
    table.update_schema().add_column("yours", "int").commit()
    with pytest.raises(CommitConflictError, match="got other columns"):
        transaction.commit_transaction()
    assert table.refresh().schema().column_names == ["id", "name", "yours"]
    assert table.scan().to_arrow().num_rows == 2


def test_a_branch_that_others_moved_is_a_conflict(table: Table, tmp_path: Path) -> None:
    first = table.current_snapshot()
    assert first is not None
    table.append(ROWS)
    roll_back = table.manage_snapshots().rollback_to_snapshot(first.snapshot_id)
    reloaded(table, tmp_path).append(ROWS)
    with pytest.raises(CommitConflictError, match="was moved by others"):
        roll_back.commit()
    assert table.refresh().scan().to_arrow().num_rows == 6


def test_a_name_mapping_follows_the_columns(table: Table) -> None:
    mapping = [{"names": ["id"], "field-id": 1}, {"names": ["name"], "field-id": 2}]
    table.set_properties({"schema.name-mapping.default": json.dumps(mapping)})
    with table.update_schema() as update:
        update.rename_column("name", "label").add_column("n", "int")
    found = json.loads(table.properties["schema.name-mapping.default"])
    assert [(sorted(field["names"]), field["field-id"]) for field in found] == [
        (["id"], 1),
        (["label", "name"], 2),
        (["n"], 3),
    ]


def test_types_of_a_later_format_version_are_refused(table: Table) -> None:
    with pytest.raises(SchemaEvolutionError, match="timestamp_ns"):
        table.update_schema().add_column("at", "timestamp_ns").commit()


def test_rows_for_a_column_that_became_required_are_a_conflict(
    table: Table, tmp_path: Path
) -> None:
    other = reloaded(table, tmp_path)
    update = table.update_schema(allow_incompatible_changes=True)
    update.update_column("name", required=True).commit()
    with pytest.raises(CommitConflictError, match=r"'name' of table db\.t became required"):
        other.append(pa.table({"id": [3], "name": pa.array([None], pa.string())}))
    assert table.refresh().scan().to_arrow()["name"].to_pylist() == ["a", "b"]


def test_a_default_that_does_not_fit_names_its_column(table: Table) -> None:
    with pytest.raises(InvalidArgumentError, match="column 'n': 'x' can't be the default"):
        table.update_schema().add_column("n", "int", default_value="x")


def test_settings_of_columns_follow_them(table: Table) -> None:
    table.set_properties(
        {
            "write.metadata.metrics.column.name": "none",
            "write.parquet.bloom-filter-enabled.column.name": "true",
            "write.metadata.metrics.column.id": "full",
            "write.metadata.metrics.column.other": "full",
        }
    )
    with table.update_schema() as update:
        update.rename_column("name", "label")
    table.update_schema().add_column("name", "int").commit()
    metrics = "write.metadata.metrics.column."
    found = {name: value for name, value in table.properties.items() if ".column." in name}
    assert found == {
        metrics + "label": "none",
        "write.parquet.bloom-filter-enabled.column.label": "true",
        metrics + "id": "full",
        metrics + "other": "full",
    }
    table.append(pa.table({"id": [3], "label": ["secret"], "name": pa.array([1], pa.int32())}))
    bounds = table.inspect.data_files()["lower_bounds"].to_pylist()
    assert all(b"secret" not in value for file in bounds for _, value in file)
    table.update_schema().delete_column("label").commit()
    assert not [name for name in table.properties if name.endswith("label")]


def test_settings_of_columns_within_a_struct_follow_it(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    schema = pa.schema([("s", pa.struct([("x", pa.int64())]))])
    setting = "write.metadata.metrics.column."
    made = catalog.create_table("db.t", schema, properties={setting + "s.x": "none"})
    made.update_schema().rename_column("s", "r").commit()
    assert made.properties == {setting + "r.x": "none"}


def test_partitions_under_another_spec_are_not_picked_over(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    catalog.create_namespace("db")
    made = catalog.create_table("db.t", ROWS.schema, partition_spec=["name"])
    made.append(ROWS)
    made.dynamic_partition_overwrite(ROWS, branch=None)
    staged = made.snapshots()[-1].snapshot_id
    made.update_spec().add_field("id", "bucket[2]").commit()
    made.append(ROWS)
    with pytest.raises(InvalidArgumentError, match="it replaces partition 'name="):
        made.manage_snapshots().cherry_pick(staged).commit()
    assert made.scan().count() == 4
