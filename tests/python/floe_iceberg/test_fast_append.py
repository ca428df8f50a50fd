"""An append adds a manifest, and reads none of those that are there."""

from pathlib import Path

import pyarrow as pa
import pytest
from hidden_manifests import hidden_manifests

from floe_core.errors import FloeStorageError
from floe_iceberg import load_catalog

ROWS = pa.table({"id": pa.array([1, 2], pa.int64())})


@pytest.mark.parametrize("partitioned", [False, True])
def test_an_append_reads_no_manifest(tmp_path: Path, *, partitioned: bool) -> None:
    given = {"uri": f"sqlite:///{tmp_path}/c.db", "warehouse": tmp_path, "fsync": False}
    catalog = load_catalog("dev", **given)
    catalog.create_namespace("db")
    table = catalog.create_table(
        "db.t", ROWS.schema, partition_spec=["bucket(4, id)"] if partitioned else []
    )
    for _ in range(3):
        table.append(ROWS)
    # One who knows nothing of the table yet, and one who wrote it.
    for writer in (load_catalog("dev", **given), catalog):
        fresh = writer.load_table("db.t")
        with hidden_manifests(fresh):
            fresh.append(ROWS)
            with pytest.raises(FloeStorageError):
                fresh.overwrite(ROWS)  # what reads manifests can't do without them
    assert catalog.load_table("db.t").scan().to_arrow().num_rows == 10
