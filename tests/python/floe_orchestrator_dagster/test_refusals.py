from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, returning

from floe_core.errors import CatalogConnectionError, InvalidArgumentError
from floe_orchestrator_dagster import IcebergIOManager

ROWS = pa.table({"id": [1]})
DAYS = dg.DailyPartitionsDefinition("2024-01-01")


@pytest.mark.parametrize(
    "fields",
    [
        {"client_id": "a", "client_secret": "b"},
        {"token": "t"},
        {"scope": "PRINCIPAL_ROLE:ALL"},
    ],
)
def test_credentials_are_for_rest_catalogs(store: AssetStore, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        store.materialize(returning(ROWS), io=fields)
    assert str(raised.value).startswith(f"{', '.join(fields)} are for REST catalogs, and ")


def test_a_client_without_its_secret_is_refused(store: AssetStore) -> None:
    with pytest.raises(InvalidArgumentError, match="client_id is given without client_secret"):
        store.materialize(
            returning(ROWS), io={"catalog_uri": "http://localhost:1/api", "client_id": "a"}
        )


def test_a_rest_catalog_that_does_not_answer_is_named(store: AssetStore) -> None:
    fields = {"catalog_uri": "http://localhost:1/api", "token": "marked-secret"}
    with pytest.raises(CatalogConnectionError, match=r"http://localhost:1/api") as raised:
        store.materialize(returning(ROWS), io=fields)
    assert "marked-secret" not in str(raised.value)


def test_a_database_that_ends_with_its_process_is_refused(store: AssetStore) -> None:
    with pytest.raises(InvalidArgumentError, match=r"a database in memory.*give a file"):
        store.materialize(returning(ROWS), io={"catalog_uri": "sqlite:///:memory:"})


def test_a_catalog_that_cannot_be_opened_is_named(store: AssetStore) -> None:
    with pytest.raises(CatalogConnectionError, match=r"/proc/nowhere/catalog\.db"):
        store.materialize(returning(ROWS), io={"catalog_uri": "sqlite:////proc/nowhere/catalog.db"})


@pytest.mark.parametrize("field", ["client_secret", "token", "s3_secret_access_key"])
def test_secrets_are_marked_as_such_for_dagster(field: str) -> None:
    schema = IcebergIOManager.to_config_schema().as_field().config_type
    assert schema.fields[field].is_secret
    assert not schema.fields["catalog_uri"].is_secret


@pytest.mark.parametrize("key", ["iceberg_table", "iceberg_namespace", "iceberg_partition_column"])
def test_an_output_cannot_move_its_asset(store: AssetStore, key: str) -> None:
    value = dg.Output(ROWS, metadata={key: "other"})
    with pytest.raises(InvalidArgumentError, match=f"asset db/t sets {key} with its output; put"):
        store.materialize(returning(value))


def test_a_partitioned_asset_is_not_stored_without_a_partition(store: AssetStore) -> None:
    asset = returning(ROWS, partitions_def=DAYS, metadata={"iceberg_partition_column": "id"})
    with pytest.raises(InvalidArgumentError, match="this run is for none of its partitions"):
        store.materialize(asset, io={"write_mode": "overwrite"})


def test_a_column_of_partitions_that_is_missing_is_named(store: AssetStore) -> None:
    asset = returning(ROWS, partitions_def=DAYS, metadata={"iceberg_partition_column": "ts"})
    with pytest.raises(InvalidArgumentError, match="no column 'ts' in the schema") as raised:
        store.materialize(asset, partition_key="2024-01-01")
    assert raised.value.__notes__ == ["asset db/t, table db.t, partition 2024-01-01"]
    assert store.catalog.list_namespaces() == []


@pytest.mark.parametrize("key", ["dagster.run-id", "dagster.step-key"])
def test_snapshot_properties_of_floe_are_not_an_asset_s_to_set(store: AssetStore, key: str) -> None:
    asset = returning(ROWS, metadata={"iceberg_snapshot_props": {key: "x"}})
    with pytest.raises(InvalidArgumentError, match=f"sets snapshot properties {key}, which floe"):
        store.materialize(asset)


def test_snapshot_properties_of_the_commit_are_not_an_asset_s_to_set(store: AssetStore) -> None:
    asset = returning(ROWS, metadata={"iceberg_snapshot_props": {"added-records": 5}})
    with pytest.raises(InvalidArgumentError, match="added-records"):
        store.materialize(asset)
