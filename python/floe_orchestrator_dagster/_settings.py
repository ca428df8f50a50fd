"""What an asset's key and metadata say about its table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from floe_core.errors import InvalidArgumentError, UnsupportedError
from floe_iceberg.catalog import Identifier
from floe_iceberg.expressions import BooleanExpression

__all__ = [
    "ICEBERG_NAMESPACE_KEY",
    "ICEBERG_PARTITION_COLUMN_KEY",
    "ICEBERG_PARTITION_FILTER_KEY",
    "ICEBERG_SNAPSHOT_PROPS_KEY",
    "ICEBERG_TABLE_KEY",
    "ICEBERG_UPSERT_KEYS_KEY",
    "ICEBERG_WRITE_MODE_KEY",
    "AssetSettings",
    "Defaults",
    "plain_values",
]

ICEBERG_TABLE_KEY = "iceberg_table"
ICEBERG_NAMESPACE_KEY = "iceberg_namespace"
ICEBERG_WRITE_MODE_KEY = "iceberg_write_mode"
ICEBERG_PARTITION_FILTER_KEY = "iceberg_partition_filter"
ICEBERG_UPSERT_KEYS_KEY = "iceberg_upsert_keys"
ICEBERG_PARTITION_COLUMN_KEY = "iceberg_partition_column"
ICEBERG_SNAPSHOT_PROPS_KEY = "iceberg_snapshot_props"

_PREFIX = "iceberg_"
# Readers see an asset's definition only, so what leads them to its rows has to stand there.
_DEFINITION_KEYS = {ICEBERG_TABLE_KEY, ICEBERG_NAMESPACE_KEY, ICEBERG_PARTITION_COLUMN_KEY}
_KNOWN_KEYS = _DEFINITION_KEYS | {
    ICEBERG_WRITE_MODE_KEY,
    ICEBERG_PARTITION_FILTER_KEY,
    ICEBERG_UPSERT_KEYS_KEY,
    ICEBERG_SNAPSHOT_PROPS_KEY,
}
_MODES = ("append", "overwrite")


@dataclass(frozen=True)
class Defaults:
    """What holds where an asset's metadata says nothing."""

    namespace: str
    write_mode: str
    partition_column: str | None


@dataclass(frozen=True)
class AssetSettings:
    """Where and how an asset is stored.

    Attributes:
        label: The asset's name in messages.
        table: Namespace and table.
        write_mode: append or overwrite.
        appends_partitions: Whether the asset itself, not a default, asks for append.
        partition_column: The column that the asset's partitions follow.
        overwrite_filter: The rows that an overwrite replaces; None for all.
        snapshot_properties: Go into the summary of the snapshots written.
    """

    label: str
    table: Identifier
    write_mode: str
    appends_partitions: bool
    partition_column: str | None
    overwrite_filter: str | BooleanExpression | None
    snapshot_properties: dict[str, str] = field(default_factory=dict)

    @property
    def table_name(self) -> str:
        """The table's identifier, dotted."""
        return ".".join(self.table)

    def column_of_partitions(self) -> str:
        """Return the column that the asset's partitions follow; raises InvalidArgumentError."""
        if self.partition_column is None:
            message = (
                f"{self.label} is partitioned; say which column its partitions follow, as "
                f"{ICEBERG_PARTITION_COLUMN_KEY} in its metadata"
            )
            raise InvalidArgumentError(message)
        return self.partition_column

    @classmethod
    def of(
        cls,
        key: dg.AssetKey | None,
        defaults: Defaults,
        definition: Mapping[str, Any],
        output: Mapping[str, Any] | None = None,
    ) -> "AssetSettings":
        """Read the settings of the asset `key`, or of an op's output if it is None.

        Args:
            key: The asset.
            defaults: The I/O manager's.
            definition: Metadata of the asset's definition.
            output: Metadata that came with the value; it goes before the definition's.

        Raises:
            InvalidArgumentError: Settings that are unknown, wrong or against one another.
            UnsupportedError: Settings that this version can't follow.
        """
        label = "an op's output" if key is None else f"asset {key.to_user_string()}"
        defined, given = plain_values(definition), plain_values(output or {})
        _check_keys(label, defined, given)
        merged = {**defined, **given}
        mode = _write_mode(label, merged, defaults)
        return cls(
            label=label,
            table=_table_of(label, key, defaults.namespace, defined),
            write_mode=mode,
            appends_partitions=merged.get(ICEBERG_WRITE_MODE_KEY) == "append",
            partition_column=_partition_column(label, defined, defaults),
            overwrite_filter=_overwrite_filter(label, mode, merged),
            snapshot_properties=_snapshot_properties(label, merged),
        )


