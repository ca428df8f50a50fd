"""delete() and overwrite() take the rows that match, and no others, in every mode and version."""

import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyiceberg.table
import pytest

import floe_iceberg
from floe_core.errors import InvalidArgumentError, UnsupportedError
from floe_iceberg import Table

COPY, MERGE = "copy-on-write", "merge-on-read"
SCHEMA = pa.schema(
    {"id": pa.int64(), "part": pa.string(), "number": pa.float64(), "text": pa.string()}
)
LINEAGE = ("id", "_row_id", "_last_updated_sequence_number")

Row = dict[str, Any]


def chances(seed: object) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 - a repeatable test


def make_table(
    folder: Path, version: int, mode: str, spec: list[str], granularity: str = "file"
) -> Table:
    catalog = floe_iceberg.load_catalog("d", uri=f"sqlite:///{folder}/c.db", warehouse=folder)
    catalog.create_namespace("db")
    properties = {
        "format-version": str(version),
        "write.delete.mode": mode,
        "write.delete.granularity": granularity,
        "write.parquet.row-group-limit": "37",
    }
    return catalog.create_table("db.t", SCHEMA, partition_spec=spec, properties=properties)


def some_rows(chance: random.Random, first: int, count: int) -> pa.Table:
    columns = [
        [*range(first, first + count)],
        [chance.choice([None, "a", "b/c", "ü"]) for _ in range(count)],
        [chance.choice([None, math.nan, chance.random()]) for _ in range(count)],
        [chance.choice([None, f"t{chance.randrange(5)}"]) for _ in range(count)],
    ]
    return pa.table(columns, schema=SCHEMA)


def a_filter(chance: random.Random, ids: list[int]) -> tuple[str, Any]:
    """Return a filter, and what it says in Python."""
    some = sorted(chance.sample(ids, min(len(ids), chance.randrange(1, 30))))
    bound = chance.choice(ids)
    return chance.choice(
        [
            (f"id in ({', '.join(map(str, some))})", lambda row: row["id"] in some),
            (f"id < {bound}", lambda row: row["id"] < bound),
            ("part is null", lambda row: row["part"] is None),
            ("number is nan", lambda row: row["number"] != row["number"]),
            (
                "part = 'a' and number > 0.5",
                lambda row: row["part"] == "a" and (row["number"] or 0) > 0.5,
            ),
            (
                f"not (text = 't1' or id > {bound})",
                lambda row: row["text"] not in (None, "t1") and row["id"] <= bound,
            ),
        ]
    )


def canonical(rows: list[Row]) -> list[str]:
    return sorted(repr(row) for row in rows)


