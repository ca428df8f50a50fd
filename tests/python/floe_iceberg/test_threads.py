"""Tables and catalogs used by many threads, and the engine beside Python's threads."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from children import output_of
from warehouse import make_table

from floe_iceberg import Catalog, Table

THREADS = 8
QUICK_RETRIES = {
    "commit.retry.num-retries": 1000,
    "commit.retry.min-wait-ms": 1,
    "commit.retry.max-wait-ms": 20,
}


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in all threads at once; return what each returned."""
    start = threading.Barrier(THREADS)

    def begin(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


def row(id_: int) -> pa.Table:
    return pa.table({"id": pa.array([id_], pa.int64())})


@pytest.mark.requirement("T-FR-026", "T-FR-028")
def test_threads_append_through_one_handle_and_see_their_own_rows(catalog: Catalog) -> None:
    table = catalog.create_table("db.t", row(0).schema, properties=QUICK_RETRIES)
    states: list[list[int]] = [[] for _ in range(THREADS)]

    def append_some(number: int) -> None:
        for i in range(5):
            id_ = number * 5 + i
            table.append(row(id_))
            assert table.scan(f"id = {id_}").count() == 1
            states[number].append(table.last_sequence_number)

    in_threads(append_some)
    assert sorted(table.scan().to_arrow()["id"].to_pylist()) == list(range(5 * THREADS))
    assert len(table.snapshots()) == 5 * THREADS
    for seen in states:
        assert seen == sorted(seen)


def test_a_handle_never_goes_back_to_an_older_state(catalog: Catalog) -> None:
    table = make_table(catalog, row(0))
    older = table._native
    table.append(row(1))
    newer = table._native
    table._move_to(older)  # as the slower of two threads does
    assert table._native is newer
    catalog.drop_table("db.t")
    again = make_table(catalog, row(7))
    table._move_to(again._native)  # another table of that name is no older state
    assert table.uuid == again.uuid


def test_threads_read_through_one_scan(catalog: Catalog) -> None:
    rows = pa.table({"id": range(20_000), "name": [f"n{i}" for i in range(20_000)]})
    table = make_table(catalog, rows, partition_spec=["bucket(4, id)"])
    scan = table.scan("id >= 100")
    expected = scan.to_arrow()

    def read(number: int) -> bool:
        if number % 2:
            return scan.count() == 19_900 and len(scan.plan_files()) == 4
        return scan.to_arrow().equals(expected)

    assert in_threads(read) == [True] * THREADS


def test_threads_race_to_create_a_table(catalog: Catalog) -> None:
    tables = in_threads(lambda _: catalog.create_table_if_not_exists("db.t", row(0).schema))
    assert len({table.uuid for table in tables}) == 1
    assert catalog.list_tables("db") == [("db", "t")]


def test_readers_of_one_scan_in_two_threads_end_when_they_are_dropped(catalog: Catalog) -> None:
    table = make_table(catalog, pa.table({"id": range(200_000)}))
    readers = [table.scan(options={"batch_rows": 1000}).to_arrow_batch_reader() for _ in range(2)]
    assert [reader.read_next_batch().num_rows for reader in readers] == [1000, 1000]
    del readers[0]
    assert sum(batch.num_rows for batch in readers[0]) == 199_000


class Counter(threading.Thread):
    """Counts in Python for as long as it lives."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.count = 0
        self.ends = False

    def run(self) -> None:
        while not self.ends:
            self.count += 1
            time.sleep(0)


CALLS: dict[str, Callable[[Table, pa.Table], Any]] = {
    "count": lambda t, _: t.scan("name <> 'n5'", options={"batch_rows": 16}).count(),
    "to_arrow": lambda t, _: t.scan(options={"batch_rows": 16}).to_arrow(),
    "append": lambda t, rows: t.append(rows),
    "overwrite": lambda t, rows: t.overwrite(rows),
    "consumer of the stream": lambda t, _: pa.table(t.scan(options={"batch_rows": 16})),
}


@pytest.mark.parametrize("call", CALLS)
def test_python_goes_on_while_the_engine_works(catalog: Catalog, call: str) -> None:
    rows = pa.table({"id": range(300_000), "name": [f"n{i}" for i in range(300_000)]})
    table = make_table(catalog, rows)
    counter = Counter()
    counter.start()
    while counter.count == 0:
        time.sleep(0)
    before = counter.count
    CALLS[call](table, rows)
    during = counter.count - before
    counter.ends = True
    counter.join()
    assert during > 100


FORK = """
import json, multiprocessing, sys
from pathlib import Path
import pyarrow as pa
from warehouse import make_catalog, make_table

def work(table, catalog, number, results):
    table.append(pa.table({"id": [number]}))
    results.put([
        number,
        table.scan(f"id = {number}").to_arrow().num_rows,
        catalog.load_table("db.t").scan("id >= 1000").count(),
        pa.RecordBatchReader.from_stream(table.scan("id < 1000")).read_all().num_rows,
    ])

catalog = make_catalog(Path(sys.argv[1]))
table = make_table(catalog, pa.table({"id": range(1000)}), partition_spec=["bucket(8, id)"],
                   properties={"commit.retry.min-wait-ms": 1})
assert table.scan("id >= 0").to_arrow().num_rows == 1000  # the engine's threads are up
fork = multiprocessing.get_context("fork")
results = fork.Queue()
children = [fork.Process(target=work, args=(table, catalog, n, results)) for n in (2000, 3000)]
for child in children:
    child.start()
table.append(pa.table({"id": [4000]}))
found = sorted(results.get(timeout=60) for _ in children)
for child in children:
    child.join()
print(json.dumps({
    "found": found,
    "exits": [child.exitcode for child in children],
    "ids": sorted(table.refresh().scan("id >= 1000").to_arrow()["id"].to_pylist()),
}))
"""


def test_forked_children_go_on_with_what_the_parent_opened(tmp_path: Path) -> None:
    outcome = json.loads(output_of(FORK, str(tmp_path)))
    assert outcome["exits"] == [0, 0]
    assert outcome["ids"] == [2000, 3000, 4000]
    for number, own, all_new, old in outcome["found"]:
        assert (number in (2000, 3000), own, old) == (True, 1, 1000)
        assert 1 <= all_new <= 3
