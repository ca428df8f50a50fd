"""Tables that other engines wrote: every row is as they read it (tests/vectors)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from canonical_rows import canonical_rows
from warehouse import open_catalog

from floe_core.errors import CorruptFileError, UnsupportedError
from vectors import load_vector, names, names_with_lineage, register

# What floe does not read yet. The list must only shrink.
REFUSED = {
    "pyiceberg/added_by_duckdb",
    "pyiceberg/added_by_pyarrow",
    "spark/added_legacy_parquet",
    "spark/added_orc",
    "spark/added_parquet",
    "java/defaults",
    "java/equality_deletes_avro",
    "java/nanoseconds_avro",
    "java/nanoseconds_parquet",
    "java/unknown",
    "spark/nested_v1",
    "spark/nested_v3",
    "spark/partitioned_v1",
    "spark/partitioned_v3",
    "spark/position_deletes_avro",
    "spark/position_deletes_orc",
    "spark/schema_evolution_v1",
    "spark/schema_evolution_v3",
    "spark/spec_evolution_v1",
    "spark/types_orc",
    "spark/types_v1",
    "spark/types_v3",
    "spark/upgraded_1_to_3",
    "spark/variant",
    "spark/variant_shredded",
}
# What floe reads wrong: the values of rows that are older than a column with a default.
WRONG = {"java/defaults"}


@contextmanager
def refusal(name: str) -> Iterator[None]:
    """Let pass that what REFUSED names is refused."""
    try:
        yield
    except (UnsupportedError, CorruptFileError):
        if name not in REFUSED:
            raise
    except AssertionError:
        if name not in WRONG:
            raise


@pytest.mark.parametrize("name", names())
def test_rows_are_as_their_writer_reads_them(name: str, tmp_path: Path) -> None:
    vector = load_vector(name)
    catalog = open_catalog(tmp_path)
    with refusal(name):
        table = register(catalog, tmp_path / "catalog.db", vector.metadata)
        assert canonical_rows(table.scan().to_arrow()) == vector.rows


@pytest.mark.parametrize("name", names_with_lineage())
def test_the_lineage_of_rows_is_as_their_writer_reads_it(name: str, tmp_path: Path) -> None:
    vector = load_vector(name)
    catalog = open_catalog(tmp_path)
    with refusal(name):
        table = register(catalog, tmp_path / "catalog.db", vector.metadata)
        columns = tuple(vector.row_lineage[0])
        rows = table.scan(selected_fields=columns).to_arrow().to_pylist()
        in_order = sorted(rows, key=lambda row: (row["id"] is None, row["id"], row["_row_id"]))
        assert in_order == sorted(
            vector.row_lineage, key=lambda row: (row["id"] is None, row["id"], row["_row_id"])
        )
