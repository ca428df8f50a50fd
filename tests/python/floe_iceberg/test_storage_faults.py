"""Storage that refuses: the error names the file, and the table is as before."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from children import output_of
from warehouse import data_files, local_path, make_catalog, make_table

from floe_core.errors import IoError, StorageAccessError
from floe_iceberg import Catalog, Table

ROWS = pa.table({"id": [1, 2, 3]})
NOBODY = 65534


def check_unchanged(table: Table) -> None:
    assert len(table.refresh().snapshots()) == 1
    assert table.scan().to_arrow().to_pylist() == ROWS.to_pylist()


@contextlib.contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """Take this process's right to change a folder; root becomes another user meanwhile."""
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(mode)


@pytest.mark.parametrize("inside", ["file", "proc"])
def test_a_warehouse_that_can_not_be_a_folder(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").write_text("")
    warehouse = {"file": tmp_path / "file" / "warehouse", "proc": Path("/proc/warehouse")}[inside]
    catalog = make_catalog(tmp_path)
    with pytest.raises(IoError) as raised:
        catalog.create_table("db.t", ROWS.schema, location=warehouse / "t")
    assert f"file://{warehouse}/t/metadata/00000-" in str(raised.value)
    assert str(raised.value.path) in str(raised.value)
    assert raised.value.errno == {"file": errno.ENOTDIR, "proc": errno.ENOENT}[inside]
    assert not catalog.table_exists("db.t")


@pytest.mark.parametrize("folder", ["data", "metadata"])
@pytest.mark.requirement("Edge: partial write failure")
def test_a_table_folder_that_is_a_file(catalog: Catalog, folder: str) -> None:
    table = make_table(catalog, ROWS)
    path = local_path(table.location()) / folder
    kept = path.with_name("kept")
    path.rename(kept)
    path.write_text("in the way")
    with pytest.raises(IoError, match="Not a directory") as raised:
        table.append(ROWS)
    assert str(raised.value.path).startswith(f"file://{path}/")
    path.unlink()
    kept.rename(path)
    check_unchanged(table)
    assert len(data_files(table)) == 1


@pytest.mark.parametrize("folder", ["data", "metadata"])
def test_a_table_that_may_not_be_written(catalog: Catalog, folder: str) -> None:
    table = make_table(catalog, ROWS)
    with (
        without_rights(local_path(table.location()) / folder),
        pytest.raises(StorageAccessError) as raised,
    ):
        table.append(ROWS)
    error = raised.value
    assert isinstance(error, PermissionError)
    assert error.errno == errno.EACCES
    assert "Permission denied; check the permissions of the warehouse folder" in str(error)
    assert str(error.path) in str(error)
    check_unchanged(table)
    assert len(data_files(table)) == 1


def test_a_table_that_may_not_be_read(catalog: Catalog) -> None:
    table = make_table(catalog, ROWS)
    path = data_files(table)[0]
    path.chmod(0)
    with without_rights(path.parent), pytest.raises(StorageAccessError) as raised:
        table.scan().to_arrow()
    assert str(raised.value).startswith(f"can't open {raised.value.path}: Permission denied; check")
    path.chmod(0o644)
    check_unchanged(table)


FILL = """
import json, resource, sys
import pyarrow as pa
from floe_core.errors import IoError
from pathlib import Path
from warehouse import data_files, open_catalog

folder, target = Path(sys.argv[1]), sys.argv[2]
table = open_catalog(folder).load_table("db.t")
data = pa.table({"id": range(200_000), "name": [str(i * 7919) for i in range(200_000)]})
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
outcome = {}
try:
    getattr(table, target)(data)
except IoError as error:
    outcome = {"message": str(error), "path": error.path, "errno": error.errno}
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
outcome["files"] = len(data_files(table))
outcome["rows"] = table.refresh().scan().to_arrow().num_rows
table.append(data)
outcome["rows_after"] = table.scan().count()
print(json.dumps(outcome))
"""


@pytest.mark.parametrize("write", ["append", "overwrite", "dynamic_partition_overwrite"])
@pytest.mark.requirement("Edge: disk full")
def test_a_file_that_may_not_grow_as_on_a_full_disk(tmp_path: Path, write: str) -> None:
    """The system's limit on file sizes fails the write in the middle, as a full disk does."""
    catalog = make_catalog(tmp_path)
    before = pa.table({"id": [1, 2], "name": ["a", "b"]})
    table = make_table(catalog, before, partition_spec=["bucket(2, id)"] * (write[0] == "d"))
    files = len(data_files(table))
    outcome = json.loads(output_of(FILL, str(tmp_path), write))
    assert outcome["errno"] == errno.EFBIG
    assert outcome["path"] in outcome["message"]
    assert outcome["path"].endswith(".parquet")
    assert outcome["message"].startswith("can't write file://")
    assert outcome["files"] == files
    assert outcome["rows"] == 2
    assert outcome["rows_after"] == 200_002
