"""Writing an asset's value into its table."""

from dataclasses import dataclass
from typing import Any

import dagster as dg

from floe_core.errors import (
    FloeStorageError,
    InvalidArgumentError,
    NoSuchTableError,
)
from floe_iceberg.catalog import Catalog
from floe_iceberg.data import with_schema
from floe_iceberg.expressions import AlwaysTrue, BooleanExpression, parse
from floe_iceberg.schema import Schema
from floe_iceberg.table import Snapshot, Table
from floe_orchestrator_dagster._contexts import if_given
from floe_orchestrator_dagster._partitions import check_kind, partition_filter, partition_term
from floe_orchestrator_dagster._settings import AssetSettings

__all__ = ["OutputPartitions", "OutputWriter", "Written", "check_partitions"]

_RUN_ID = "dagster.run-id"
_STEP_KEY = "dagster.step-key"
_OUTPUT = "dagster.output"
_PARTITIONS = "dagster.partitions"


def check_partitions(settings: AssetSettings, definition: dg.PartitionsDefinition) -> None:
    """Raise what is wrong with a partitioned asset, as far as its definition shows it."""
    check_kind(definition)
    settings.column_of_partitions()
    if settings.overwrite_filter is not None:
        message = (
            f"{settings.label} is partitioned and replaces its partitions; leave out "
            "iceberg_partition_filter"
        )
        raise InvalidArgumentError(message)


@dataclass(frozen=True)
class OutputPartitions:
    """The partitions that a value is for, of an asset that has some."""

    definition: dg.PartitionsDefinition
    keys: list[str]
    column: str

    @classmethod
    def of(cls, context: dg.OutputContext, settings: AssetSettings) -> "OutputPartitions | None":
        """Return what `context` is for; None for an asset without partitions."""
        definition = if_given(context, "asset_partitions_def")
        if definition is None:
            return None
        if not context.has_asset_partitions:
            message = (
                f"{settings.label} is partitioned, and this run is for none of its partitions; "
                "run it for a partition or a range of them"
            )
            raise InvalidArgumentError(message)
        check_partitions(settings, definition)
        column = settings.column_of_partitions()
        return cls(definition, list(context.asset_partition_keys), column)

    @property
    def label(self) -> str:
        """The keys, for messages and for the snapshot's summary."""
        if isinstance(self.definition, dg.TimeWindowPartitionsDefinition) and len(self.keys) > 1:
            return f"{self.keys[0]}...{self.keys[-1]}"
        return ",".join(self.keys)

    def row_filter(self, schema: Schema) -> BooleanExpression:
        """Return the filter that keeps these partitions' rows of a table."""
        return partition_filter(
            self.definition, self.keys, self.column, schema.find_type(self.column)
        )

    def terms(self, schema: Schema) -> list[str]:
        """Return how a table of `schema` is to be partitioned."""
        type_ = schema.find_type(self.column)
        return [partition_term(self.definition, self.keys[0], self.column, type_)]


@dataclass(frozen=True)
class Written:
    """What became of a value: the table and the snapshot that has it."""

    table: Table
    snapshot: Snapshot
    row_filter: BooleanExpression
    is_new: bool

    def count(self, name: str) -> int:
        """Return a number of the snapshot's summary."""
        return int(self.snapshot.summary.get(name, "0") or 0)


