"""A catalog for each test, and assets that Dagster itself materializes into it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from floe_iceberg import Catalog, Table, load_catalog
from floe_orchestrator_dagster import IcebergIOManager

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


class AssetStore:
    """A catalog in a folder, and the I/O manager on it."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.uri = f"sqlite:///{folder}/catalog.db"
        self.warehouse = str(folder / "warehouse")

    def io_manager(self, **fields: Any) -> IcebergIOManager:
        places = {"catalog_uri": self.uri, "warehouse": self.warehouse}
        return IcebergIOManager(**{**places, **fields})

    def materialize(
        self, *assets: Any, io: Mapping[str, Any] | None = None, **options: Any
    ) -> dg.ExecuteInProcessResult:
        """Run Dagster for some assets, with fields of the I/O manager as `io`."""
        resources = {"io_manager": self.io_manager(**(io or {}))}
        instance = options.pop("instance", self.instance)
        return dg.materialize(list(assets), resources=resources, instance=instance, **options)

    def materialize_range(
        self, *assets: Any, start: str, end: str, **options: Any
    ) -> dg.ExecuteInProcessResult:
        """Run Dagster once for a range of partitions, as a single-run backfill does."""
        return self.materialize(*assets, tags={RANGE_START: start, RANGE_END: end}, **options)

    @property
    def catalog(self) -> Catalog:
        return load_catalog("default", uri=self.uri, warehouse=self.warehouse, fsync=False)

    def table(self, name: str) -> Table:
        return self.catalog.load_table(name)

    def column(self, name: str, column: str) -> list[Any]:
        """Return the sorted values of a column."""
        values: list[Any] = self.table(name).scan().to_arrow()[column].to_pylist()
        return sorted(values)


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the metadata of the one materialization of a run."""
    (event,) = result.get_asset_materialization_events()
    return {key: value.value for key, value in event.materialization.metadata.items()}


def returning(value: Any, key: Sequence[str] = ("db", "t"), **options: Any) -> dg.AssetsDefinition:
    """Return an asset that always has the same value."""

    @dg.asset(key=list(key), **options)
    def stored():  # type: ignore[no-untyped-def]  # noqa: ANN202 - Dagster reads annotations
        return value

    return stored
