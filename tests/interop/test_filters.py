"""Filters lose no row, whichever engine prunes by the statistics that another one wrote."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from filter_samples import filters_of, is_nan
from lake import Lake, to_floe
from pyiceberg_limits import is_filtered_right
from sample_tables import rows_of, write_in_files
from type_samples import SAMPLES, ids


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
@pytest.mark.parametrize("type_name", SAMPLES)
def test_floe_keeps_what_matches(lake: Lake, writer: str, type_name: str) -> None:
    sample = SAMPLES[type_name]
    rows = rows_of(sample)
    write_in_files(lake.engine(writer), "t", rows)
    table = lake.floe.load("t")
    wrong = {
        str(each): found
        for each in filters_of(type_name, sample)
        if (found := ids(table.scan(to_floe(each.expression)).to_arrow())) != each.ids(rows)
    }
    assert wrong == {}


@pytest.mark.parametrize("type_name", SAMPLES)
def test_pyiceberg_keeps_what_matches(lake: Lake, type_name: str) -> None:
    sample = SAMPLES[type_name]
    rows = rows_of(sample)
    write_in_files(lake.floe, "t", rows)
    table = lake.pyiceberg.load("t")
    wrong = {
        str(each): found
        for each in filters_of(type_name, sample)
        if is_filtered_right(type_name, "", each)
        and (found := ids(table.scan(each.expression).to_arrow())) != each.ids(rows)
    }
    assert wrong == {}


@pytest.mark.parametrize("type_name", SAMPLES)
def test_duckdb_keeps_what_it_would_without_statistics(lake: Lake, type_name: str) -> None:
    sample = SAMPLES[type_name]
    write_in_files(lake.floe, "t", rows_of(sample))
    table = lake.relation("t")
    lake.sql(f"CREATE OR REPLACE TEMP TABLE copied AS FROM {table}")
    # To DuckDB NaN is the largest number, which bounds say nothing of, and it prunes all the same.
    nans = [id_ for id_, value in enumerate(sample.values) if is_nan(value)]
    wrong = {}
    for each in filters_of(type_name, sample):
        found = [
            [
                id_
                for id_ in ids(lake.sql(f"FROM {source} WHERE {each.sql}", *each.parameters))
                if id_ not in nans
            ]
            for source in (table, "copied")
        ]
        if found[0] != found[1]:
            wrong[str(each)] = found
    assert wrong == {}


@pytest.mark.parametrize("reader", ["floe", "pyiceberg", "duckdb"])
def test_files_out_of_bounds_are_not_opened(lake: Lake, reader: str) -> None:
    rows = pa.table({"id": [1, 2], "s": ["a" * 40, "z" * 40]})
    lake.floe.create("t", rows.schema)
    for row in (rows.slice(0, 1), rows.slice(1)):
        lake.floe.append("t", row)
    (outside,) = lake.floe.load("t").scan("s > 'b'").plan_files()
    Path(outside.file_path.removeprefix("file://")).unlink()

    def matching(text: str) -> list[int]:
        if reader == "duckdb":
            return ids(lake.sql(f"FROM {lake.relation('t')} WHERE {text}"))
        scan: Any = lake.engine(reader).load("t").scan(text)
        return ids(scan.to_arrow())

    assert matching("s < 'b'") == [1]
    with pytest.raises((OSError, duckdb.Error)):
        matching("s > 'b'")
