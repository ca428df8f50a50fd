"""Reads of a table."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from floe_iceberg import _native
from floe_iceberg._arguments import names
from floe_iceberg._snapshots import Snapshot
from floe_iceberg.expressions import AlwaysTrue, BooleanExpression, to_native
from floe_iceberg.schema import Schema

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["FileScanTask", "TableScan"]

FileScanTask = _native.FileScanTask

_ALL = "*"


class TableScan:
    """A planned read of one snapshot. Immutable; made by `Table.scan()`.

    Every read runs in the engine without the GIL and can be ended with Ctrl-C.
    """

    def __init__(self, table: _native.Table, options: dict[str, Any]) -> None:
        """Plan a scan of an engine table; raises what is wrong with the options."""
        self._table = table
        self._options = options
        self._native = _native.TableScan(table, **options)

    @classmethod
    def of(
        cls,
        table: _native.Table,
        row_filter: str | BooleanExpression,
        selected_fields: Sequence[str],
        options: dict[str, Any],
    ) -> "TableScan":
        """Make a scan from what `Table.scan()` takes."""
        merged = dict(options)
        if not isinstance(row_filter, AlwaysTrue):
            merged["row_filter"] = to_native(row_filter)
        merged.update(_selection(selected_fields))
        return cls(table, merged)

    @property
    def snapshot_id(self) -> int | None:
        """Id of the snapshot that is read; None for a table without snapshots."""
        return self._native.snapshot_id

    def snapshot(self) -> Snapshot | None:
        """Return the snapshot that is read; None for a table without snapshots."""
        text = self._native.snapshot_json
        return None if text is None else Snapshot.from_json(text)

    def projection(self) -> Schema:
        """Return the columns of the result."""
        return Schema.from_json(self._native.projection_json)

    def use_ref(self, name: str) -> "TableScan":
        """Return this scan on a branch or tag; raises NoSuchSnapshotError."""
        return self._with(ref=name)

    def filter(self, row_filter: str | BooleanExpression) -> "TableScan":
        """Return this scan with a further filter."""
        added = to_native(row_filter)
        before = self._options.get("row_filter")
        both = added if before is None else _native.Expression.conjunction([before, added])
        return self._with(row_filter=both)

    def select(self, *field_names: str) -> "TableScan":
        """Return this scan of some columns."""
        others = {key: value for key, value in self._options.items() if key != "selected_fields"}
        return TableScan(self._table, {**others, **_selection(field_names)})

    def _with(self, **changes: Any) -> "TableScan":
        return TableScan(self._table, {**self._options, **changes})

    def plan_files(self) -> list[FileScanTask]:
        """Return the data files that may hold matching rows."""
        return self._native.plan_files()

    def count(self) -> int:
        """Return the number of matching rows; from metadata alone where that is enough."""
        return self._native.count()

    def to_arrow(self) -> pa.Table:
        """Return all rows."""
        # pa.table() does the same, but imports pandas first.
        return pa.RecordBatchReader.from_stream(self._native.read_table()).read_all()

    def to_arrow_batch_reader(self) -> pa.RecordBatchReader:
        """Return a reader that yields rows while files are read ahead, in bounded memory.

        Join threads that iterate before the program ends: up to Python 3.13, pyarrow aborts a
        process that ends while a daemon thread is within one of its readers.
        """
        stream = self._native.stream()
        schema = pa.schema(stream)
        return pa.RecordBatchReader.from_batches(schema, _batches(stream))

    def to_pandas(self, **kwargs: Any) -> "pd.DataFrame":
        """Return all rows as a pandas frame; `kwargs` go to `pyarrow.Table.to_pandas`."""
        frame: pd.DataFrame = self.to_arrow().to_pandas(**kwargs)
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """Return all rows as a Polars frame."""
        import polars as pl  # noqa: PLC0415 - optional

        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type checker
        return frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to any Arrow consumer, as a stream."""
        return self._native.stream().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """Hand the schema of the rows to any Arrow consumer."""
        return self._native.__arrow_c_schema__()


def _selection(selected_fields: Sequence[str]) -> dict[str, list[str]]:
    found = names("selected_fields", selected_fields, "('id', 'ts')")
    return {} if found == [_ALL] else {"selected_fields": found}


def _batches(stream: _native.RecordBatchStream) -> Iterator[pa.RecordBatch]:
    try:
        for batch in stream:
            yield pa.record_batch(batch)
    finally:
        stream.close()
