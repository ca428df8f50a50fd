"""Dagster's assets in each kind of catalog, with the same fields of the I/O manager."""

from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from catalog_kinds import SEEN_BY_OTHERS, Place

from floe_orchestrator_dagster import IcebergIOManager

DAYS = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset(key=["lake", "parts"], partitions_def=DAYS, metadata={"iceberg_partition_column": "part"})
def parts(context: dg.AssetExecutionContext) -> pa.Table:
    return pa.table({"part": [context.partition_key] * 2, "number": [1, 2]})


@dg.asset(key=["lake", "sums"], ins={"parts": dg.AssetIn(["lake", "parts"])})
def sums(parts: pa.Table) -> pa.Table:
    return pa.table({"rows": [parts.num_rows]})


@pytest.mark.parametrize("place", SEEN_BY_OTHERS, indirect=True)
def test_assets_go_in_and_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = place.open()
    for name, value in place.properties.items():  # what the I/O manager has no field for
        if name.startswith("oauth2-server-uri"):
            variable = name.upper().replace(".", "__").replace("-", "_")
            monkeypatch.setenv(f"FLOE_CATALOG__TEST__{variable}", value)
    client_id, _, client_secret = place.properties.get("credential", "").partition(":")
    storage: dict[str, Any] = {
        name.replace(".", "_").replace("-", "_"): str(value)
        for name, value in place.properties.items()
        if name.startswith(("s3.", "gcs.", "adls."))
    }
    io_manager = IcebergIOManager(
        catalog_uri=place.properties["uri"],
        warehouse=str(place.properties.get("warehouse", tmp_path)),
        catalog_name="test",
        client_id=client_id or None,
        client_secret=client_secret or None,
        scope=place.properties.get("scope"),
        **storage,
    )
    with dg.DagsterInstance.ephemeral() as instance:
        for part in ("a", "b", "a"):
            dg.materialize(
                [parts],
                partition_key=part,
                resources={"io_manager": io_manager},
                instance=instance,
            )
        dg.materialize(
            [parts, sums],
            selection=[sums],
            resources={"io_manager": io_manager},
            instance=instance,
        )
    rows = catalog.load_table("lake.parts").scan().to_arrow()
    assert sorted(rows["part"].to_pylist()) == ["a", "a", "b", "b"]
    assert catalog.load_table("lake.sums").scan().to_arrow()["rows"].to_pylist() == [4]
