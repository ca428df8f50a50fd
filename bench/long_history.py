"""Makes a table of 100 columns whose metadata file tells of very many snapshots."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

import floe_iceberg

__all__ = ["make_long_history"]

COLUMNS = 100
# As streaming writers keep their offsets: about 5 KB for each snapshot.
OFFSETS = 80
FIRST_ID = 10**18
FIRST_MS = 1_700_000_000_000


def _snapshot(number: int, folder: str, offset_count: int) -> dict[str, Any]:
    offsets = {
        f"stream.offset.partition-{p:04d}": f"{number * 7919 + p:020d}" for p in range(offset_count)
    }
    totals = {f"total-{what}": str(number) for what in ("records", "data-files", "files-size")}
    snapshot = {
        "snapshot-id": FIRST_ID + number,
        "sequence-number": number + 1,
        "timestamp-ms": FIRST_MS + number * 1000,
        "manifest-list": f"{folder}/snap-{FIRST_ID + number}-0-{number:032x}.avro",
        "summary": {"operation": "append", "added-records": "1", **totals, **offsets},
        "schema-id": 0,
    }
    return {**snapshot, "parent-snapshot-id": FIRST_ID + number - 1} if number else snapshot


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def make_long_history(
    catalog: floe_iceberg.Catalog, database: Path, snapshots: int, *, offsets: int = OFFSETS
) -> None:
    """Create `bench.t` and point the catalog to metadata with `snapshots` made-up snapshots."""
    types = (pa.int64(), pa.string(), pa.float64(), pa.timestamp("us", "UTC"))
    schema = pa.schema((f"column_{i}", types[i % len(types)]) for i in range(COLUMNS))
    table = catalog.create_table("bench.t", schema)
    file = Path(table.metadata_location.removeprefix("file://"))
    last = FIRST_ID + snapshots - 1
    metadata = {
        **json.loads(file.read_text()),
        "last-sequence-number": snapshots,
        "last-updated-ms": FIRST_MS + snapshots * 1000,
        "current-snapshot-id": last,
        "refs": {"main": {"snapshot-id": last, "type": "branch"}},
        "snapshots": [],
        "snapshot-log": [
            {"timestamp-ms": FIRST_MS + n * 1000, "snapshot-id": FIRST_ID + n}
            for n in range(snapshots)
        ],
    }
    grown = file.with_name("00001-long-history.metadata.json")
    folder = f"file://{file.parent}"
    before, after = _compact(metadata).split('"snapshots":[]')
    with grown.open("w") as out:  # snapshot by snapshot: all of them would take gigabytes
        out.write(f'{before}"snapshots":[')
        for n in range(snapshots):
            out.write("," * (n > 0) + _compact(_snapshot(n, folder, offsets)))
        out.write(f"]{after}")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update iceberg_tables set metadata_location = ?", [f"file://{grown}"])
