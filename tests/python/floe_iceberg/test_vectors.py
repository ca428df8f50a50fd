"""Tables that other engines wrote: every row is as they read it (tests/vectors)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from canonical_rows import canonical_rows
from warehouse import open_catalog

from floe_core.errors import CorruptFileError, UnsupportedError
from vectors import load_vector, names, register

# What floe does not read yet. The list must only shrink.
REFUSED = {
    "java/defaults": "has Iceberg format version 3",
    "java/equality_deletes_avro": "has row-level deletes",
    "java/equality_deletes_parquet": "has row-level deletes",
    "java/nanoseconds_avro": "has Iceberg format version 3",
    "java/nanoseconds_parquet": "has Iceberg format version 3",
    "java/time_avro": "is of format AVRO",
    "java/unknown": "has Iceberg format version 3",
    "spark/avro_snappy": "is of format AVRO",
    "spark/avro_uncompressed": "is of format AVRO",
    "spark/avro_zstd": "is of format AVRO",
    "spark/deletion_vectors": "has Iceberg format version 3",
    "spark/deletion_vectors_by_partition": "has Iceberg format version 3",
    "spark/gzip_metadata": "corrupt JSON",
    "spark/manifests_snappy": "is compressed with Avro codec 'snappy'",
    "spark/manifests_zstd": "is compressed with Avro codec 'zstandard'",
    "spark/nested_avro": "is of format AVRO",
    "spark/nested_orc": "is of format ORC",
    "spark/nested_v1": "has Iceberg format version 1",
    "spark/nested_v3": "has Iceberg format version 3",
    "spark/partitioned_v1": "has Iceberg format version 1",
    "spark/partitioned_v3": "has Iceberg format version 3",
    "spark/position_deletes": "has row-level deletes",
    "spark/position_deletes_avro": "has row-level deletes",
    "spark/position_deletes_by_partition": "has row-level deletes",
    "spark/position_deletes_orc": "has row-level deletes",
    "spark/row_lineage_rewritten": "has Iceberg format version 3",
    "spark/schema_evolution_v1": "has Iceberg format version 1",
    "spark/schema_evolution_v3": "has Iceberg format version 3",
    "spark/spec_evolution_v1": "has Iceberg format version 1",
    "spark/types_avro": "is of format AVRO",
    "spark/types_orc": "is of format ORC",
    "spark/types_v1": "has Iceberg format version 1",
    "spark/types_v3": "has Iceberg format version 3",
    "spark/upgraded_1_to_3": "has Iceberg format version 3",
    "spark/uuid_and_fixed_avro": "is of format AVRO",
    "spark/uuid_and_fixed_orc": "is of format ORC",
    "spark/variant": "has Iceberg format version 3",
    "spark/variant_shredded": "has Iceberg format version 3",
}


@contextmanager
def refusal(name: str) -> Iterator[None]:
    """Let pass what is refused as REFUSED says."""
    try:
        yield
    except (UnsupportedError, CorruptFileError):
        if name not in REFUSED:
            raise


@pytest.mark.parametrize("name", names())
def test_rows_are_as_their_writer_reads_them(name: str, tmp_path: Path) -> None:
    vector = load_vector(name)
    catalog = open_catalog(tmp_path)
    with refusal(name):
        table = register(catalog, tmp_path / "catalog.db", vector.metadata)
        assert canonical_rows(table.scan().to_arrow()) == vector.rows
