"""What a table that is to be created is made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from floe_iceberg import _native
from floe_iceberg._arguments import names, path_text, refuse_type, text_pairs
from floe_iceberg._names import Identifier, split_name
from floe_iceberg.partitioning import PartitionSpec
from floe_iceberg.schema import Schema
from floe_iceberg.sorting import SortOrder
from floe_iceberg.table import CreateTableTransaction, Table

if TYPE_CHECKING:
    from floe_iceberg.catalog import Catalog

__all__ = ["begin_creation", "iceberg_schema", "new_table"]

_DEFAULT_FORMAT_VERSION = 2


def new_table(
    identifier: str | Identifier,
    schema: Any,
    location: str | None,
    partition_spec: PartitionSpec | Sequence[str],
    sort_order: SortOrder,
    properties: Mapping[str, Any] | None,
) -> _native.CreateTableRequest:
    """Return the engine's request of what `Catalog.create_table()` takes."""
    levels, name = split_name(identifier)
    if not isinstance(sort_order, SortOrder):
        refuse_type("sort_order", sort_order, "a SortOrder")
    settings = text_pairs("properties", properties)
    wanted = iceberg_schema(schema, _format_version(settings))
    spec = (
        partition_spec
        if isinstance(partition_spec, PartitionSpec)
        else PartitionSpec.of(
            wanted, names("partition_spec", partition_spec, "['month(ts)', 'region']")
        )
    )
    return _native.CreateTableRequest(
        levels,
        name,
        wanted.to_json(),
        spec.to_json(),
        None if location is None else path_text("location", location),
        settings,
        sort_order.to_json(),
    )


def iceberg_schema(schema: Any, *format_version: int) -> Schema:
    """Return Iceberg's schema of Iceberg's or Arrow's."""
    return schema if isinstance(schema, Schema) else Schema.from_arrow(schema, *format_version)


def _format_version(properties: Iterable[tuple[str, str]]) -> int:
    """Return the version of a table to be; the engine refuses what is none."""
    text = dict(properties).get("format-version", "")
    return int(text) if text.isdecimal() else _DEFAULT_FORMAT_VERSION


def begin_creation(native: _native.Transaction, catalog: "Catalog") -> CreateTableTransaction:
    """Return the transaction around an engine's one that makes a table."""
    table = Table(native.staged, catalog)
    return CreateTableTransaction(table, table._move_to, native)  # noqa: SLF001 - its own
