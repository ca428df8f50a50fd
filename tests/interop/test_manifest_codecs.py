"""Manifests in each Avro codec are read the same by floe and PyIceberg, whoever wrote them."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from lake import Lake

ROWS = pa.table({"id": pa.array(range(1000)), "name": [f"row {i}" for i in range(1000)]})
AVRO_NAMES = {
    "gzip": b"deflate",
    "zstd": b"zstandard",
    "snappy": b"snappy",
    "uncompressed": b"null",
}


def manifests(lake: Lake) -> Iterator[bytes]:
    """Yield the manifests of the table, the lists left out."""
    table = lake.pyiceberg.load("t")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    for manifest in snapshot.manifests(table.io):
        yield Path(manifest.manifest_path.removeprefix("file://")).read_bytes()


def codec_of(manifest: bytes) -> bytes:
    key = b"\x14avro.codec"
    at = manifest.index(key) + len(key)
    return manifest[at + 1 : at + 1 + manifest[at] // 2]


@pytest.mark.parametrize("codec", AVRO_NAMES)
def test_floe_writes_what_the_property_asks_for(lake: Lake, codec: str) -> None:
    lake.floe.create("t", ROWS.schema, [], {"write.manifest.compression-codec": codec})
    lake.floe.append("t", ROWS)
    lake.floe.append("t", ROWS)
    assert [codec_of(manifest) for manifest in manifests(lake)] == [AVRO_NAMES[codec]] * 2
    # PyIceberg needs a package for snappy that has no wheel of its own here.
    for reader in ("floe",) if codec == "snappy" else ("floe", "pyiceberg"):
        assert lake.engine(reader).read("t").num_rows == 2 * ROWS.num_rows


@pytest.mark.parametrize(
    ("codec", "avro_name"), [("gzip", b"deflate"), ("zstd", b"zstandard"), ("null", b"null")]
)
def test_floe_reads_what_pyiceberg_writes(lake: Lake, codec: str, avro_name: bytes) -> None:
    lake.pyiceberg.create("t", ROWS.schema, [], {"write.avro.compression-codec": codec})
    lake.pyiceberg.append("t", ROWS)
    assert [codec_of(manifest) for manifest in manifests(lake)] == [avro_name]
    assert lake.floe.read("t").sort_by("id") == ROWS
