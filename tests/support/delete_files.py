"""Row-level deletes, written with PyIceberg's manifest classes: it has no call that makes them."""

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table import Table


class DeleteManifestWriter(ManifestWriterV2):
    """Writes a manifest of delete files."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def _column(name: str, type_: pa.DataType, field_id: int) -> pa.Field:
    return pa.field(name, type_, nullable=False, metadata={"PARQUET:field_id": str(field_id)})


def delete_rows(table: Table, kind: str) -> None:
    """Delete the row of `id` 0, which is the first of the oldest data file, in the last commit.

    `kind` is "position" or "equality". The snapshot's manifest list is written anew, so nobody may
    have read it yet.
    """
    snapshot = table.current_snapshot()
    assert snapshot is not None
    manifests = snapshot.manifests(table.io)
    data_file = manifests[-1].fetch_manifest_entry(table.io)[0].data_file
    if kind == "position":
        columns = [
            _column("file_path", pa.string(), 2147483546),
            _column("pos", pa.int64(), 2147483545),
        ]
        rows = pa.table([[data_file.file_path], [0]], schema=pa.schema(columns))
    else:
        field_id = table.schema().find_field("id").field_id
        rows = pa.table([[0]], schema=pa.schema([_column("id", pa.int64(), field_id)]))
    path = f"{table.location()}/data/deletes.parquet"
    with table.io.new_output(path).create() as file:
        pq.write_table(rows, file)
    deletes = DataFile.from_args(
        content=DataFileContent.POSITION_DELETES
        if kind == "position"
        else DataFileContent.EQUALITY_DELETES,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=data_file.partition,
        record_count=1,
        file_size_in_bytes=len(table.io.new_input(path)),
        equality_ids=None if kind == "position" else [field_id],
    )
    deletes.spec_id = table.spec().spec_id
    output = table.io.new_output(f"{table.location()}/metadata/deletes-m0.avro")
    writer = DeleteManifestWriter(
        table.spec(), table.schema(), output, snapshot.snapshot_id, "deflate"
    )
    with writer:
        writer.add_entry(
            ManifestEntry.from_args(
                status=ManifestEntryStatus.ADDED,
                snapshot_id=snapshot.snapshot_id,
                data_file=deletes,
            )
        )
    made = writer.to_manifest_file()
    table.io.delete(snapshot.manifest_list)
    with write_manifest_list(
        format_version=2,
        output_file=table.io.new_output(snapshot.manifest_list),
        snapshot_id=snapshot.snapshot_id,
        parent_snapshot_id=snapshot.parent_snapshot_id,
        sequence_number=snapshot.sequence_number,
        avro_compression="deflate",
    ) as lists:
        lists.add_manifests([*manifests, made])
