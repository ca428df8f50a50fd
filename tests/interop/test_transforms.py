"""Tables partitioned by every transform of every type that it takes, across engines."""

import pytest
from duckdb_limits import MISPRUNED
from filter_samples import filters_of, is_nan
from lake import Lake, to_floe
from partition_samples import CASES
from pyiceberg_limits import UNWRITABLE, is_filtered_right, writable
from sample_tables import rows_of, write_in_files
from type_samples import SAMPLES, ids, rows_by_id

WRITTEN = [("floe", *case) for case in CASES] + [
    ("pyiceberg", *case) for case in CASES if case not in UNWRITABLE
]


@pytest.mark.parametrize(("writer", "type_name", "term"), WRITTEN)
@pytest.mark.requirement("S-FR-013", "T-FR-033")
def test_rows_and_filters(lake: Lake, writer: str, type_name: str, term: str) -> None:
    sample = SAMPLES[type_name]
    rows = rows_of(sample)
    if writer == "pyiceberg":
        rows = writable(rows)
    write_in_files(lake.engine(writer), "t", rows, [term])
    expected = rows_by_id(rows)
    assert rows_by_id(lake.floe.read("t")) == expected
    assert rows_by_id(lake.pyiceberg.read("t")) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected
    ours, theirs = lake.floe.load("t"), lake.pyiceberg.load("t")
    wrong = {}
    for each in filters_of(type_name, sample):
        wanted = each.ids(rows)
        found = ids(ours.scan(to_floe(each.expression)).to_arrow())
        if found != wanted:
            wrong[f"floe: {each}"] = found
        if is_filtered_right(type_name, term, each):
            found = ids(theirs.scan(each.expression).to_arrow())
            if found != wanted:
                wrong[f"pyiceberg: {each}"] = found
    assert wrong == {}


@pytest.mark.parametrize(("type_name", "term"), [case for case in CASES if case not in MISPRUNED])
def test_duckdb_keeps_what_it_would_without_partitions(
    lake: Lake, type_name: str, term: str
) -> None:
    sample = SAMPLES[type_name]
    rows = rows_of(sample)
    write_in_files(lake.floe, "t", rows, [term])
    table = lake.relation("t")
    lake.sql(f"CREATE OR REPLACE TEMP TABLE copied AS FROM {table}")
    # To DuckDB NaN is the largest number, which bounds say nothing of, and it prunes all the same.
    nans = {id_ for id_, value in enumerate(sample.values) if is_nan(value)}
    wrong = {}
    for each in filters_of(type_name, sample):
        found, wanted = (
            {*ids(lake.sql(f"FROM {source} WHERE {each.sql}", *each.parameters))} - nans
            for source in (table, "copied")
        )
        if found != wanted:
            wrong[str(each)] = found, wanted
    assert wrong == {}
