"""What a table handle shows of its table."""

import json
import threading
from typing import TYPE_CHECKING

from floe_iceberg import _native
from floe_iceberg._inspect import InspectTable
from floe_iceberg._snapshots import Snapshot, SnapshotLogEntry, SnapshotRef
from floe_iceberg.partitioning import PartitionSpec
from floe_iceberg.schema import Schema
from floe_iceberg.sorting import UNSORTED_SORT_ORDER, SortOrder

if TYPE_CHECKING:
    from floe_iceberg.catalog import Catalog
    from floe_iceberg.statistics import PartitionStatisticsFile, StatisticsFile

__all__ = ["TableState"]


class TableState:
    """One state of a table, which newer ones take the place of."""

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

    def statistics(self) -> "list[StatisticsFile]":
        """Return the files of statistics of its snapshots."""
        from floe_iceberg.statistics import StatisticsFile  # noqa: PLC0415 - rarely used

        found = map(json.loads, self._native.statistics_json)
        return [StatisticsFile.from_json(update["statistics"]) for update in found]

    def partition_statistics(self) -> "list[PartitionStatisticsFile]":
        """Return the files of statistics of its snapshots' partitions."""
        from floe_iceberg.statistics import PartitionStatisticsFile  # noqa: PLC0415 - rarely used

        found = map(json.loads, self._native.partition_statistics_json)
        return [PartitionStatisticsFile.from_json(u["partition-statistics"]) for u in found]

    @property
    def inspect(self) -> "InspectTable":
        """Metadata tables."""
        return InspectTable(self._native)


def _age(table: _native.Table) -> tuple[int, int]:
    """Return what never falls from one state of a table to the next."""
    return table.last_sequence_number, table.last_updated_ms
