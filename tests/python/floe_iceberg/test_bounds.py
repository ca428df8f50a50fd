"""What a scan reads from files, and what a write keeps in memory, as the system counts them."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from children import output_of
from warehouse import data_files, make_catalog, make_table

READ = """
import json, sys
from pathlib import Path
from warehouse import open_catalog

def bytes_read():
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(lines[0].removeprefix("rchar: "))

scan = open_catalog(Path(sys.argv[1])).load_table("db.t").scan(
    sys.argv[2], selected_fields=json.loads(sys.argv[3])
)
scan.to_arrow()  # loads modules, too
before = bytes_read()
rows = scan.to_arrow().num_rows
print(json.dumps([rows, bytes_read() - before]))
"""
COLUMNS = 16
ROWS = 100_000


def read(folder: Path, columns: list[str], row_filter: str = "true") -> tuple[int, int]:
    rows, bytes_ = json.loads(output_of(READ, str(folder), row_filter, json.dumps(columns)))
    return rows, bytes_


@pytest.mark.slow
@pytest.mark.requirement("S-FR-022", "S-FR-023", "S-SC-004")
def test_bytes_read_fall_with_columns_and_row_groups(tmp_path: Path) -> None:
    columns = {f"c{i}": [(j * 2654435761 + i) % 2**40 for j in range(ROWS)] for i in range(COLUMNS)}
    rows = pa.table({"id": range(ROWS), **columns})
    properties = {"write.parquet.row-group-limit": ROWS // 10}
    table = make_table(make_catalog(tmp_path), rows, properties=properties)
    (file,) = data_files(table)
    size = file.stat().st_size
    found, everything = read(tmp_path, ["*"])
    assert found == ROWS
    assert 0.9 * size < everything < 1.1 * size
    for number in (1, 4):
        found, bytes_ = read(tmp_path, [f"c{i}" for i in range(number)])
        assert found == ROWS
        assert bytes_ < size * (number + 1) / COLUMNS
    found, bytes_ = read(tmp_path, ["*"], f"id < {ROWS // 10}")
    assert found == ROWS // 10
    assert bytes_ < size * 2 / 10


WRITE = """
import json, os, resource, sys
from pathlib import Path
import pyarrow as pa
from warehouse import make_catalog

MIB = 2**20

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // MIB

def batches(count):
    for i in range(count):
        yield pa.table({"k": [i % 4] * 1024, "b": [os.urandom(8192) for _ in range(1024)]})

catalog = make_catalog(Path(sys.argv[1]))
schema = pa.schema([("k", pa.int64()), ("b", pa.binary())])
table = catalog.create_table("db.t", schema, partition_spec=json.loads(sys.argv[2]))
table.append(batches(2), memory_bytes=32 * MIB)
before = peak()
table.append(batches(48), memory_bytes=32 * MIB)
written = peak() - before
rows = sum(
    batch.num_rows
    for batch in table.scan(options={"memory_bytes": 32 * MIB}).to_arrow_batch_reader()
)
print(json.dumps([rows, written, peak() - before]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("terms", [[], ["k"]], ids=["whole", "partitioned"])
@pytest.mark.requirement("Edge: write larger than memory")
def test_a_write_larger_than_its_memory_is_streamed(tmp_path: Path, terms: list[str]) -> None:
    rows, written, read_back = json.loads(output_of(WRITE, str(tmp_path), json.dumps(terms)))
    assert rows == 50 * 1024
    assert written < 250  # MiB, of 384
    assert read_back < 250
