"""Metadata tables."""

import pyarrow as pa

from floe_iceberg import _native
from floe_iceberg._arguments import refuse_type

__all__ = ["InspectTable"]


class InspectTable:
    """Metadata of a table as Arrow tables."""

    def __init__(self, native: _native.Table) -> None:
        """Wrap an engine table."""
        self._native = native

    def snapshots(self) -> pa.Table:
        """Return a row for each snapshot."""
        return pa.table(self._native.inspect("snapshots"))

    def files(self, snapshot_id: int | None = None) -> pa.Table:
        """Return a row for each data file and delete file of a snapshot."""
        return self._of_snapshot("files", snapshot_id)

    def data_files(self, snapshot_id: int | None = None) -> pa.Table:
        """Return a row for each data file of a snapshot."""
        return self._of_snapshot("data_files", snapshot_id)

    def delete_files(self, snapshot_id: int | None = None) -> pa.Table:
        """Return a row for each delete file of a snapshot."""
        return self._of_snapshot("delete_files", snapshot_id)

    def partitions(self, snapshot_id: int | None = None) -> pa.Table:
        """Return a row for each partition of a snapshot."""
        return self._of_snapshot("partitions", snapshot_id)

    def _of_snapshot(self, what: str, snapshot_id: int | None) -> pa.Table:
        if snapshot_id is not None and not isinstance(snapshot_id, int):
            refuse_type("snapshot_id", snapshot_id, "an integer")
        return pa.table(self._native.inspect(what, snapshot_id))
