"""Silver: flights with real timestamps and the weather they left in."""

import dagster as dg
import duckdb
import pyarrow as pa

from flights.bronze import MONTHS

__all__ = ["Correction", "flights"]

_QUERY = """
  with timed as (
    select
      flight_date, carrier, flight, tailnum, origin, dest, distance, air_time, time_hour,
      make_timestamp(year, month, day, hour, minute, 0)
        at time zone 'America/New_York' as scheduled_departure,
      dep_delay + if(carrier = $carrier, $minutes, 0) as dep_delay,
      arr_delay
    from flights
  )
  select
    flight_date, carrier, flight, tailnum, origin, dest, distance, air_time,
    scheduled_departure,
    scheduled_departure + to_minutes(dep_delay) as departure,
    dep_delay, arr_delay, dep_delay is null as cancelled,
    temp, wind_speed, precip, visib
  from timed left join weather using (origin, time_hour)
"""


class Correction(dg.Config):
    """What is known by now to be wrong with a carrier's departure times."""

    carrier: str = ""
    minutes: int = 0


@dg.asset(
    key=["silver", "flights"],
    partitions_def=MONTHS,
    ins={
        "flights": dg.AssetIn(["bronze", "flights"]),
        "weather": dg.AssetIn(
            ["bronze", "weather"],
            metadata={"columns": ["origin", "time_hour", "temp", "wind_speed", "precip", "visib"]},
        ),
    },
    metadata={"iceberg_partition_column": "flight_date"},
)
def flights(config: Correction, flights: pa.Table, weather: pa.Table) -> pa.Table:
    """Flights of a month, cleaned and joined with the weather at their scheduled hour."""
    with duckdb.connect() as connection:
        connection.register("flights", flights)
        connection.register("weather", weather)
        parameters = {"carrier": config.carrier, "minutes": config.minutes}
        return connection.execute(_QUERY, parameters).to_arrow_table()
