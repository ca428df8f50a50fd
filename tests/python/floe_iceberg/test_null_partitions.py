"""A null ends up in a partition of its own, and the rows after it in theirs."""

from pathlib import Path

import pyarrow as pa
import pytest
from partition_samples import CASES
from sample_tables import rows_of
from type_samples import SAMPLES, rows_by_id

from floe_iceberg import Table, load_catalog


def make_table(folder: Path, rows: pa.Table, term: str) -> Table:
    catalog = load_catalog("nulls", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder)
    catalog.create_namespace("db")
    return catalog.create_table("db.t", rows.schema, partition_spec=[term])


@pytest.mark.parametrize(
    ("type_name", "term"), [case for case in CASES if not case[1].startswith("void")]
)
def test_nulls_between_other_rows(tmp_path: Path, type_name: str, term: str) -> None:
    sample = rows_of(SAMPLES[type_name])
    null = sample.slice(sample.num_rows - 1)
    others = sample.slice(0, sample.num_rows - 1)
    parts = [null, *(part for at in range(others.num_rows) for part in (others.slice(at, 1), null))]
    rows = pa.concat_tables(parts).combine_chunks()
    rows = rows.set_column(0, rows.schema.field("id"), pa.array(range(rows.num_rows)))
    table = make_table(tmp_path, rows, term)
    table.append(rows)
    assert rows_by_id(table.scan().to_arrow()) == rows_by_id(rows)
    nulls = table.scan("optional is null")
    assert sorted(nulls.to_arrow()["id"].to_pylist()) == [*range(0, rows.num_rows, 2)]
    assert len(nulls.plan_files()) == 1
    table.dynamic_partition_overwrite(null)
    kept = rows_by_id(rows.filter(rows["optional"].is_valid()))
    assert rows_by_id(table.scan("optional is not null").to_arrow()) == kept
    assert table.scan().count() == len(kept) + 1
