"""How columns are encoded."""

import decimal
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from warehouse import data_files, local_path, make_catalog, make_table

import floe_iceberg


def dictionaries(path: Path) -> dict[str, bool]:
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    return {column.path_in_schema: column.has_dictionary_page for column in columns}


def test_all_columns_have_a_page_index(tmp_path: Path) -> None:
    rows = pa.table({"id": range(100), "items": [[i] for i in range(100)], "s": ["x"] * 100})
    table = make_table(make_catalog(tmp_path), rows)
    (path,) = data_files(table)
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert all(column.has_column_index and column.has_offset_index for column in columns)


def rows_of(count: int) -> pa.Table:
    """Return rows with columns of few and of many different values, of each kind."""
    few = [i * i % 97 for i in range(count)]
    many = [i * 7919 % 1_000_003 for i in range(count)]
    columns: dict[str, pa.Array] = {}
    for name, numbers in {"few": few, "many": many}.items():
        columns[f"{name} ints"] = pa.array(numbers, pa.int32())
        columns[f"{name} longs"] = pa.array([n - 50 for n in numbers], pa.int64())
        columns[f"{name} days"] = pa.array(numbers, pa.int32()).cast(pa.date32())
        columns[f"{name} times"] = pa.array(numbers, pa.timestamp("us"))
        columns[f"{name} doubles"] = pa.array([n / 3 for n in numbers])
        columns[f"{name} short decimals"] = decimals(numbers, 7)
        columns[f"{name} decimals"] = decimals(numbers, 18)
        columns[f"{name} long decimals"] = decimals(numbers, 38)
        columns[f"{name} texts"] = pa.array([f"text {n}" for n in numbers])
        columns[f"{name} texts or none"] = pa.array([f"{n}" if n % 3 else None for n in numbers])
        columns[f"{name} nested"] = pa.array([{"n": n, "l": [f"{n}"]} for n in numbers])
    return pa.table(columns)


def decimals(numbers: list[int], digits: int) -> pa.Array:
    type_ = pa.decimal128(digits, 2)
    return pa.array([decimal.Decimal(n - 40) / 100 for n in numbers], type_)


def test_a_file_has_dictionaries_only_where_they_pay(tmp_path: Path) -> None:
    rows = rows_of(30_000)
    table = make_table(make_catalog(tmp_path), rows)
    (path,) = data_files(table)
    found = dictionaries(path)
    assert {name for name, has_one in found.items() if not has_one} == {
        *("many ints", "many longs", "many days", "many times", "many doubles"),
        *("many short decimals", "many decimals", "many texts", "many texts or none"),
        *("many nested.n", "many nested.l.list.element"),
    }
    back = table.scan().to_arrow()
    assert back.equals(rows.cast(back.schema))
    # Arrow's reader, which knows nothing of ours.
    foreign = pq.read_table(path)
    assert foreign.equals(rows.cast(foreign.schema))
    few = table.scan("\"few texts\" = 'text 9'").to_arrow()
    assert few.num_rows == sum(i * i % 97 == 9 for i in range(30_000)) > 0


def test_dictionaries_that_do_not_pay_are_left_out_of_the_files_that_follow(tmp_path: Path) -> None:
    catalog = floe_iceberg.load_catalog(
        "c", uri=f"sqlite:///{tmp_path / 'c.db'}", warehouse=str(tmp_path / "warehouse")
    )
    catalog.create_namespace("db")
    parts = 8 * (os.cpu_count() or 1)
    count = 2_000 * parts
    rows = pa.table(
        {
            "part": pa.array([i % parts for i in range(count)], pa.int32()),
            "unique": pa.array(range(count), pa.int64()),
            "label": [f"row number {i}" for i in range(count)],
            "few": [f"group {i % 7}" for i in range(count)],
        }
    )
    table = catalog.create_table("db.t", rows.schema, partition_spec=["part"])
    table.append(rows)
    found = [dictionaries(local_path(task.file.file_path)) for task in table.scan().plan_files()]
    assert len(found) == parts
    assert all(file["few"] and file["part"] for file in found)
    # The first files show it: as many as there are threads.
    assert sum(not file["unique"] and not file["label"] for file in found) >= parts // 2
    back = table.scan().to_arrow().sort_by("unique")
    assert back.equals(rows.cast(back.schema))


# A chunk of one list begins with no rows to put into a page, which is not to be written.
SMALL_CHUNKS = [
    pa.array([[1]]),
    pa.array([None], pa.list_(pa.int32())),
    pa.array([[None] * 3], pa.list_(pa.struct([("a", pa.bool_()), ("b", pa.decimal128(2, 0))]))),
    pa.array([[("a", None), ("b", [1.5])]], pa.map_(pa.string(), pa.list_(pa.float64()))),
    pa.array(["text"]),
]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("size", [1, 4, 6, 69])
def test_pages_of_a_few_bytes_are_read_by_all(tmp_path: Path, size: int, version: str) -> None:
    catalog = make_catalog(tmp_path)
    properties = {
        "write.parquet.page-size-bytes": str(size),
        "write.parquet.page-version": version,
    }
    for i, column in enumerate(SMALL_CHUNKS):
        table = make_table(catalog, pa.table({"x": column}), f"db.t{i}", properties=properties)
        assert table.scan().to_arrow()["x"].to_pylist() == column.to_pylist()
        (path,) = data_files(table)
        assert pq.read_table(path)["x"].to_pylist() == column.to_pylist()