class OutputWriter:
    """Writes one output of one step."""

    def __init__(
        self, context: dg.OutputContext, settings: AssetSettings, *, evolves: bool, creates: bool
    ) -> None:
        """Take in what the output is; no I/O yet."""
        self._settings = settings
        self._evolves = evolves
        self._creates = creates
        self._partitions = OutputPartitions.of(context, settings)
        self._identity = self._identify(context)

    @property
    def appends(self) -> bool:
        """Whether rows are added; otherwise they replace others."""
        if self._partitions is None:
            return self._settings.write_mode == "append"
        return self._settings.appends_partitions

    @property
    def is_partitioned(self) -> bool:
        """Whether the output is for partitions."""
        return self._partitions is not None

    def write(self, catalog: Catalog, value: Any) -> Written:
        """Write the value; all of it is in the table afterwards, or an error was raised.

        A value that is appended is there once, whatever tries of its step there were before.
        """
        self._refuse_nothing(value)
        try:
            return self._write(catalog, value)
        except FloeStorageError as error:
            self._explain(error)
            raise

    def _write(self, catalog: Catalog, value: Any) -> Written:
        table = self._try_load(catalog)
        if table is None:
            table, value = self._create(catalog, value)
        row_filter = self._filter(table.schema())
        if self.appends and (before := self._committed(table)) is not None:
            return Written(table, before, row_filter, is_new=False)
        options: dict[str, Any] = {
            "snapshot_properties": {**self._settings.snapshot_properties, **self._identity},
            "evolve_schema": self._evolves,
            "required_filter": None if isinstance(row_filter, AlwaysTrue) else row_filter,
        }
        if self.appends:
            table.append(value, **options)
        else:
            table.overwrite(value, row_filter, **options)
        snapshot = table.current_snapshot()
        assert snapshot is not None  # noqa: S101 - every write makes one
        return Written(table, snapshot, row_filter, is_new=True)

    def _filter(self, schema: Schema) -> BooleanExpression:
        if self._partitions is not None:
            return self._partitions.row_filter(schema)
        given = self._settings.overwrite_filter
        if given is None:
            return AlwaysTrue()
        return given if isinstance(given, BooleanExpression) else parse(given)

    def _try_load(self, catalog: Catalog) -> Table | None:
        try:
            return catalog.load_table(self._settings.table)
        except NoSuchTableError:
            if self._creates:
                return None
            raise

    def _create(self, catalog: Catalog, value: Any) -> tuple[Table, Any]:
        columns, data = with_schema(value)
        if columns is None:
            message = (
                f"{self._settings.label} yielded no batch and table {self._settings.table_name} "
                "does not exist, so its columns are unknown; yield an empty batch that has them"
            )
            raise InvalidArgumentError(message, details={"table": self._settings.table_name})
        schema = Schema.from_arrow(columns)
        self._filter(schema)  # raises what is wrong with it before anything is made
        terms = [] if self._partitions is None else self._partitions.terms(schema)
        *levels, _ = self._settings.table
        for depth in range(1, len(levels) + 1):
            catalog.create_namespace_if_not_exists(tuple(levels[:depth]))
        table = catalog.create_table_if_not_exists(
            self._settings.table, schema, partition_spec=terms
        )
        return table, data

    def _refuse_nothing(self, value: Any) -> None:
        if value is None:
            message = (
                f"{self._settings.label} returned None; return data, or annotate the function "
                "with -> None if it stores nothing"
            )
            raise InvalidArgumentError(message)

    def _identify(self, context: dg.OutputContext) -> dict[str, str]:
        """Return what names this output among all; nothing where there is no step."""
        step_key, name = if_given(context, "step_key"), if_given(context, "name")
        if step_key is None or name is None:
            return {}
        output = name if context.mapping_key is None else f"{name}[{context.mapping_key}]"
        identity = {_RUN_ID: context.run_id, _STEP_KEY: step_key, _OUTPUT: output}
        if self._partitions is not None:
            identity[_PARTITIONS] = self._partitions.label
        elif not context.has_asset_key and context.has_partition_key:
            identity[_PARTITIONS] = context.partition_key
        taken = sorted(key for key in self._settings.snapshot_properties if key in identity)
        if taken:
            message = (
                f"{self._settings.label} sets snapshot properties {', '.join(taken)}, which floe "
                "sets itself"
            )
            raise InvalidArgumentError(message)
        return identity

    def _committed(self, table: Table) -> Snapshot | None:
        """Return the snapshot of an earlier try of the same step, if there was one."""
        if not self._identity:
            return None
        by_id = {snapshot.snapshot_id: snapshot for snapshot in table.snapshots()}
        at = table.current_snapshot()
        while at is not None:
            properties = at.summary.additional_properties
            found = {key: properties.get(key) for key in (_RUN_ID, _STEP_KEY, _OUTPUT, _PARTITIONS)}
            if {key: value for key, value in found.items() if value is not None} == self._identity:
                return at
            at = by_id.get(at.parent_snapshot_id or -1)
        return None

    def _explain(self, error: FloeStorageError) -> None:
        place = f"{self._settings.label}, table {self._settings.table_name}"
        if self._partitions is not None:
            place = f"{place}, partition {self._partitions.label}"
        error.add_note(place)
