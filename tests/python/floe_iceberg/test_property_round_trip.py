"""Whatever is appended is read back, by floe and by plain Parquet readers."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Parts, as_multiset, tables
from warehouse import data_files, make_catalog

from floe_iceberg import Catalog, Table

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def new_catalog() -> Iterator[Catalog]:
    """Give a catalog to one example, of which a test has many."""
    with tempfile.TemporaryDirectory() as folder:
        yield make_catalog(Path(folder))


def write(catalog: Catalog, data: Parts, row_group_rows: int) -> Table:
    table = catalog.create_table(
        "db.t",
        data.schema,
        properties={"write.parquet.row-group-limit": row_group_rows},
    )
    for part in data.parts:
        table.append(part)
    return table


@settings(max_examples=120)
@given(tables(), st.sampled_from([1, 3, 1_000_000]), st.sampled_from([1, 4, 65_536]))
def test_what_is_appended_is_read_back(data: Parts, row_group_rows: int, batch_rows: int) -> None:
    with new_catalog() as catalog:
        table = write(catalog, data, row_group_rows)
        expected = as_multiset(data.rows.to_pylist())
        scan = table.scan(options={"batch_rows": batch_rows})
        read = scan.to_arrow()
        assert as_multiset(read.to_pylist()) == expected
        streamed = scan.to_arrow_batch_reader().read_all()
        assert repr(streamed.to_pylist()) == repr(read.to_pylist())
        assert scan.count() == len(expected)
        assert read.schema.equals(table.schema().as_arrow())
        assert [field.nullable for field in read.schema] == [f.nullable for f in data.schema]
        read.validate(full=True)


@settings(max_examples=60)
@given(tables(most_parts=1), st.sampled_from([2, 1_000_000]))
def test_a_file_holds_the_rows_for_other_readers(data: Parts, row_group_rows: int) -> None:
    with new_catalog() as catalog:
        table = write(catalog, data, row_group_rows)
        files = data_files(table)
        assert len(files) == min(data.rows.num_rows, 1)
        for path in files:
            theirs = pq.read_table(path)
            assert as_multiset(theirs.to_pylist()) == as_multiset(data.rows.to_pylist())
            theirs.validate(full=True)


@settings(max_examples=60)
@given(tables(), st.data())
@pytest.mark.requirement("S-FR-022")
def test_columns_are_those_that_were_selected(data: Parts, draw: st.DataObject) -> None:
    with new_catalog() as catalog:
        table = write(catalog, data, 3)
        names = draw.draw(st.lists(st.sampled_from(data.schema.names), unique=True))
        expected = data.rows.select([name for name in data.schema.names if name in names])
        read = table.scan(selected_fields=names).to_arrow()
        assert read.schema.names == expected.schema.names
        assert read.num_rows == data.rows.num_rows
        assert as_multiset(read.to_pylist()) == as_multiset(expected.to_pylist())


@settings(max_examples=60)
@given(tables(), st.integers(0, 30))
def test_a_limit_yields_that_many_of_the_rows(data: Parts, limit: int) -> None:
    with new_catalog() as catalog:
        table = write(catalog, data, 2)
        left = as_multiset(data.rows.to_pylist())
        scan = table.scan(limit=limit, options={"batch_rows": 2})
        for read in (scan.to_arrow(), scan.to_arrow_batch_reader().read_all()):
            assert read.num_rows == min(limit, len(left)) == scan.count()
            rest = list(left)
            for row in as_multiset(read.to_pylist()):
                rest.remove(row)


@settings(max_examples=40)
@given(tables(most_rows=6, most_parts=2))
def test_overwriting_a_table_with_its_own_scan_changes_nothing(data: Parts) -> None:
    with new_catalog() as catalog:
        table = write(catalog, data, 2)
        table.overwrite(table.scan())
        assert as_multiset(table.scan().to_arrow().to_pylist()) == as_multiset(
            data.rows.to_pylist()
        )


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=3)), max_size=10))
def test_frames_make_the_round_trip(rows: list[tuple[int, str]]) -> None:
    frame = pl.DataFrame(rows, schema={"i": pl.Int64, "s": pl.String}, orient="row")
    with new_catalog() as catalog:
        table = catalog.create_table("db.t", pa.schema([("i", pa.int64()), ("s", pa.string())]))
        table.append(frame)
        table.append(frame.to_pandas())
        read = table.scan().to_polars()
        assert read.sort("i", "s").equals(pl.concat([frame, frame]).sort("i", "s"))
        assert len(table.scan().to_pandas()) == 2 * len(rows)
