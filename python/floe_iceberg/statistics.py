"""Files of statistics, as in `pyiceberg.table.statistics`.

A table names them by snapshot, for engines that plan with them. floe carries them; what is in them
is between those who write and read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BlobMetadata", "PartitionStatisticsFile", "StatisticsFile"]


@dataclass(frozen=True)
class BlobMetadata:
    """A blob of a statistics file (Iceberg specification, "Table Statistics").

    Attributes:
        type: Such as `apache-datasketches-theta-v1`.
        snapshot_id: Of the snapshot that it was computed from.
        sequence_number: Of that snapshot.
        fields: Ids of the columns that it is about.
        properties: Such as `ndv`, the number of distinct values.
    """

    type: str
    snapshot_id: int
    sequence_number: int
    fields: tuple[int, ...]
    properties: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "BlobMetadata":
        """Read the JSON form."""
        return cls(
            value["type"],
            value["snapshot-id"],
            value["sequence-number"],
            tuple(value["fields"]),
            value.get("properties") or {},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form (Iceberg specification, appendix C)."""
        return {
            "type": self.type,
            "snapshot-id": self.snapshot_id,
            "sequence-number": self.sequence_number,
            "fields": list(self.fields),
            "properties": dict(self.properties),
        }


@dataclass(frozen=True)
class StatisticsFile:
    """A Puffin file with statistics of a snapshot.

    Attributes:
        snapshot_id: Of the snapshot; each has one such file at most.
        statistics_path: Location of the file.
        file_size_in_bytes: Its size.
        file_footer_size_in_bytes: Size of its footer.
        key_metadata: In base64, of an encrypted file.
        blob_metadata: What is in it.
    """

    snapshot_id: int
    statistics_path: str
    file_size_in_bytes: int
    file_footer_size_in_bytes: int
    key_metadata: str | None = None
    blob_metadata: tuple[BlobMetadata, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "StatisticsFile":
        """Read the JSON form."""
        return cls(
            value["snapshot-id"],
            value["statistics-path"],
            value["file-size-in-bytes"],
            value["file-footer-size-in-bytes"],
            value.get("key-metadata"),
            tuple(map(BlobMetadata.from_json, value["blob-metadata"])),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form (Iceberg specification, appendix C)."""
        key = {} if self.key_metadata is None else {"key-metadata": self.key_metadata}
        return {
            "snapshot-id": self.snapshot_id,
            "statistics-path": self.statistics_path,
            "file-size-in-bytes": self.file_size_in_bytes,
            "file-footer-size-in-bytes": self.file_footer_size_in_bytes,
            **key,
            "blob-metadata": [blob.to_json() for blob in self.blob_metadata],
        }


@dataclass(frozen=True)
class PartitionStatisticsFile:
    """A file with a row of statistics for each partition of a snapshot.

    Attributes:
        snapshot_id: Of the snapshot; each has one such file at most.
        statistics_path: Location of the file.
        file_size_in_bytes: Its size.
    """

    snapshot_id: int
    statistics_path: str
    file_size_in_bytes: int

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PartitionStatisticsFile":
        """Read the JSON form."""
        return cls(value["snapshot-id"], value["statistics-path"], value["file-size-in-bytes"])

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form (Iceberg specification, appendix C)."""
        return {
            "snapshot-id": self.snapshot_id,
            "statistics-path": self.statistics_path,
            "file-size-in-bytes": self.file_size_in_bytes,
        }
