"""Programs that end while threads of theirs are within the engine."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import itertools, sys, threading
import pyarrow as pa
from floe_iceberg import load_catalog

catalog = load_catalog("c", uri="sqlite:///c.db", warehouse="w")
catalog.create_namespace("n")
rows = pa.record_batch({"a": pa.array(range(1000), pa.int64())})
table = catalog.create_table("n.t", rows.schema)
table.append(rows)
is_busy = threading.Event()

def append():
    for _ in itertools.count():
        table.append(rows)
        is_busy.set()

def scan():
    for _ in itertools.count():
        # Not by a reader of pyarrow, which itself aborts a process that ends within it.
        assert catalog.load_table("n.t").scan("a < 500").count() == 500
        is_busy.set()

def iterate():
    def batches():
        for count in itertools.count():
            if count == 10:
                is_busy.set()
            yield rows
    table.append(batches())

for _ in range(2):
    threading.Thread(target=globals()[sys.argv[1]], daemon=True).start()
assert is_busy.wait(60)
print("done")
"""


@pytest.mark.parametrize("work", ["append", "scan", "iterate"])
def test_a_program_ends_in_peace_beside_threads_within_the_engine(
    tmp_path: Path, work: str
) -> None:
    for _ in range(3):  # it matters what a thread is at when the interpreter ends
        for path in tmp_path.glob("c.db*"):
            path.unlink()
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, work],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
