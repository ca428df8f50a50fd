"""Files that are cut off, overwritten or gone: the error names the file."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from parquet_footer import I64, read_footer, write_footer
from warehouse import data_files, local_path, make_table, manifests

from floe_core.errors import CorruptFileError, FloeStorageError, IoError, UnsupportedError
from floe_iceberg import Catalog, Table

ROWS = pa.table({"id": range(5000), "name": [f"name {i}" for i in range(5000)]})


@pytest.fixture
def table(catalog: Catalog) -> Table:
    return make_table(catalog, ROWS, properties={"write.parquet.compression-codec": "uncompressed"})


def cut(size: int) -> Callable[[Path], None]:
    """Keep the first bytes; a negative size cuts that many off."""
    return lambda path: path.write_bytes(path.read_bytes()[:size])


def delete(path: Path) -> None:
    path.unlink()


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4)


def flip_near_the_end(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 0xFF
    path.write_bytes(content)


def cut_the_middle(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:1000] + content[-2000:])


def with_member(name: str, value: Any) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        metadata = json.loads(path.read_text())
        if value is None:
            del metadata[name]
        else:
            metadata[name] = value
        path.write_text(json.dumps(metadata))

    return change


def check_error(
    call: Callable[[], Any], error: type[FloeStorageError], path: Path, message: str
) -> None:
    with pytest.raises(FloeStorageError) as raised:
        call()
    assert type(raised.value) is error
    assert message in str(raised.value)
    assert f"file://{path}" in str(raised.value)
    assert raised.value.path == f"file://{path}"
    if error is IoError:
        assert raised.value.details["errno"] == errno.ENOENT


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (cut(200), CorruptFileError, "corrupt JSON in"),
        (cut(-1), CorruptFileError, "corrupt JSON in"),
        (cut(0), CorruptFileError, "at $: the text is empty"),
        (noise, CorruptFileError, "corrupt JSON in"),
        (delete, IoError, "which does not exist; restore it, or drop the table and register"),
        (
            with_member("location", None),
            CorruptFileError,
            "at $: member 'location' is missing",
        ),
        (
            with_member("current-schema-id", "0"),
            CorruptFileError,
            "at $.current-schema-id: expected a 64-bit integer, found a string",
        ),
        (
            with_member("current-schema-id", 17),
            CorruptFileError,
            "at $: current-schema-id 17 is in no schema",
        ),
        (
            with_member("current-snapshot-id", 99),
            CorruptFileError,
            "at $: current-snapshot-id is 99, but branch main points to",
        ),
        (
            with_member("snapshots", []),
            CorruptFileError,
            "at $: ref 'main' points to snapshot",
        ),
        (
            with_member("format-version", 4),
            UnsupportedError,
            "has Iceberg format version 4; this version of floe reads and writes versions 1 to 3",
        ),
    ],
)
@pytest.mark.requirement("Edge: corrupted metadata")
def test_metadata(
    catalog: Catalog,
    table: Table,
    damage: Callable[[Path], None],
    error: type[FloeStorageError],
    message: str,
) -> None:
    path = local_path(table.metadata_location)
    damage(path)
    check_error(lambda: catalog.load_table("db.t"), error, path, message)
    # The handle that is open already has what it needs to read.
    assert table.scan().to_arrow().num_rows == ROWS.num_rows
    assert catalog.list_tables("db") == [("db", "t")]


AVRO = [
    (cut(-10), CorruptFileError, "the file seems to be cut off"),
    (cut(10), CorruptFileError, "corrupt Avro file"),
    (cut(0), CorruptFileError, "at byte 0: the file is empty"),
    (noise, CorruptFileError, "corrupt Avro file"),
    (flip_near_the_end, CorruptFileError, "a block does not end where it should"),
    (delete, IoError, "No such file or directory"),
]


def test_a_message_may_tell_bytes_that_are_no_text(table: Table) -> None:
    path = manifests(table)[0]
    path.write_bytes(path.read_bytes().replace(b"deflate", b"deflat\x80"))
    check_error(lambda: table.scan().to_arrow(), UnsupportedError, path, r"Avro codec 'deflat\x80'")


@pytest.mark.parametrize(("damage", "error", "message"), AVRO)
@pytest.mark.parametrize("kind", ["manifest", "manifest list"])
@pytest.mark.requirement("Edge: corrupted manifest")
def test_manifests(
    table: Table,
    kind: str,
    damage: Callable[[Path], None],
    error: type[FloeStorageError],
    message: str,
) -> None:
    snapshot = table.current_snapshot()
    assert snapshot is not None
    path = manifests(table)[0] if kind == "manifest" else local_path(snapshot.manifest_list)
    damage(path)
    for call in (
        lambda: table.scan().to_arrow(),
        lambda: table.scan().plan_files(),
        lambda: table.scan("id > 3").count(),
        lambda: table.scan().to_arrow_batch_reader().read_all(),
        table.inspect.files,
        lambda: table.overwrite(ROWS),
    ):
        check_error(call, error, path, message)
    assert len(table.refresh().snapshots()) == 1
    assert len(data_files(table)) == 1


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (cut(-10), CorruptFileError, "can't read file://"),
        (cut(100), CorruptFileError, "as the data file it should be"),
        (cut(0), CorruptFileError, "as the data file it should be"),
        (noise, CorruptFileError, "as the data file it should be"),
        (cut_the_middle, CorruptFileError, "as the data file it should be"),
        (delete, IoError, "No such file or directory"),
    ],
)
@pytest.mark.requirement("Edge: corrupted data file")
def test_data_files(
    table: Table,
    damage: Callable[[Path], None],
    error: type[FloeStorageError],
    message: str,
) -> None:
    table.append(ROWS)
    path = data_files(table)[0]
    damage(path)
    for call in (
        lambda: table.scan().to_arrow(),
        lambda: table.scan().to_pandas(),
        lambda: table.scan("id > 3").count(),
        lambda: table.scan().to_arrow_batch_reader().read_all(),
    ):
        check_error(call, error, path, message)
    # What needs no data file still answers, and the file can be replaced.
    assert table.scan().count() == 2 * ROWS.num_rows
    table.overwrite(ROWS)
    assert table.scan().to_arrow().num_rows == ROWS.num_rows


def test_an_older_snapshot_reads_though_newer_files_are_damaged(table: Table) -> None:
    first = table.current_snapshot()
    assert first is not None
    before = set(data_files(table))
    table.append(ROWS)
    (new,) = set(data_files(table)) - before
    noise(new)
    with pytest.raises(CorruptFileError, match=new.name):
        table.scan().to_arrow()
    assert table.scan(snapshot_id=first.snapshot_id).to_arrow().num_rows == ROWS.num_rows


def test_rows_read_before_the_damage_are_delivered(table: Table) -> None:
    table.append(ROWS)
    last = local_path(str(table.scan().plan_files()[-1].file_path))
    noise(last)
    reader = table.scan(options={"threads": 1}).to_arrow_batch_reader()
    read: list[pa.RecordBatch] = []
    with pytest.raises(CorruptFileError, match=last.name):
        read.extend(reader)
    assert sum(batch.num_rows for batch in read) == ROWS.num_rows


@pytest.mark.parametrize("filter_", [None, "id = 3"])
@pytest.mark.parametrize(
    ("in_group", "in_file"), [(2**40, 2**40), (-1, -1), (4999, None), (4999, 4999), (0, None)]
)
def test_row_counts_that_contradict_the_columns(
    table: Table, in_group: int, in_file: int | None, filter_: str | None
) -> None:
    path = data_files(table)[0]
    footer = read_footer(path)
    footer[4][1][1][0][3] = (I64, in_group)
    if in_file is not None:
        footer[3] = (I64, in_file)
    write_footer(path, footer)
    scan = table.scan() if filter_ is None else table.scan(filter_)
    with pytest.raises(CorruptFileError, match=r"data file .*row group 0 has") as raised:
        scan.to_arrow()
    assert path.name in str(raised.value)
