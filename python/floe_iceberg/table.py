"""Tables, as in `pyiceberg.table`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from floe_iceberg import _native
from floe_iceberg._arguments import moment_ms, refuse_type
from floe_iceberg._data import arrow_data
from floe_iceberg._inspect import InspectTable
from floe_iceberg._manage_snapshots import ManageSnapshots
from floe_iceberg._scan import FileScanTask, TableScan
from floe_iceberg._snapshots import Snapshot, SnapshotLogEntry, SnapshotRef, Summary
from floe_iceberg._table_state import TableState
from floe_iceberg._to_pyiceberg import pyiceberg_table
from floe_iceberg._transaction import (
    CreateTableTransaction,
    Transaction,
    property_changes,
    property_removals,
)
from floe_iceberg._update_schema import UpdateSchema
from floe_iceberg._update_sort_order import UpdateSortOrder
from floe_iceberg._update_spec import UpdateSpec
from floe_iceberg._writes import write_options
from floe_iceberg.expressions import AlwaysTrue, BooleanExpression, to_native

if TYPE_CHECKING:
    from pyiceberg.table import Table as PyIcebergTable

    from floe_iceberg._update_statistics import UpdateStatistics


__all__ = [
    "CreateTableTransaction",
    "FileScanTask",
    "InspectTable",
    "ManageSnapshots",
    "Snapshot",
    "SnapshotLogEntry",
    "SnapshotRef",
    "Summary",
    "Table",
    "TableScan",
    "Transaction",
    "UpdateSchema",
    "UpdateSortOrder",
    "UpdateSpec",
]

ALWAYS_TRUE = AlwaysTrue()


class Table(TableState):
    """A handle on a table: its own commits and `refresh()` move it on.

    What it shows is one state of the table, swapped as a whole; a scan keeps the snapshot that
    was current when it was made. Thread-safe.
    """

    def refresh(self) -> "Table":
        """Move on to the table's latest state; returns this table."""
        self._move_to(self._native.refresh())
        return self

    def to_pyiceberg(self) -> "PyIcebergTable":
        """Return PyIceberg's handle on this table; raises as `Catalog.to_pyiceberg()` does."""
        return pyiceberg_table(self._catalog.to_pyiceberg(), self.name(), self.uuid)

    def scan(  # noqa: PLR0913 - PyIceberg's signature
        self,
        row_filter: str | BooleanExpression = ALWAYS_TRUE,
        selected_fields: Sequence[str] = ("*",),
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
        snapshot_id: int | None = None,
        options: Mapping[str, Any] | None = None,
        limit: int | None = None,
        *,
        as_of: datetime | int | None = None,
        ref: str | None = None,
    ) -> TableScan:
        """Plan a read; nothing is read before its result is asked for.

        Args:
            row_filter: Text or expression that rows must satisfy.
            selected_fields: Full names of columns; `*` for all. Metadata columns can be among
                them: `_file`, `_pos`, `_spec_id`, `_partition`, `_row_id`,
                `_last_updated_sequence_number`.
            case_sensitive: Whether names of columns are.
            snapshot_id: Snapshot to read instead of the current one.
            options: Further options of the engine: batch_rows, memory_bytes, threads, and the
                off switches prune_files and prune_row_groups.
            limit: Rows at most.
            as_of: Moment whose snapshot to read: a zoned datetime, or milliseconds since 1970.
            ref: Branch or tag to read.

        Raises:
            InvalidArgumentError: A column that does not exist, a literal that does not fit.
            NoSuchSnapshotError: No such snapshot, branch, tag, or state at `as_of`.
        """
        if options is not None and not isinstance(options, Mapping):
            refuse_type("options", options, "a mapping of names to values")
        merged: dict[str, Any] = {
            **(options or {}),
            "case_sensitive": case_sensitive,
            "snapshot_id": snapshot_id,
            "timestamp_ms": moment_ms(as_of),
            "ref": ref,
            "limit": limit,
        }
        return TableScan.of(self._native, row_filter, selected_fields, merged)

    def append(
        self,
        df: Any,
        snapshot_properties: Mapping[str, str] | None = None,
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Add rows: either all of them are in the table afterwards, or none.

        Args:
            df: Anything that speaks Arrow, a pandas frame, or an iterator of such.
            snapshot_properties: Go into the snapshot's summary.
            branch: Branch to write to; one that is not there is made from the head of main.
                None makes a snapshot that no branch has, to be cherry-picked.
            options: evolve_schema, required_filter, memory_bytes, max_retries, min_wait_ms,
                max_wait_ms of the engine.

        Raises:
            SchemaMismatchError: Data that does not fit, with every field that does not.
            CommitConflictError: Others changed the table too often meanwhile.
        """
        merged = write_options(snapshot_properties, branch, options)
        self._move_to(self._native.append(arrow_data(df), **merged))

    def overwrite(
        self,
        df: Any,
        overwrite_filter: str | BooleanExpression = ALWAYS_TRUE,
        snapshot_properties: Mapping[str, str] | None = None,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Replace all rows that match a filter, in one snapshot.

        Data files all of whose rows match are replaced; if partitions and bounds tell so, they
        are not read. What becomes of the others, `write.delete.mode` says as for `delete()`.

        Args:
            df: The rows to have instead.
            overwrite_filter: Text or expression; rows for which it is null stay.
            snapshot_properties: Go into the snapshot's summary.
            case_sensitive: Whether names of columns in the filter are.
            branch: As for `append()`.
            options: As for `append()`, and isolation: "serializable" (default: data that others
                added to what is replaced is a conflict) or "snapshot" (it is replaced, too; it
                stays where some rows of a file are replaced).

        Raises:
            CommitConflictError: Others added data to what is replaced.
        """
        merged = write_options(snapshot_properties, branch, options)
        merged["case_sensitive"] = case_sensitive
        replaced = to_native(overwrite_filter)
        self._move_to(self._native.overwrite(arrow_data(df), replaced, **merged))

    def dynamic_partition_overwrite(
        self,
        df: Any,
        snapshot_properties: Mapping[str, str] | None = None,
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Replace the partitions that the rows fall into, for any transform; others stay.

        Args:
            df: The rows to have instead.
            snapshot_properties: Go into the snapshot's summary.
            branch: As for `append()`.
            options: As for `overwrite()`.
        """
        merged = write_options(snapshot_properties, branch, options)
        self._move_to(self._native.overwrite_partitions(arrow_data(df), **merged))

    def delete(
        self,
        delete_filter: str | BooleanExpression = ALWAYS_TRUE,
        snapshot_properties: Mapping[str, str] | None = None,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
        branch: str | None = "main",
        **options: Any,
    ) -> None:
        """Delete all rows that match a filter; without a match there is no new snapshot.

        Data files all of whose rows match are removed. For others the table's property
        `write.delete.mode` says what to do: `copy-on-write` (default) writes their other rows
        anew, `merge-on-read` writes deletion vectors (format version 3) or position delete files
        (version 2).

        Args:
            delete_filter: Text or expression; rows for which it is null stay.
            snapshot_properties: Go into the snapshot's summary.
            case_sensitive: Whether names of columns in the filter are.
            branch: As for `append()`.
            options: isolation: "serializable" (default: rows that others added and that may
                match are a conflict) or "snapshot" (they stay); memory_bytes, max_retries,
                min_wait_ms, max_wait_ms of the engine.

        Raises:
            InvalidArgumentError: A filter that does not fit the table.
            CommitConflictError: Others added matching rows, or changed the same files.
        """
        merged = write_options(snapshot_properties, branch, options)
        merged["case_sensitive"] = case_sensitive
        self._move_to(self._native.delete(to_native(delete_filter), **merged))

    def transaction(self) -> Transaction:
        """Begin a transaction: several changes in one commit."""
        return Transaction(self, self._move_to, _native.Transaction(self._native))

    def _commit(self, change: _native.Change) -> None:
        """Commit one change of the table as it is now."""
        transaction = _native.Transaction(self._native)
        transaction.add(change)
        self._move_to(transaction.commit())

    def update_schema(
        self,
        allow_incompatible_changes: bool = False,  # noqa: FBT001, FBT002 - PyIceberg's signature
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSchema:
        """Change columns: `with table.update_schema() as update: update.add_column(…)`.

        Args:
            allow_incompatible_changes: Allow to require values that rows may lack.
            case_sensitive: Whether names of columns are.
        """
        return UpdateSchema(
            self._native,
            self._commit,
            allow_incompatible_changes=allow_incompatible_changes,
            case_sensitive=case_sensitive,
        )

    def update_spec(
        self,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSpec:
        """Change how new files are partitioned; those that are there stay as they are."""
        return UpdateSpec(self._native, self._commit, case_sensitive=case_sensitive)

    def update_sort_order(
        self,
        case_sensitive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> UpdateSortOrder:
        """Replace the order that engines should sort new files by; floe does not sort."""
        return UpdateSortOrder(self._native, self._commit, case_sensitive=case_sensitive)

    def update_statistics(self) -> "UpdateStatistics":
        """Set and remove files of statistics, which floe carries for other engines."""
        from floe_iceberg._update_statistics import UpdateStatistics  # noqa: PLC0415 - rarely used

        return UpdateStatistics(self._commit)

    def manage_snapshots(self) -> ManageSnapshots:
        """Change branches and tags, and which snapshot is the current one."""
        return ManageSnapshots(self._with_all_snapshots(), self._commit)

    def set_properties(self, properties: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Set table properties, by a mapping or by keywords."""
        self._commit(property_changes(properties, kwargs))

    def remove_properties(self, *removals: str) -> None:
        """Remove table properties; those that are not set are no error."""
        self._commit(property_removals(removals))

    def __repr__(self) -> str:
        """Return identifier and location."""
        return f"Table({'.'.join(self.name())}, {self.location()})"

    def __eq__(self, other: object) -> bool:
        """Compare the state that is shown."""
        return (
            isinstance(other, Table)
            and self.name() == other.name()
            and self.metadata_location == other.metadata_location
        )

    def __hash__(self) -> int:
        """Hash the identity of the table."""
        return hash(self.uuid)
