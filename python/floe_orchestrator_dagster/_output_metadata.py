"""What Dagster is told of a value that was written."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from floe_iceberg.schema import Schema
from floe_iceberg.types import NestedField
from floe_orchestrator_dagster._outputs import Written
from floe_orchestrator_dagster._settings import AssetSettings

__all__ = ["output_metadata"]


def output_metadata(
    settings: AssetSettings, written: Written, *, is_partitioned: bool, preview_rows: int
) -> dict[str, Any]:
    """Return the metadata of a materialization.

    The names with `dagster/` are those that Dagster's UI shows in places of their own. Values
    of rows are among them only for a positive `preview_rows`.
    """
    table, rows = written.table, written.count("added-records")
    metadata: dict[str, Any] = {
        "table": settings.table_name,
        "rows": rows,
        "snapshot_id": written.snapshot.snapshot_id,
        "operation": written.snapshot.summary.operation or "",
        "files": written.count("added-data-files"),
        "bytes": written.count("added-files-size"),
        "location": dg.MetadataValue.path(table.location()),
        "dagster/table_name": settings.table_name,
        "dagster/column_schema": _column_schema(table.schema()),
        "dagster/row_count": written.count("total-records"),
    }
    if is_partitioned:
        metadata["dagster/partition_row_count"] = rows
    if preview_rows > 0:
        metadata["preview"] = _preview(written, preview_rows)
    return metadata


def _column_schema(schema: Schema) -> dg.TableSchema:
    return dg.TableSchema(columns=[_column(field) for field in schema.fields])


def _column(field: NestedField) -> dg.TableColumn:
    return dg.TableColumn(
        name=field.name,
        type=str(field.field_type),
        description=field.doc,
        constraints=dg.TableColumnConstraints(nullable=not field.required),
    )


def _preview(written: Written, rows: int) -> dg.MetadataValue[Any]:
    scan = written.table.scan(written.row_filter, limit=rows)
    records = [dg.TableRecord(_shown(row)) for row in scan.to_arrow().to_pylist()]
    return dg.MetadataValue.table(records, _column_schema(scan.projection()))


def _shown(row: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    return {
        name: value if isinstance(value, (bool, int, float)) else str(value)
        for name, value in row.items()
    }
