"""The I/O manager: assets in and out of Iceberg tables."""

import os
from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from floe_core.errors import InvalidArgumentError
from floe_iceberg.catalog import Catalog, load_catalog
from floe_orchestrator_dagster._inputs import read_input
from floe_orchestrator_dagster._output_metadata import output_metadata
from floe_orchestrator_dagster._outputs import OutputWriter
from floe_orchestrator_dagster._settings import AssetSettings, Defaults
from floe_orchestrator_dagster._storage_fields import SECRET, StorageFields

__all__ = ["IcebergIOManager"]

_CREDENTIALS = ("client_id", "client_secret", "token", "scope")
_IN_MEMORY = ("sqlite://", "sqlite:///", "sqlite:///:memory:")


class IcebergIOManager(StorageFields):
    """Stores assets in Iceberg tables, and reads them as what their consumers ask for.

    The asset `["bronze", "customers"]` is the table `bronze.customers`, `["customers"]` the
    table `customers` of the default namespace, `["gold", "metrics", "daily"]` the table
    `gold.metrics_daily`. Namespaces and tables are made when they are first written.

    A partitioned asset replaces exactly its partitions, and its rows must lie in them. Other
    assets are appended to, or replaced, as `write_mode` says; an append is there once, however
    often a run tries its step again.

    An asset's metadata can say more: `iceberg_table` and `iceberg_namespace` (instead of the key),
    `iceberg_partition_column`, `iceberg_write_mode` (append, also for partitions; overwrite),
    `iceberg_partition_filter` (what an overwrite replaces) and `iceberg_snapshot_props` (texts for
    the snapshot's summary). An input's metadata: `columns`, `row_filter`, `snapshot_id`, `as_of`,
    `branch` and `limit`.
    """

    catalog_uri: str = Field(
        description="The catalog: sqlite:////path/to/catalog.db, or a REST catalog's address."
    )
    warehouse: str = Field(description="The folder that new tables are made in.")
    catalog_name: str = Field(default="default", description="The catalog's name in its database.")
    client_id: str | None = Field(default=None, description="For REST catalogs.")
    client_secret: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    token: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    scope: str | None = Field(default=None, description="For REST catalogs.")
    default_namespace: str = Field(
        default="public", description="Of assets with a key of one part."
    )
    write_mode: str = Field(
        default="append", description="append or overwrite, of assets without partitions."
    )
    schema_evolution_enabled: bool = Field(
        default=True, description="Whether data with new columns widens its table."
    )
    auto_create_tables: bool = Field(
        default=True, description="Whether namespaces and tables are made when they are missing."
    )
    partition_column: str | None = Field(
        default=None, description="The column that partitions follow, where an asset names none."
    )
    preview_rows: int = Field(
        default=0,
        description="Rows to show in a materialization's metadata; their values are seen.",
    )

    # The open catalog and the process that opened it: a forked child opens its own.
    _opened: tuple[int, Catalog] | None = PrivateAttr(default=None)

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write an asset's value; Dagster calls this."""
        settings = self._settings(context, with_output=True)
        writer = OutputWriter(
            context,
            settings,
            evolves=self.schema_evolution_enabled,
            creates=self.auto_create_tables,
        )
        written = writer.write(self._catalog(), obj)
        metadata = output_metadata(
            settings,
            written,
            is_partitioned=writer.is_partitioned,
            preview_rows=self.preview_rows,
        )
        context.log.info(
            "%s %s: rows %d, files %d, snapshot %d",
            "wrote" if written.is_new else "an earlier try of this step had written",
            settings.table_name,
            metadata["rows"],
            metadata["files"],
            metadata["snapshot_id"],
        )
        given = context.output_metadata
        context.add_output_metadata({k: v for k, v in metadata.items() if k not in given})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read an asset as its consumer's annotation asks; Dagster calls this."""
        return read_input(context, self._catalog(), self._settings(context))

    def settings_of(self, key: dg.AssetKey, metadata: Mapping[str, Any]) -> AssetSettings:
        """Return where and how an asset is stored; raises what is wrong with its metadata.

        Also for a manager that Dagster has not set up yet, so that its fields may be EnvVars.
        """
        defaults = Defaults(
            _known(self.default_namespace) or "$namespace",
            _known(self.write_mode) or "append",
            _known(self.partition_column),
        )
        return AssetSettings.of(key, defaults, metadata)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields; another process opens a catalog of its own."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return _rebuild, (type(self), fields)

    def _defaults(self) -> Defaults:
        return Defaults(self.default_namespace, self.write_mode, self.partition_column)

    def _settings(
        self, context: dg.OutputContext | dg.InputContext, *, with_output: bool = False
    ) -> AssetSettings:
        key = context.asset_key if context.has_asset_key else None
        if isinstance(context, dg.OutputContext):
            given = context.output_metadata if with_output else {}
            return AssetSettings.of(key, self._defaults(), context.definition_metadata, given)
        upstream = context.upstream_output
        metadata = {} if upstream is None else upstream.definition_metadata
        return AssetSettings.of(key, self._defaults(), metadata)

    def _catalog(self) -> Catalog:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), self._open())
        return self._opened[1]

    def _open(self) -> Catalog:
        if self.catalog_uri in _IN_MEMORY:
            message = (
                "catalog_uri is a database in memory, which ends with the process of a step; "
                "give a file, such as sqlite:////path/to/catalog.db"
            )
            raise InvalidArgumentError(message)
        return load_catalog(
            self.catalog_name,
            uri=self.catalog_uri,
            warehouse=self.warehouse,
            **self._credentials(),
            **self.storage_properties(),
        )

    def _credentials(self) -> dict[str, str]:
        """Return the catalog's properties for what the fields say of a client."""
        given = [name for name in _CREDENTIALS if getattr(self, name) is not None]
        if given and not self.catalog_uri.startswith(("http://", "https://")):
            message = (
                f"{', '.join(given)} are for REST catalogs, and catalog_uri is not one; leave "
                "them out, or give the http or https address of a REST catalog"
            )
            raise InvalidArgumentError(message)
        properties: dict[str, str] = {
            name: getattr(self, name) for name in ("token", "scope") if name in given
        }
        if self.client_secret is not None:
            client = "" if self.client_id is None else f"{self.client_id}:"
            properties["credential"] = client + self.client_secret
        elif self.client_id is not None:
            message = "client_id is given without client_secret, which goes with it"
            raise InvalidArgumentError(message)
        return properties


def _known(value: str | None) -> str | None:
    """Return a field's value before Dagster sets it: an EnvVar's may not be there yet."""
    return value.get_value() if isinstance(value, dg.EnvVar) else value


def _rebuild(kind: type[IcebergIOManager], fields: dict[str, Any]) -> IcebergIOManager:
    return kind(**fields)
