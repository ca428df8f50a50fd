"""Who reads what who writes: each cell compares every row with what was written.

docs/interop.json has what came out: "ok", or the error of the engine that can't do it. A cell that
comes out otherwise, better or worse, fails; FLOE_REWRITE_GOLDEN=1 writes the file anew, and
tools/make_docs.py makes docs/interop.md of it.
"""

import fcntl
import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from canonical_rows import canonical_rows
from lake import Lake
from matrix_cases import FEATURES, Case
from matrix_engines import READERS, READERS_APART, WRITERS, make_writer

GOLDEN = Path(__file__).resolve().parents[2] / "docs" / "interop.json"
OK = "ok"
LONGEST = 160

Outcomes = dict[str, str]


class Cells(NamedTuple):
    """A row of the matrix: a case, its writer, and all readers."""

    feature: str
    case: str
    writer: str
    version: int

    @property
    def id(self) -> str:
        return f"{self.feature}: {self.case}, by {self.writer} v{self.version}"


def _all_cells() -> list[Cells]:
    return [
        Cells(feature, name, writer, version)
        for feature, cases in FEATURES.items()
        for name, case in cases.items()
        for writer, versions in WRITERS.items()
        for version in versions
        if version in case.versions and (feature != "Equality deletes" or writer == "spark")
    ]


def outcome_of(error: Exception, folder: Path) -> str:
    """Return an error's class and first line, without what differs from run to run."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    text = text.replace(str(folder), "…")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}[0-9a-f-]{22,}", "…", text)
    text = re.sub(r"\d{7,}|0x[0-9a-f]+|\b\d{5}-\d+-", "…", text)
    text = re.sub(r"…+|(?<= at \$: ).*", "…", text)
    name = type(error).__name__
    text = text if name == "SparkError" else f"{name}: {text}"
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def by_id(rows: pa.Table, ids: list[int]) -> pa.Table:
    wanted = [id_ in ids for id_ in rows["id"].to_pylist()]
    return rows.filter(pa.array(wanted))


def read_outcome(lake: Lake, reader: str, case: Case, expected: pa.Table) -> str:
    """Read the whole table, and what the filters match."""
    readers = READERS_APART if case.aborts_duckdb else READERS
    questions = [(None, expected)]
    for where, ids in zip(case.filters, case.matching, strict=True):
        questions.append((where, by_id(expected, ids)))
    for where, wanted in questions:
        found = readers[reader](lake, where)
        rows = canonical_rows(found) if isinstance(found, pa.Table) else found
        if rows != canonical_rows(wanted):
            return f"wrong rows where {where}" if where else "wrong rows"
    return OK


def try_cells(lake: Lake, cells: Cells, folder: Path) -> Outcomes:
    """Write the case's history, and let every engine read it."""
    case = FEATURES[cells.feature][cells.case]
    writer = make_writer(lake, cells.writer)
    try:
        writer.create(case, cells.version)
        for step in case.steps:
            writer.do(step)
    except Exception as error:  # noqa: BLE001 - the engine's own, and recorded
        return {"write": outcome_of(error, folder)}
    outcomes = {}
    for reader in READERS:
        if reader == "java" and not case.java:
            continue
        try:
            outcomes[reader] = read_outcome(lake, reader, case, writer.rows(case.expected))
        except Exception as error:  # noqa: BLE001 - the engine's own, and recorded
            outcomes[reader] = outcome_of(error, folder)
    return outcomes


def _record(cells: Cells, outcomes: Outcomes) -> None:
    folder = os.open(GOLDEN.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
        place = golden.setdefault(cells.feature, {}).setdefault(cells.case, {})
        place[f"{cells.writer} v{cells.version}"] = outcomes
        GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    finally:
        os.close(folder)


def test_floe_reads_nothing_wrong() -> None:
    """What floe can't do it refuses, whoever wrote the table."""
    golden = json.loads(GOLDEN.read_text())
    for feature, cases in golden.items():
        for case, writers in cases.items():
            for writer, outcomes in writers.items():
                found = outcomes.get("floe", OK)
                assert found == OK or found.startswith("UnsupportedError: "), (
                    feature,
                    case,
                    writer,
                )


@pytest.mark.slow
@pytest.mark.parametrize("cells", _all_cells(), ids=lambda cells: cells.id)
def test_every_engine_reads_every_row(cells: Cells, lake: Lake, tmp_path: Path) -> None:
    lake.floe.catalog.create_namespace("db")
    outcomes = try_cells(lake, cells, tmp_path)
    if "FLOE_REWRITE_GOLDEN" in os.environ:
        _record(cells, outcomes)
        return
    golden: Any = json.loads(GOLDEN.read_text())
    assert outcomes == golden[cells.feature][cells.case][f"{cells.writer} v{cells.version}"]