def plain_values(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata without Dagster's wrappers around its values."""
    return {key: _plain(value) for key, value in metadata.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dg.TimestampMetadataValue):
        return datetime.fromtimestamp(value.value, UTC)
    return value.value if isinstance(value, dg.MetadataValue) else value


def _check_keys(label: str, defined: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    unknown = sorted(
        key for key in {*defined, *given} if key.startswith(_PREFIX) and key not in _KNOWN_KEYS
    )
    if unknown:
        message = (
            f"{label} has unknown metadata {', '.join(unknown)}; known are "
            f"{', '.join(sorted(_KNOWN_KEYS))}"
        )
        raise InvalidArgumentError(message)
    late = sorted(_DEFINITION_KEYS & given.keys())
    if late:
        message = (
            f"{label} sets {', '.join(late)} with its output; put it into the metadata of the "
            "asset's definition, which is what its readers see"
        )
        raise InvalidArgumentError(message)
    if ICEBERG_UPSERT_KEYS_KEY in {*defined, *given}:
        message = (
            f"{label} sets {ICEBERG_UPSERT_KEYS_KEY}; this version of floe can't upsert, only "
            "append and overwrite"
        )
        raise UnsupportedError(message)


def _write_mode(label: str, merged: Mapping[str, Any], defaults: Defaults) -> str:
    mode = merged.get(ICEBERG_WRITE_MODE_KEY, defaults.write_mode)
    if mode == "upsert":
        message = (
            f"{label} has write mode upsert; this version of floe can't upsert, only append and "
            "overwrite"
        )
        raise UnsupportedError(message)
    if mode not in _MODES:
        message = f"{label} has write mode {mode!r}; expected append or overwrite"
        raise InvalidArgumentError(message)
    return str(mode)


def _table_of(
    label: str, key: dg.AssetKey | None, default_namespace: str, defined: Mapping[str, Any]
) -> Identifier:
    first, *rest = [default_namespace] if key is None else key.path
    if key is None and ICEBERG_TABLE_KEY not in defined:
        message = (
            f"{label} has no asset key to name a table after; set {ICEBERG_TABLE_KEY} in its "
            "metadata, or make it an asset"
        )
        raise InvalidArgumentError(message)
    by_key = [first] if rest else default_namespace.split(".")
    namespace = defined.get(ICEBERG_NAMESPACE_KEY)
    levels = by_key if namespace is None else _text(label, ICEBERG_NAMESPACE_KEY, namespace)
    if isinstance(levels, str):
        levels = levels.split(".")
    name = _text(
        label, ICEBERG_TABLE_KEY, defined.get(ICEBERG_TABLE_KEY, "_".join(rest or [first]))
    )
    if ICEBERG_TABLE_KEY in defined and "." in name:
        message = (
            f"{label} has {ICEBERG_TABLE_KEY} {name!r}; give the table's name alone, and its "
            f"namespace as {ICEBERG_NAMESPACE_KEY}"
        )
        raise InvalidArgumentError(message)
    return (*levels, name)


def _text(label: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        message = f"{label} has {key} {value!r}; expected a text"
        raise InvalidArgumentError(message)
    return value


def _partition_column(label: str, defined: Mapping[str, Any], defaults: Defaults) -> str | None:
    column = defined.get(ICEBERG_PARTITION_COLUMN_KEY, defaults.partition_column)
    return None if column is None else _text(label, ICEBERG_PARTITION_COLUMN_KEY, column)


def _overwrite_filter(
    label: str, mode: str, merged: Mapping[str, Any]
) -> str | BooleanExpression | None:
    row_filter = merged.get(ICEBERG_PARTITION_FILTER_KEY)
    if row_filter is None:
        return None
    if mode != "overwrite":
        message = (
            f"{label} has {ICEBERG_PARTITION_FILTER_KEY} and write mode {mode}; it says what an "
            "overwrite replaces, so set the write mode to overwrite or leave it out"
        )
        raise InvalidArgumentError(message)
    if not isinstance(row_filter, (str, BooleanExpression)):
        message = (
            f"{label} has {ICEBERG_PARTITION_FILTER_KEY} of type {type(row_filter).__name__}; "
            "expected filter text or an expression"
        )
        raise InvalidArgumentError(message)
    return row_filter


def _snapshot_properties(label: str, merged: Mapping[str, Any]) -> dict[str, str]:
    given = merged.get(ICEBERG_SNAPSHOT_PROPS_KEY, {})
    if not isinstance(given, Mapping):
        message = (
            f"{label} has {ICEBERG_SNAPSHOT_PROPS_KEY} of type {type(given).__name__}; expected "
            "texts by name"
        )
        raise InvalidArgumentError(message)
    return {str(key): str(value) for key, value in given.items()}
