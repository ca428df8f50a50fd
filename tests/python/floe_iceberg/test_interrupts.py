"""Ctrl-C in the middle of an engine call ends it, and leaves nothing in the table."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from children import output_of
from warehouse import data_files, make_catalog, make_table, open_catalog

# Each call would go on for minutes. The signal comes once it is under way: a thread waits for its
# trace, such as a new file.
WRITE = """
import json, os, signal, sys, threading, time
from pathlib import Path
import pyarrow as pa
from warehouse import data_files, open_catalog

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
folder, write, form = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
table = open_catalog(folder).load_table("db.t")
before = set(data_files(table))
rows = 50_000
part = pa.table({"id": pa.array(range(rows)), "name": [f"name {i * 7919}" for i in range(rows)]})

def endless():
    while True:
        yield part

def interrupt():
    while set(data_files(table)) == before:
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGINT)

data = endless() if form == "generator" else pa.concat_tables([part] * 20_000)
threading.Thread(target=interrupt, daemon=True).start()
try:
    getattr(table, write)(data)
    outcome = "finished"
except KeyboardInterrupt:
    outcome = "interrupted"
left = len(set(data_files(table)) - before)
table.append(part.slice(0, 1))
print(json.dumps([outcome, left, table.scan().count()]))
"""


@pytest.mark.parametrize("form", ["generator", "table"])
@pytest.mark.parametrize("write", ["append", "overwrite", "dynamic_partition_overwrite"])
@pytest.mark.requirement("T-FR-026")
def test_a_write_ends_and_leaves_nothing(tmp_path: Path, write: str, form: str) -> None:
    rows = pa.table({"id": range(10), "name": [str(i) for i in range(10)]})
    table = make_table(
        make_catalog(tmp_path),
        rows,
        partition_spec=["bucket(2, id)"] if write[0] == "d" else [],
        properties={"write.parquet.row-group-limit": 100_000},
    )
    outcome: list[Any] = json.loads(output_of(WRITE, str(tmp_path), write, form))
    assert outcome == ["interrupted", 0, 11]
    assert len(table.refresh().snapshots()) == 2
    assert table.scan().to_arrow().num_rows == 11


READ = """
import json, os, signal, sys, threading, time
from pathlib import Path
import pyarrow as pa
from warehouse import open_catalog

signal.signal(signal.SIGINT, signal.default_int_handler)
table = open_catalog(Path(sys.argv[1])).load_table("db.t")
slow = table.scan("name <> 'n5'", options={"threads": int(sys.argv[3]), "batch_rows": 1})
calls = {
    "count": slow.count,
    "to_arrow": slow.to_arrow,
    "stream": lambda: sum(1 for batch in slow.to_arrow_batch_reader()),
}
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    calls[sys.argv[2]]()
    outcome = "finished"
except KeyboardInterrupt:
    outcome = "interrupted"
print(json.dumps([outcome, table.scan().count()]))
"""


@pytest.mark.parametrize("threads", [1, 0])
@pytest.mark.parametrize("call", ["count", "to_arrow", "stream"])
def test_a_read_ends_and_the_table_reads_on(tmp_path: Path, call: str, threads: int) -> None:
    rows = pa.table({"name": pa.array(["n1", "n9"] * 500_000)})
    table = make_table(make_catalog(tmp_path), pa.concat_tables([rows] * 5))
    outcome: list[Any] = json.loads(output_of(READ, str(tmp_path), call, str(threads)))
    assert outcome == ["interrupted", 5_000_000]
    assert len(data_files(table)) == 1


HANDLER = """
import json, os, signal, sys, threading
from pathlib import Path
from warehouse import open_catalog

class Stop(Exception):
    pass

def stop(number, frame):
    raise Stop("own words")

signal.signal(signal.SIGUSR1, stop)
table = open_catalog(Path(sys.argv[1])).load_table("db.t")
scan = table.scan("name <> 'n5'", options={"batch_rows": 1})
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
try:
    scan.count()
except Stop as error:
    print(error)
"""


def test_what_a_signal_handler_raises_comes_out_of_the_call(tmp_path: Path) -> None:
    rows = pa.table({"name": pa.array(["n1", "n9"] * 500_000)})
    make_table(make_catalog(tmp_path), pa.concat_tables([rows] * 5))
    assert output_of(HANDLER, str(tmp_path)) == "own words\n"
    assert open_catalog(tmp_path).load_table("db.t").scan().count() == 5_000_000