def check_lineage(table: Table, known: dict[int, tuple[int, int]]) -> None:
    """Rows keep what they got when they were added."""
    rows = table.scan(selected_fields=LINEAGE).to_arrow().to_pylist()
    for row in rows:
        now = (row["_row_id"], row["_last_updated_sequence_number"])
        assert None not in now
        assert known.setdefault(row["id"], now) == now
    assert len({row["_row_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("spec", [[], ["part"], ["bucket(3, id)"]], ids=["whole", "part", "bucket"])
@pytest.mark.parametrize(
    ("version", "mode", "granularity"),
    [
        (1, COPY, "file"),
        (2, COPY, "file"),
        (2, MERGE, "file"),
        (2, MERGE, "partition"),
        (3, COPY, "file"),
        (3, MERGE, "file"),
    ],
)
def test_random_histories(
    tmp_path: Path, version: int, mode: str, granularity: str, spec: list[str]
) -> None:
    chance = chances(f"{version} {mode} {granularity} {spec}")
    table = make_table(tmp_path, version, mode, spec, granularity)
    model: list[Row] = []
    lineage: dict[int, tuple[int, int]] = {}
    first = 0
    for _ in range(16):
        added = some_rows(chance, first, chance.randrange(1, 200))
        text, says = a_filter(chance, [row["id"] for row in model] or [0])
        left = [row for row in model if not says(row)]
        before = len(table.snapshots())
        match chance.choice(["append", "delete", "delete", "overwrite"] if model else ["append"]):
            case "append":
                table.append(added)
                model += added.to_pylist()
            case "overwrite":
                table.overwrite(added, text)
                assert len(table.snapshots()) == before + 1
                model = left + added.to_pylist()
            case _:
                table.delete(text)
                assert (len(table.snapshots()) > before) == (len(left) < len(model))
                model = left
        first += added.num_rows
        assert canonical(table.scan().to_arrow().to_pylist()) == canonical(model)
        assert table.scan().count() == len(model)
        if version == 3:
            check_lineage(table, lineage)
    if version < 3:
        theirs = pyiceberg.table.StaticTable.from_metadata(table.metadata_location)
        assert canonical(theirs.scan().to_arrow().to_pylist()) == canonical(model)


def test_files_that_match_whole_are_removed_without_being_read(tmp_path: Path) -> None:
    table = make_table(tmp_path, 3, MERGE, ["part"])
    table.append(some_rows(chances(1), 0, 50))
    gone = [task.file.file_path for task in table.scan("part = 'a'").plan_files()]
    for path in gone:
        Path(path.removeprefix("file://")).unlink()
    table.delete("part = 'a'")
    summary = table.current_snapshot().summary
    assert summary.operation == "delete"
    assert summary["deleted-data-files"] == str(len(gone))
    assert "added-delete-files" not in summary.additional_properties
    assert "a" not in table.scan().to_arrow()["part"].to_pylist()


def test_all_rows_are_deleted_by_default(tmp_path: Path) -> None:
    table = make_table(tmp_path, 2, MERGE, [])
    table.append(some_rows(chances(2), 0, 10))
    table.delete(snapshot_properties={"why": "all of it"})
    assert table.scan().count() == 0
    assert table.current_snapshot().summary["why"] == "all of it"
    assert table.current_snapshot().summary["total-data-files"] == "0"


@pytest.mark.parametrize("mode", [COPY, MERGE])
def test_branches_are_on_their_own(tmp_path: Path, mode: str) -> None:
    table = make_table(tmp_path, 3, mode, [])
    table.append(some_rows(chances(3), 0, 10))
    table.delete("id < 4", branch="audit")
    table.delete("id = 5", branch="audit")
    assert sorted(table.scan(ref="audit").to_arrow()["id"].to_pylist()) == [4, 6, 7, 8, 9]
    assert table.scan().count() == 10


def test_columns_that_changed_since_the_file_was_written(tmp_path: Path) -> None:
    table = make_table(tmp_path, 3, COPY, ["part"])
    table.append(some_rows(chances(4), 0, 20))
    with table.update_schema() as update:
        update.rename_column("text", "words")
        update.delete_column("number")
        update.add_column("added", "int", default_value=7)
    with table.update_spec() as spec:
        spec.remove_field("part")
        spec.add_field("id", "bucket[2]")
    expected = [row for row in table.scan().to_arrow().to_pylist() if row["id"] not in (3, 11)]
    table.delete("id in (3, 11) and added = 7")
    assert canonical(table.scan().to_arrow().to_pylist()) == canonical(expected)
    assert table.scan().to_arrow().column_names == ["id", "part", "words", "added"]


def test_names_are_compared_as_asked(tmp_path: Path) -> None:
    table = make_table(tmp_path, 2, COPY, [])
    table.append(some_rows(chances(5), 0, 5))
    with pytest.raises(InvalidArgumentError, match="ID"):
        table.delete("ID = 1")
    table.delete("ID = 1", case_sensitive=False)
    assert table.scan().count() == 4


def test_in_a_transaction_with_other_changes(tmp_path: Path) -> None:
    table = make_table(tmp_path, 3, MERGE, [])
    table.append(some_rows(chances(6), 0, 5))
    with table.transaction() as transaction:
        transaction.append(some_rows(chances(7), 5, 5))
        transaction.delete("id in (1, 7)")
        transaction.delete("id = 8")
    assert sorted(table.scan().to_arrow()["id"].to_pylist()) == [0, 2, 3, 4, 5, 6, 9]
    assert [s.summary.operation for s in table.snapshots()] == [
        *("append", "append", "delete", "delete"),
    ]


def test_version_one_has_no_delete_files(tmp_path: Path) -> None:
    table = make_table(tmp_path, 1, MERGE, [])
    table.append(some_rows(chances(8), 0, 5))
    with pytest.raises(UnsupportedError, match="set the property to copy-on-write"):
        table.delete("id = 1")
    assert table.scan().count() == 5


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"write.delete.mode": "merge"}, "write.delete.mode.*'merge'; expected copy-on-write or"),
        ({"write.delete.granularity": "row"}, "write.delete.granularity.*'row'; expected file or"),
    ],
)
def test_properties_of_other_values(
    tmp_path: Path, properties: dict[str, str], message: str
) -> None:
    table = make_table(tmp_path, 2, COPY, [])
    with pytest.raises(InvalidArgumentError, match=message):
        table.set_properties(properties)


@pytest.mark.parametrize("name", ["evolve_schema", "nonsense"])
def test_options_of_other_calls(tmp_path: Path, name: str) -> None:
    table = make_table(tmp_path, 2, COPY, [])
    with pytest.raises(InvalidArgumentError, match=name):
        table.delete("id = 1", **{name: True})
