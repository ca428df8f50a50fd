"""Rows of every type that one engine writes are what the others read."""

import pytest
from lake import Lake
from pyiceberg.schema import Schema as TheirSchema
from sample_tables import rows_of, write_in_files
from type_samples import SAMPLES, rows_by_id


@pytest.mark.parametrize("writer", ["floe", "pyiceberg"])
@pytest.mark.parametrize("type_name", SAMPLES)
def test_every_engine_reads_the_same_rows(lake: Lake, writer: str, type_name: str) -> None:
    rows = rows_of(SAMPLES[type_name])
    write_in_files(lake.engine(writer), "t", rows)
    expected = rows_by_id(rows)
    assert rows_by_id(lake.floe.read("t")) == expected
    assert rows_by_id(lake.pyiceberg.read("t")) == expected
    assert rows_by_id(lake.static("t").scan().to_arrow()) == expected
    assert rows_by_id(lake.sql(f"FROM {lake.relation('t')}")) == expected
    ours = TheirSchema.model_validate_json(lake.floe.load("t").schema().to_json())
    assert ours == lake.pyiceberg.load("t").schema()
