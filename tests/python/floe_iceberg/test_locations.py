"""Where the files of a table are put."""

from pathlib import Path

import pyarrow as pa
import pytest
from warehouse import local_path, make_catalog

ROWS = pa.table({"id": [1, 2, 3], "part": ["a", "b", "a"]})


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_data_and_metadata_go_where_the_properties_say(tmp_path: Path, end: str) -> None:
    data = (tmp_path / "elsewhere" / "data").as_uri()
    metadata = (tmp_path / "elsewhere" / "metadata").as_uri()
    catalog = make_catalog(tmp_path)
    table = catalog.create_table(
        "db.t",
        ROWS.schema,
        partition_spec=["part"],
        properties={"write.data.path": data + end, "write.metadata.path": metadata + end},
    )
    table.append(ROWS)
    files = [task.file.file_path for task in table.scan().plan_files()]
    assert sorted(path.rpartition("/")[0] for path in files) == [
        f"{data}/part=a",
        f"{data}/part=b",
    ]
    assert table.metadata_location.startswith(metadata + "/")
    assert not list(local_path(table.location()).rglob("*.*"))
    assert catalog.load_table("db.t").scan().to_arrow().sort_by("id").equals(ROWS)


@pytest.mark.parametrize("end", ["", "/"])
def test_files_go_below_the_location(tmp_path: Path, end: str) -> None:
    location = (tmp_path / "place" / "of its own").as_uri()
    table = make_catalog(tmp_path).create_table("db.t", ROWS.schema, location=location + end)
    table.append(ROWS)
    (task,) = table.scan().plan_files()
    found = local_path(task.file.file_path)
    assert found.is_relative_to(tmp_path)
    assert found.parent.name == "data"
    assert local_path(table.metadata_location).parent == found.parent.parent / "metadata"
