"""The Dagster project. The one place that says where tables are.

On this machine, unless the variables FLIGHTS_CATALOG_URI and FLIGHTS_WAREHOUSE say another catalog.
Who signs in there is of variables, too, as any catalog has them (docs/catalogs.md).
"""

import os
from pathlib import Path

from flights import bronze, gold, silver
from floe_orchestrator_dagster import IcebergIOManager, create_definitions

__all__ = ["ASSETS", "HOME", "STORAGE", "definitions"]

_CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("FLIGHTS_HOME", _CHECKOUT / "warehouse" / "flights"))
STORAGE = IcebergIOManager(
    catalog_uri=os.environ.get("FLIGHTS_CATALOG_URI", f"sqlite:///{HOME}/catalog.db"),
    warehouse=os.environ.get("FLIGHTS_WAREHOUSE", str(HOME / "tables")),
    write_mode="overwrite",
)
ASSETS = [
    bronze.airlines,
    bronze.airports,
    bronze.planes,
    bronze.flights,
    bronze.weather,
    silver.flights,
    gold.daily_delays,
    gold.route_punctuality,
]
definitions = create_definitions(assets=ASSETS, resources={"io_manager": STORAGE})
