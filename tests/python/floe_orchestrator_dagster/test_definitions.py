from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, returning

from floe_core.errors import InvalidArgumentError, UnsupportedError
from floe_orchestrator_dagster import IcebergIOManager, check_definitions, create_definitions

ROWS = pa.table({"id": [1]})
DAYS = dg.DailyPartitionsDefinition("2024-01-01")
GRID = dg.MultiPartitionsDefinition({"day": DAYS, "region": dg.StaticPartitionsDefinition(["eu"])})


def assets(*keys: Sequence[str]) -> list[dg.AssetsDefinition]:
    return [returning(ROWS, key) for key in keys]


def test_definitions_of_distinct_tables_load_and_run(store: AssetStore) -> None:
    definitions = create_definitions(
        assets=assets(["db", "a"], ["db", "b"]), resources={"io_manager": store.io_manager()}
    )
    job = definitions.resolve_implicit_global_asset_job_def()
    assert job.execute_in_process(instance=store.instance).success
    assert store.column("db.a", "id") == store.column("db.b", "id") == [1]


@pytest.mark.parametrize(
    ("keys", "metadata"),
    [
        ((["gold", "metrics", "daily"], ["gold", "metrics_daily"]), {}),
        ((["customers"], ["public", "customers"]), {}),
        ((["a"], ["b"]), {"iceberg_table": "t"}),
    ],
)
def test_two_assets_of_one_table_do_not_load(
    store: AssetStore, keys: Sequence[Sequence[str]], metadata: Mapping[str, Any]
) -> None:
    both = [returning(ROWS, key, metadata=metadata) for key in keys]
    first, second = ("/".join(key) for key in keys)
    with pytest.raises(InvalidArgumentError) as raised:
        create_definitions(assets=both, resources={"io_manager": store.io_manager()})
    assert f"asset {first} and asset {second} are both stored in table" in str(raised.value)


def test_one_table_name_in_two_catalogs_is_two_tables(store: AssetStore) -> None:
    other = IcebergIOManager(catalog_uri=store.uri + "2", warehouse=store.warehouse)
    here = returning(ROWS, ["a"], metadata={"iceberg_table": "t"})
    there = returning(ROWS, ["b"], metadata={"iceberg_table": "t"}, io_manager_key="other")
    create_definitions(
        assets=[here, there], resources={"io_manager": store.io_manager(), "other": other}
    )


def test_what_others_store_or_only_read_is_not_checked(store: AssetStore) -> None:
    named = {"iceberg_namespace": "db", "iceberg_table": "t"}
    create_definitions(
        assets=[
            returning(ROWS, ["db", "t"]),
            dg.AssetSpec("reader", metadata=named),
            returning(ROWS, ["a"], metadata=named, io_manager_key="files"),
        ],
        resources={"io_manager": store.io_manager(), "files": dg.FilesystemIOManager()},
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"metadata": {"iceberg_tabel": "t"}},
            InvalidArgumentError,
            "asset db/t has unknown metadata iceberg_tabel; known are iceberg_namespace, ",
        ),
        (
            {"metadata": {"iceberg_table": "db.t"}},
            InvalidArgumentError,
            "iceberg_table 'db.t'; give the table's name alone, and its namespace as",
        ),
        ({"metadata": {"iceberg_table": ""}}, InvalidArgumentError, "iceberg_table ''; expected"),
        (
            {"metadata": {"iceberg_write_mode": "replace"}},
            InvalidArgumentError,
            "write mode 'replace'; expected append or overwrite",
        ),
        (
            {"metadata": {"iceberg_write_mode": "upsert"}},
            UnsupportedError,
            "write mode upsert; this version of floe can't upsert, only append and overwrite",
        ),
        (
            {"metadata": {"iceberg_upsert_keys": ["id"]}},
            UnsupportedError,
            "sets iceberg_upsert_keys; this version of floe can't upsert",
        ),
        (
            {"metadata": {"iceberg_partition_filter": "id = 1"}},
            InvalidArgumentError,
            "iceberg_partition_filter and write mode append; it says what an overwrite replaces",
        ),
        (
            {"metadata": {"iceberg_partition_filter": 7, "iceberg_write_mode": "overwrite"}},
            InvalidArgumentError,
            "iceberg_partition_filter of type int; expected filter text or an expression",
        ),
        (
            {"metadata": {"iceberg_snapshot_props": "team=ops"}},
            InvalidArgumentError,
            "iceberg_snapshot_props of type str; expected texts by name",
        ),
        (
            {"partitions_def": DAYS},
            InvalidArgumentError,
            "is partitioned; say which column its partitions follow, as iceberg_partition_column",
        ),
        (
            {
                "partitions_def": DAYS,
                "metadata": {
                    "iceberg_partition_column": "ts",
                    "iceberg_write_mode": "overwrite",
                    "iceberg_partition_filter": "id = 1",
                },
            },
            InvalidArgumentError,
            "is partitioned and replaces its partitions; leave out iceberg_partition_filter",
        ),
        (
            {"partitions_def": GRID, "metadata": {"iceberg_partition_column": "ts"}},
            UnsupportedError,
            "partitions of kind MultiPartitionsDefinition are not supported yet",
        ),
    ],
)
def test_what_is_wrong_with_an_asset_is_said_when_it_loads_and_when_it_runs(
    store: AssetStore, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    asset = returning(ROWS, **options)
    manager = store.io_manager()
    with pytest.raises(error) as loaded:
        check_definitions(dg.Definitions(assets=[asset], resources={"io_manager": manager}))
    assert message in str(loaded.value)
    partitions = options.get("partitions_def")
    keys = {"partition_key": partitions.get_first_partition_key()} if partitions else {}
    with pytest.raises(error) as ran:
        store.materialize(asset, **keys)
    assert str(ran.value) == str(loaded.value)
    assert store.catalog.list_namespaces() == []


def test_environment_variables_need_not_be_set_when_definitions_load(
    store: AssetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("FLOE_TEST_URI", "FLOE_TEST_WAREHOUSE", "FLOE_TEST_NAMESPACE", "FLOE_TEST_MODE")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    manager = IcebergIOManager(
        catalog_uri=dg.EnvVar(names[0]),
        warehouse=dg.EnvVar(names[1]),
        default_namespace=dg.EnvVar(names[2]),
        write_mode=dg.EnvVar(names[3]),
    )
    definitions = create_definitions(assets=assets(["t"]), resources={"io_manager": manager})
    for name, value in zip(names, (store.uri, store.warehouse, "home", "overwrite"), strict=True):
        monkeypatch.setenv(name, value)
    job = definitions.resolve_implicit_global_asset_job_def()
    for _ in range(2):
        assert job.execute_in_process(instance=store.instance).success
    assert store.column("home.t", "id") == [1]


def test_two_assets_are_one_table_whatever_their_namespace_will_be(store: AssetStore) -> None:
    manager = store.io_manager(default_namespace=dg.EnvVar("FLOE_TEST_NOT_SET"))
    same = [returning(ROWS, [key], metadata={"iceberg_table": "t"}) for key in ("a", "b")]
    with pytest.raises(InvalidArgumentError, match="asset a and asset b are both stored"):
        create_definitions(assets=same, resources={"io_manager": manager})
