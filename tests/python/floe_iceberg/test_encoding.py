"""How columns are encoded."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from warehouse import data_files, make_catalog, make_table

import floe_iceberg


def dictionaries(path: str) -> dict[str, bool]:
    group = pq.read_metadata(path.removeprefix("file://")).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    return {column.path_in_schema: column.has_dictionary_page for column in columns}


def test_all_columns_have_a_page_index(tmp_path: Path) -> None:
    rows = pa.table({"id": range(100), "items": [[i] for i in range(100)], "s": ["x"] * 100})
    table = make_table(make_catalog(tmp_path), rows)
    (path,) = data_files(table)
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert all(column.has_column_index and column.has_offset_index for column in columns)


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
    found = [dictionaries(task.file.file_path) for task in table.scan().plan_files()]
    assert len(found) == parts
    assert all(file["few"] and file["part"] for file in found)
    # The first files show it: as many as there are threads.
    assert sum(not file["unique"] and not file["label"] for file in found) >= parts // 2
    back = table.scan().to_arrow().sort_by("unique")
    assert back.equals(rows.cast(back.schema))
