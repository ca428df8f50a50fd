"""A warehouse for each test, and assets materialized in it by Dagster itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from floe_iceberg import Catalog, Table, load_catalog
from floe_orchestrator_dagster import IcebergIOManager


class Warehouse:
    """A catalog in a folder, and the I/O manager on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = f"sqlite:///{folder}/catalog.db"

    def io_manager(self, **fields: Any) -> IcebergIOManager:
        return IcebergIOManager(
            catalog_uri=self.uri, warehouse=str(self.folder / "warehouse"), **fields
        )

    def materialize(
        self,
        assets: Sequence[Any],
        *,
        io_fields: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> dg.ExecuteInProcessResult:
        resources = {"io_manager": self.io_manager(**(io_fields or {}))}
        return dg.materialize(assets, resources=resources, **options)

    @property
    def catalog(self) -> Catalog:
        return load_catalog(
            "default", uri=self.uri, warehouse=str(self.folder / "warehouse"), fsync=False
        )

    def table(self, name: str) -> Table:
        return self.catalog.load_table(name)

    def rows(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table(name).scan().to_arrow().to_pylist()
        return sorted(rows, key=str)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the metadata of the one materialization of a run."""
    (event,) = result.get_asset_materialization_events()
    return {key: value.value for key, value in event.materialization.metadata.items()}
