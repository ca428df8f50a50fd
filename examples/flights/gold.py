"""Gold: what people ask for."""

import dagster as dg
import pandas as pd
import polars as pl

__all__ = ["daily_delays", "route_punctuality"]

_LATE_MINUTES = 15


@dg.asset(
    key=["gold", "daily_delays"],
    ins={
        "flights": dg.AssetIn(
            ["silver", "flights"],
            metadata={"columns": ["flight_date", "origin", "dep_delay", "cancelled", "wind_speed"]},
        )
    },
)
def daily_delays(flights: pl.DataFrame) -> pl.DataFrame:
    """Delays of each day and airport, beside the wind."""
    return (
        flights.group_by("flight_date", "origin")
        .agg(
            pl.len().alias("flights"),
            pl.col("cancelled").sum().cast(pl.Int64),
            pl.col("dep_delay").mean().alias("mean_delay"),
            (pl.col("dep_delay") > _LATE_MINUTES).mean().alias("share_late"),
            pl.col("wind_speed").mean().alias("mean_wind_speed"),
        )
        .sort("flight_date", "origin")
    )


@dg.asset(
    key=["gold", "route_punctuality"],
    ins={
        "flights": dg.AssetIn(
            ["silver", "flights"],
            metadata={
                "columns": ["origin", "dest", "carrier", "arr_delay"],
                "row_filter": "cancelled = false and arr_delay is not null",
            },
        ),
        "airlines": dg.AssetIn(["bronze", "airlines"]),
        "airports": dg.AssetIn(["bronze", "airports"], metadata={"columns": ["faa", "name"]}),
    },
)
def route_punctuality(
    flights: pd.DataFrame, airlines: pd.DataFrame, airports: pd.DataFrame
) -> pd.DataFrame:
    """How punctual each carrier arrives on each route."""
    routes = flights.assign(on_time=flights["arr_delay"] <= _LATE_MINUTES)
    punctuality = routes.groupby(["origin", "dest", "carrier"], as_index=False).agg(
        flights=("arr_delay", "size"),
        share_on_time=("on_time", "mean"),
        median_delay=("arr_delay", "median"),
    )
    named = punctuality.merge(airlines.rename(columns={"name": "airline"}), on="carrier")
    places = airports.rename(columns={"faa": "dest", "name": "destination"})
    return named.merge(places, on="dest", how="left")
