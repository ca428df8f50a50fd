"""Tables that other engines wrote: every row is as they read it (tests/vectors)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from canonical_rows import canonical_rows
from warehouse import open_catalog

from floe_core.errors import UnsupportedError
from vectors import load_vector, names, names_with_lineage, register

# What floe does not read, and a part of what it says. The list must only shrink.
REFUSED = {
    # Arrow's reader of ORC holds timestamps as nanoseconds.
    "spark/types_orc": "has timestamps outside of the years 1678 to 2261",
}


@contextmanager
def refusal(name: str) -> Iterator[None]:
    """Expect what REFUSED names to be refused, and nothing else."""
    if name not in REFUSED:
        yield
        return
    with pytest.raises(UnsupportedError, match=REFUSED[name]):
        yield


# Those of variants are in test_variants.py.
@pytest.mark.parametrize("name", [name for name in names() if "variant" not in name])
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
