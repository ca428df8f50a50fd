"""floe for Dagster: assets in and out of Iceberg tables.

from dagster import Definitions
from floe_orchestrator_dagster import IcebergIOManager

storage = IcebergIOManager(catalog_uri="sqlite:////data/catalog.db", warehouse="/data")
definitions = Definitions(assets=[...], resources={"io_manager": storage})
"""

from floe_orchestrator_dagster.io_manager import IcebergIOManager

__all__ = ["IcebergIOManager"]
