"""Bronze: the source as it is, flights and weather by month of 2013."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flights.source import read_flights, read_frame

__all__ = ["MONTHS", "airlines", "airports", "flights", "planes", "weather"]

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2013-01-01", end_date="2014-01-01")


@dg.asset(
    key=["bronze", "flights"],
    partitions_def=MONTHS,
    metadata={"iceberg_partition_column": "flight_date"},
)
def flights(context: dg.AssetExecutionContext) -> dg.Output[Iterator]:
    """Flights that were scheduled, batch by batch."""
    return dg.Output(_flights_of(context.partition_time_window.start.month))


def _flights_of(month: int) -> Iterator[pa.RecordBatch]:
    for batch in read_flights().to_batches():
        rows = batch.filter(pc.field("month") == month)
        midnight = pc.strptime(
            pc.binary_join_element_wise(
                *(rows[part].cast(pa.string()) for part in ("year", "month", "day")), "-"
            ),
            format="%Y-%m-%d",
            unit="s",
        )
        yield rows.append_column("flight_date", midnight.cast(pa.date32()))


@dg.asset(
    key=["bronze", "weather"],
    partitions_def=MONTHS,
    metadata={"iceberg_partition_column": "observed_on"},
)
def weather(context: dg.AssetExecutionContext) -> pd.DataFrame:
    """Hourly observations at the three airports."""
    rows = read_frame("weather")
    rows = rows[rows["month"] == context.partition_time_window.start.month]
    return rows.assign(
        observed_on=pd.to_datetime(rows[["year", "month", "day"]]).dt.date,
        time_hour=pd.to_datetime(rows["time_hour"]),
    )


@dg.asset(key=["bronze", "airlines"])
def airlines() -> pd.DataFrame:
    """Names of carriers."""
    return read_frame("airlines")


@dg.asset(key=["bronze", "airports"])
def airports() -> pd.DataFrame:
    """Names and places of airports."""
    return read_frame("airports")


@dg.asset(key=["bronze", "planes"])
def planes() -> pd.DataFrame:
    """Aeroplanes by their tail number."""
    return read_frame("planes")
