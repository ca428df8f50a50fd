"""Many processes on one table: what was returned is there once, what was raised is not."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from children import DEADLINE_SECONDS, start
from warehouse import data_files, make_catalog, open_catalog

WRITER = """
import json, sys
from pathlib import Path
import pyarrow as pa
from floe_core.errors import CommitConflictError
from warehouse import open_catalog

folder, writer, appends = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
table = open_catalog(folder).load_table("db.t")
print("ready", flush=True)
sys.stdin.readline()
outcome = {"returned": [], "raised": []}
for i in range(appends):
    id_ = writer * 1000 + i
    rows = pa.table({"id": pa.array([id_], pa.int64()), "writer": pa.array([writer], pa.int32())})
    try:
        WRITE
        outcome["returned"].append(id_)
    except CommitConflictError:
        outcome["raised"].append(id_)
        table.refresh()
print(json.dumps(outcome), flush=True)
"""

SCHEMA = pa.schema([("id", pa.int64()), ("writer", pa.int32())])


def run_writers(folder: Path, write: str, writers: int, writes: int) -> list[dict[str, Any]]:
    """Let writers begin together; return what each says of its writes."""
    code = WRITER.replace("WRITE", write)
    children = [
        start(code, str(folder), str(number), str(writes), stdin=-1) for number in range(writers)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    outcomes = []
    for child in children:
        out, errors = child.communicate(timeout=DEADLINE_SECONDS)
        assert child.returncode == 0, errors
        outcomes.append(json.loads(out))
    return outcomes


@pytest.mark.slow
@pytest.mark.parametrize(("retries", "min_wait_ms"), [(19, 5), (0, 1)])
@pytest.mark.requirement("T-FR-026", "T-FR-027", "T-FR-028", "T-FR-029", "T-SC-006")
def test_eight_processes_append(tmp_path: Path, retries: int, min_wait_ms: int) -> None:
    table = make_catalog(tmp_path).create_table(
        "db.t",
        SCHEMA,
        properties={
            "commit.retry.num-retries": retries,
            "commit.retry.min-wait-ms": min_wait_ms,
            "commit.retry.max-wait-ms": 200,
        },
    )
    outcomes = run_writers(tmp_path, "table.append(rows)", writers=8, writes=25)
    returned = sorted(id_ for outcome in outcomes for id_ in outcome["returned"])
    raised = sorted(id_ for outcome in outcomes for id_ in outcome["raised"])
    assert len(returned) + len(raised) == 200
    assert len(returned) >= 25
    assert sorted(table.refresh().scan().to_arrow()["id"].to_pylist()) == returned
    assert len(table.snapshots()) == len(table.history()) == len(returned)
    assert len(data_files(table)) == len(returned)
    sequence = [snapshot.sequence_number for snapshot in table.snapshots()]
    assert sequence == list(range(1, len(returned) + 1))
    parents = [snapshot.parent_snapshot_id for snapshot in table.snapshots()]
    assert parents == [None, *(snapshot.snapshot_id for snapshot in table.snapshots()[:-1])]


@pytest.mark.slow
@pytest.mark.requirement("T-FR-028", "T-SC-006")
def test_processes_that_replace_different_partitions_do_not_conflict(tmp_path: Path) -> None:
    catalog = make_catalog(tmp_path)
    table = catalog.create_table(
        "db.t",
        SCHEMA,
        partition_spec=["writer"],
        properties={"commit.retry.num-retries": 50, "commit.retry.min-wait-ms": 5},
    )
    outcomes = run_writers(
        tmp_path, "table.dynamic_partition_overwrite(rows)", writers=4, writes=10
    )
    assert [outcome["raised"] for outcome in outcomes] == [[]] * 4
    rows = table.refresh().scan().to_arrow().sort_by("writer").to_pylist()
    assert rows == [{"id": writer * 1000 + 9, "writer": writer} for writer in range(4)]
    assert len(table.snapshots()) == 40


def test_one_of_two_processes_that_replace_the_same_partition_is_told(tmp_path: Path) -> None:
    catalog = make_catalog(tmp_path)
    table = catalog.create_table("db.t", SCHEMA, properties={"commit.retry.min-wait-ms": 1})
    outcomes = run_writers(tmp_path, "table.overwrite(rows)", writers=2, writes=5)
    returned = [id_ for outcome in outcomes for id_ in outcome["returned"]]
    assert len(table.refresh().snapshots()) == len(returned)
    (left,) = table.scan().to_arrow()["id"].to_pylist()
    assert left in [outcome["returned"][-1] for outcome in outcomes if outcome["returned"]]


@pytest.mark.requirement("S-FR-015", "T-FR-016")
def test_processes_race_to_create_a_table(tmp_path: Path) -> None:
    make_catalog(tmp_path).create_table("db.t", SCHEMA)
    write = "table = open_catalog(folder).create_table_if_not_exists(f'db.n{i}', rows.schema)"
    outcomes = run_writers(tmp_path, write, writers=3, writes=5)
    assert [len(outcome["returned"]) for outcome in outcomes] == [5] * 3
    catalog = open_catalog(tmp_path)
    assert [name for _, name in catalog.list_tables("db")] == [*(f"n{i}" for i in range(5)), "t"]
    for i in range(5):
        assert catalog.load_table(f"db.n{i}").scan().count() == 0
