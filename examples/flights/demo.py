"""The demo's story: materialize everything, correct one month, look at the tables."""

import os
import time
from collections.abc import Sequence
from typing import Any

import dagster as dg

from flights.bronze import MONTHS
from flights.definitions import ASSETS, HOME, STORAGE
from flights.report import Lake, print_engines, print_tables, print_time_travel

__all__ = ["main"]

_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
_SOURCES = ["bronze/airlines", "bronze/airports", "bronze/planes"]
_MONTHLY = ["bronze/flights", "bronze/weather", "silver/flights"]
_GOLD = ["gold/daily_delays", "gold/route_punctuality"]
_CORRECTED = "2013-03-01"
_CORRECTION = {"carrier": "UA", "minutes": -10}


def main() -> None:
    """Run the demo; every run replaces what the one before it stored."""
    print("All flights that left New York City in 2013, through Dagster into Iceberg tables")
    if (HOME / "catalog.db").exists():
        print("The tables are there already: each is replaced, month by month.")
    with open_instance() as instance:
        materialize_everything(instance)
        lake = Lake()
        print_tables(lake)
        before = lake.table("silver.flights")
        correct_a_month(instance)
        print_time_travel(lake, before)
    print_engines(lake)


def open_instance() -> dg.DagsterInstance:
    """Return the Dagster instance of the demo, which Dagster's UI shows as well."""
    home = HOME / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    os.environ["DAGSTER_HOME"] = str(home)
    return dg.DagsterInstance.get()


def materialize_everything(instance: dg.DagsterInstance) -> None:
    """Run Dagster for the sources, each month, and what follows from all months."""
    print(f"\nDagster materializes {len(ASSETS)} assets, three of them by month; rows stored:")
    run(instance, "once", _SOURCES)
    for month in MONTHS.get_partition_keys():
        run(instance, month[:7], _MONTHLY, partition_key=month)
    run(instance, "once", _GOLD)


def correct_a_month(instance: dg.DagsterInstance) -> None:
    """Materialize one month again, with a correction as the asset's configuration."""
    print(
        f"\nTime travel: {_CORRECTION['carrier']}'s clocks ran 10 minutes fast in March, "
        "so March is materialized again"
    )
    ops = {"silver__flights": {"config": _CORRECTION}}
    run(instance, _CORRECTED[:7], ["silver/flights"], partition_key=_CORRECTED, ops=ops)
    run(instance, "once", _GOLD)


def run(
    instance: dg.DagsterInstance,
    label: str,
    keys: Sequence[str],
    partition_key: str | None = None,
    ops: dict[str, Any] | None = None,
) -> None:
    """Run Dagster for some assets and say what was stored."""
    began = time.monotonic()
    result = dg.materialize(
        ASSETS,
        selection=[dg.AssetKey(key.split("/")) for key in keys],
        resources={"io_manager": STORAGE},
        instance=instance,
        partition_key=partition_key,
        run_config={**_QUIET, "ops": ops or {}},
    )
    stored = [event.materialization.metadata for event in result.get_asset_materialization_events()]
    rows = "  ".join(f"{item['table'].value} {item['rows'].value:,}" for item in stored)
    print(f"  {label:<8} {rows:<76} {time.monotonic() - began:4.1f} s", flush=True)
