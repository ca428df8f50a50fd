"""What a table's metadata says about its history."""

import json
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Snapshot", "SnapshotLogEntry", "SnapshotRef", "Summary"]


@dataclass(frozen=True)
class Summary:
    """What a snapshot changed.

    Attributes:
        operation: append, overwrite, replace or delete.
        additional_properties: Counts and what the writer added, as texts.
    """

    operation: str | None
    additional_properties: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        """Return a property; raises KeyError."""
        return self.additional_properties[key]

    def get(self, key: str, default: str | None = None) -> str | None:
        """Return a property, or `default`."""
        return self.additional_properties.get(key, default)


@dataclass(frozen=True)
class Snapshot:
    """A state of a table."""

    snapshot_id: int
    parent_snapshot_id: int | None
    sequence_number: int
    timestamp_ms: int
    manifest_list: str
    summary: Summary
    schema_id: int | None

    @classmethod
    def from_json(cls, text: str) -> "Snapshot":
        """Read a snapshot's JSON form."""
        value: dict[str, Any] = json.loads(text)
        summary = dict(value.get("summary", {}))
        return cls(
            snapshot_id=value["snapshot-id"],
            parent_snapshot_id=value.get("parent-snapshot-id"),
            sequence_number=value.get("sequence-number", 0),
            timestamp_ms=value["timestamp-ms"],
            manifest_list=value["manifest-list"],
            summary=Summary(summary.pop("operation", None), summary),
            schema_id=value.get("schema-id"),
        )


@dataclass(frozen=True)
class SnapshotLogEntry:
    """The current snapshot from a moment on."""

    snapshot_id: int
    timestamp_ms: int


@dataclass(frozen=True)
class SnapshotRef:
    """A name for a snapshot: `snapshot_ref_type` is branch or tag."""

    snapshot_id: int
    snapshot_ref_type: str
    min_snapshots_to_keep: int | None = None
    max_snapshot_age_ms: int | None = None
    max_ref_age_ms: int | None = None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "SnapshotRef":
        """Read a ref's JSON form."""
        return cls(
            value["snapshot-id"],
            value["type"],
            value.get("min-snapshots-to-keep"),
            value.get("max-snapshot-age-ms"),
            value.get("max-ref-age-ms"),
        )
