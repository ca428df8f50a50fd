"""Reading a table as the type that an asset's function asks for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dagster as dg
import pyarrow as pa

from floe_core.errors import InvalidArgumentError, NoSuchTableError
from floe_iceberg.catalog import Catalog
from floe_iceberg.expressions import AlwaysTrue, And, BooleanExpression, parse
from floe_iceberg.table import Table, TableScan
from floe_orchestrator_dagster._contexts import if_given
from floe_orchestrator_dagster._partitions import partition_filter
from floe_orchestrator_dagster._settings import AssetSettings, plain_values

__all__ = ["read_input"]

# What a function can ask for, by package and name of the annotation's class.
_KINDS = {
    ("pyarrow", "Table"),
    ("pyarrow", "RecordBatchReader"),
    ("pandas", "DataFrame"),
    ("polars", "DataFrame"),
}
_NO_ANNOTATION = ("pyarrow", "Table")
_OPTIONS = ("columns", "row_filter", "snapshot_id", "as_of", "branch", "limit")


def read_input(context: dg.InputContext, catalog: Catalog, settings: AssetSettings) -> Any:
    """Read an asset's rows: those of the input's partitions, as the input's metadata says."""
    kind = _kind_of(context)
    try:
        table = catalog.load_table(settings.table)
    except NoSuchTableError:
        if context.has_asset_partitions and not context.asset_partition_keys:
            # An asset that depends on its own earlier partition, at the first one.
            return _as_kind(kind, None)
        raise
    scan = _scan(context, table, settings)
    context.log.info(
        "reading %s: columns %d, snapshot %s",
        settings.table_name,
        len(scan.projection().fields),
        scan.snapshot_id,
    )
    return _as_kind(kind, scan)


def _kind_of(context: dg.InputContext) -> tuple[str, str]:
    dagster_type = if_given(context, "dagster_type")
    wanted = Any if dagster_type is None else dagster_type.typing_type
    if wanted is Any:
        return _NO_ANNOTATION
    module = str(getattr(wanted, "__module__", "")).partition(".")[0]
    kind = (module, str(getattr(wanted, "__name__", wanted)))
    if kind not in _KINDS:
        known = ", ".join(sorted(".".join(kind) for kind in _KINDS))
        message = (
            f"input {context.name!r} is annotated as {'.'.join(kind)}; expected one of {known}, "
            "or no annotation for pyarrow.Table"
        )
        raise InvalidArgumentError(message)
    return kind


def _as_kind(kind: tuple[str, str], scan: TableScan | None) -> Any:
    """Read a scan, or nothing, as one of the kinds."""
    if kind == ("pyarrow", "RecordBatchReader"):
        return pa.table({}).to_reader() if scan is None else scan.to_arrow_batch_reader()
    rows = pa.table({}) if scan is None else scan.to_arrow()
    if kind == ("pandas", "DataFrame"):
        return rows.to_pandas()
    if kind == ("polars", "DataFrame"):
        import polars as pl  # noqa: PLC0415 - only where it is asked for

        return pl.from_arrow(rows)
    return rows


def _scan(context: dg.InputContext, table: Table, settings: AssetSettings) -> TableScan:
    given = plain_values(context.definition_metadata)
    options = {key: given[key] for key in _OPTIONS if given.get(key) is not None}
    filters = [f for f in (_partitions(context, table, settings), _row_filter(options)) if f]
    return table.scan(
        row_filter=And(*filters) if filters else AlwaysTrue(),
        selected_fields=options.get("columns", ("*",)),
        snapshot_id=options.get("snapshot_id"),
        as_of=_as_of(options.get("as_of")),
        ref=options.get("branch"),
        limit=options.get("limit"),
    )


def _row_filter(options: Mapping[str, Any]) -> BooleanExpression | None:
    given = options.get("row_filter")
    return parse(given) if isinstance(given, str) else given


def _as_of(given: datetime | int | str | None) -> datetime | int | None:
    if not isinstance(given, str):
        return given
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        message = f"as_of is {given!r}; expected a time such as '2024-01-31T12:00:00+00:00'"
        raise InvalidArgumentError(message) from None


def _partitions(
    context: dg.InputContext, table: Table, settings: AssetSettings
) -> BooleanExpression | None:
    """Return the filter for the partitions that are asked for; None if it is all of them."""
    if not context.has_asset_partitions:
        return None
    definition, keys = context.asset_partitions_def, context.asset_partition_keys
    store = if_given(context, "instance")
    every = definition.get_partition_keys(dynamic_partitions_store=store)
    if len(keys) == len(every):
        return None
    column = settings.column_of_partitions()
    return partition_filter(definition, keys, column, table.schema().find_type(column))
