"""Which files of statistics a table has, as `pyiceberg.table.update.statistics`."""

import json
from collections.abc import Callable
from typing import Any, Self

from floe_iceberg import _native
from floe_iceberg._arguments import integer, refuse_type
from floe_iceberg._update import Update
from floe_iceberg.statistics import PartitionStatisticsFile, StatisticsFile

__all__ = ["UpdateStatistics"]


class UpdateStatistics(Update):
    """Files of statistics that are set and removed together, at the end of a `with` block.

    The files are the caller's, who has written them: floe neither looks into them nor deletes
    what is removed here. Raises NoSuchSnapshotError for a snapshot that the table does not have.
    """

    def __init__(self, add: Callable[[_native.Change], None]) -> None:
        """Give changes to `add`; `Table.update_statistics()` is how to make one."""
        super().__init__(add)
        self._updates: list[str] = []

    def set_statistics(self, statistics_file: StatisticsFile) -> Self:
        """Set the statistics of a snapshot, in place of those it has."""
        if not isinstance(statistics_file, StatisticsFile):
            refuse_type("statistics_file", statistics_file, "a StatisticsFile")
        return self._update(
            "set-statistics",
            {"snapshot-id": statistics_file.snapshot_id, "statistics": statistics_file.to_json()},
        )

    def remove_statistics(self, snapshot_id: int) -> Self:
        """Remove the statistics of a snapshot; it is no error if it has none."""
        return self._update(
            "remove-statistics", {"snapshot-id": integer("snapshot_id", snapshot_id)}
        )

    def set_partition_statistics(self, statistics_file: PartitionStatisticsFile) -> Self:
        """Set the partition statistics of a snapshot, in place of those it has."""
        if not isinstance(statistics_file, PartitionStatisticsFile):
            refuse_type("statistics_file", statistics_file, "a PartitionStatisticsFile")
        return self._update(
            "set-partition-statistics", {"partition-statistics": statistics_file.to_json()}
        )

    def remove_partition_statistics(self, snapshot_id: int) -> Self:
        """Remove the partition statistics of a snapshot; it is no error if it has none."""
        return self._update(
            "remove-partition-statistics", {"snapshot-id": integer("snapshot_id", snapshot_id)}
        )

    def _update(self, action: str, members: dict[str, Any]) -> Self:
        update = json.dumps({"action": action, **members})
        _native.update_statistics([update])  # says what is wrong with it
        self._updates.append(update)
        return self

    def _change(self) -> _native.Change:
        return _native.update_statistics(self._updates)
