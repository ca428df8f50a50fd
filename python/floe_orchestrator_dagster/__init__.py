"""floe for Dagster: assets in and out of Iceberg tables.

from floe_orchestrator_dagster import IcebergIOManager, create_definitions

storage = IcebergIOManager(catalog_uri="sqlite:////data/catalog.db", warehouse="/data")
definitions = create_definitions(assets=[...], resources={"io_manager": storage})
"""

from floe_orchestrator_dagster._settings import (
    ICEBERG_NAMESPACE_KEY,
    ICEBERG_PARTITION_COLUMN_KEY,
    ICEBERG_PARTITION_FILTER_KEY,
    ICEBERG_SNAPSHOT_PROPS_KEY,
    ICEBERG_TABLE_KEY,
    ICEBERG_UPSERT_KEYS_KEY,
    ICEBERG_WRITE_MODE_KEY,
)
from floe_orchestrator_dagster.definitions import check_definitions, create_definitions
from floe_orchestrator_dagster.io_manager import IcebergIOManager

__all__ = [
    "ICEBERG_NAMESPACE_KEY",
    "ICEBERG_PARTITION_COLUMN_KEY",
    "ICEBERG_PARTITION_FILTER_KEY",
    "ICEBERG_SNAPSHOT_PROPS_KEY",
    "ICEBERG_TABLE_KEY",
    "ICEBERG_UPSERT_KEYS_KEY",
    "ICEBERG_WRITE_MODE_KEY",
    "IcebergIOManager",
    "check_definitions",
    "create_definitions",
]
