"""Tables, as in `pyiceberg.table`."""

import json
import threading
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
from floe_iceberg.partitioning import PartitionSpec
from floe_iceberg.schema import Schema
from floe_iceberg.sorting import UNSORTED_SORT_ORDER, SortOrder

if TYPE_CHECKING:
    from pyiceberg.table import Table as PyIcebergTable

    from floe_iceberg.catalog import Catalog

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


class Table:
    """A handle on a table: its own commits and `refresh()` move it on.

    What it shows is one state of the table, swapped as a whole; a scan keeps the snapshot that
    was current when it was made. Thread-safe.
    """

    def __init__(self, native: _native.Table, catalog: "Catalog") -> None:
        """Wrap an engine table; `Catalog.load_table()` makes one."""
        self._native = native
        self._catalog = catalog
        self._lock = threading.Lock()

    def _move_to(self, newer: _native.Table) -> None:
        """Show `newer`, unless another thread has moved this handle past it meanwhile."""
        with self._lock:
            shown = self._native
            if newer.uuid != shown.uuid or _age(newer) >= _age(shown):
                self._native = newer

    def _with_all_snapshots(self) -> _native.Table:
        """Return the engine's table; loads what was left out of it."""
        if not self._native.has_all_snapshots:
            self._move_to(self._native.with_all_snapshots())
        return self._native

    def name(self) -> tuple[str, ...]:
        """Return the namespace's levels and the table's name."""
        levels, name = self._native.identifier
        return (*levels, name)

    @property
    def identifier(self) -> tuple[str, ...]:
        """The namespace's levels and the table's name."""
        return self.name()

    def refresh(self) -> "Table":
        """Move on to the table's latest state; returns this table."""
        self._move_to(self._native.refresh())
        return self

    def to_pyiceberg(self) -> "PyIcebergTable":
        """Return PyIceberg's handle on this table; raises as `Catalog.to_pyiceberg()` does."""
        return pyiceberg_table(self._catalog.to_pyiceberg(), self.name(), self.uuid)

    @property
    def metadata_location(self) -> str:
        """Location of the metadata file that is shown."""
        return self._native.metadata_location

    def location(self) -> str:
        """Return the table's base location."""
        return self._native.location

    @property
    def uuid(self) -> str:
        """The table's id, which it keeps for life."""
        return self._native.uuid

    @property
    def format_version(self) -> int:
        """Version of the Iceberg format."""
        return self._native.format_version

    @property
    def last_updated_ms(self) -> int:
        """When the table last changed, in milliseconds since 1970."""
        return self._native.last_updated_ms

    @property
    def last_sequence_number(self) -> int:
        """Sequence number of the latest commit."""
        return self._native.last_sequence_number

    @property
    def properties(self) -> dict[str, str]:
        """The table's properties."""
        return dict(self._native.properties)

    def schema(self) -> Schema:
        """Return the current schema."""
        return self.schemas()[self._native.current_schema_id]

    def schemas(self) -> dict[int, Schema]:
        """Return all schemas the table has had, by id."""
        found = (Schema.from_json(text) for text in self._native.schemas_json)
        return {schema.schema_id: schema for schema in found}

    def spec(self) -> PartitionSpec:
        """Return the partition spec that new data is written with."""
        return self.specs()[self._native.default_spec_id]

    def specs(self) -> dict[int, PartitionSpec]:
        """Return all partition specs, by id."""
        found = (PartitionSpec.from_json(text) for text in self._native.specs_json)
        return {spec.spec_id: spec for spec in found}

    def sort_order(self) -> SortOrder:
        """Return the order that engines should sort new files by; floe does not."""
        return self.sort_orders().get(self._native.default_sort_order_id, UNSORTED_SORT_ORDER)

    def sort_orders(self) -> dict[int, SortOrder]:
        """Return all sort orders, by id."""
        found = (SortOrder.from_json(text) for text in self._native.sort_orders_json)
        return {order.order_id: order for order in found}

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, oldest first."""
        return [Snapshot.from_json(text) for text in self._with_all_snapshots().snapshots_json]

    def current_snapshot(self) -> Snapshot | None:
        """Return the head of `main`; None for a table that was never written."""
        text = self._native.current_snapshot_json
        return None if text is None else Snapshot.from_json(text)

    def snapshot_by_id(self, snapshot_id: int) -> Snapshot | None:
        """Return a snapshot, None if there is none of that id."""
        known = (Snapshot.from_json(text) for text in self._native.snapshots_json)
        found = next((s for s in known if s.snapshot_id == snapshot_id), None)
        if found is not None or self._native.has_all_snapshots:
            return found
        return next((s for s in self.snapshots() if s.snapshot_id == snapshot_id), None)

    def snapshot_by_name(self, name: str) -> Snapshot | None:
        """Return the snapshot of a branch or tag, None if there is none of that name."""
        ref = self.refs().get(name)
        return None if ref is None else self.snapshot_by_id(ref.snapshot_id)

    def snapshot_as_of_timestamp(
        self,
        timestamp_ms: int,
        inclusive: bool = True,  # noqa: FBT001, FBT002 - PyIceberg's signature
    ) -> Snapshot | None:
        """Return the snapshot that was current then, None if there was none.

        One of that very millisecond counts if `inclusive`.
        """
        last = timestamp_ms if inclusive else timestamp_ms - 1
        earlier = [e for e in self.history() if e.timestamp_ms <= last]
        return self.snapshot_by_id(earlier[-1].snapshot_id) if earlier else None

    def history(self) -> list[SnapshotLogEntry]:
        """Return which snapshot was current from when on."""
        return [SnapshotLogEntry(id_, at) for at, id_ in self._native.snapshot_log]

    def refs(self) -> dict[str, SnapshotRef]:
        """Return branches and tags by name."""
        values = json.loads(self._native.refs_json)
        return {name: SnapshotRef.from_json(value) for name, value in values.items()}

    @property
    def inspect(self) -> "InspectTable":
        """Metadata tables."""
        return InspectTable(self._native)

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
        """Replace all rows that match a filter: the whole table, or whole partitions.

        Args:
            df: The rows to have instead.
            overwrite_filter: Must follow the table's partitions, as files are replaced whole.
            snapshot_properties: Go into the snapshot's summary.
            case_sensitive: Whether names of columns in the filter are.
            branch: As for `append()`.
            options: As for `append()`, and isolation: "serializable" (default: data that others
                added to what is replaced is a conflict) or "snapshot" (it is replaced, too).

        Raises:
            UnsupportedError: The filter would cut a data file in two.
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


def _age(table: _native.Table) -> tuple[int, int]:
    """Return what never falls from one state of a table to the next."""
    return table.last_sequence_number, table.last_updated_ms
