"""Dagster's own processes: steps in children of a run, at the same time, on one catalog."""

import multiprocessing
import os
import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest
from asset_store import AssetStore, returning

from floe_orchestrator_dagster import IcebergIOManager

FOLDER = "FLOE_TEST_FOLDER"
MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01", end_date="2025-01-01")


def pid_rows() -> pa.Table:
    return pa.table({"pid": [os.getpid()]})


@dg.asset(key=["db", "a"])
def a() -> pa.Table:
    return pid_rows()


@dg.asset(key=["db", "b"])
def b() -> pa.Table:
    return pid_rows()


@dg.asset(ins={"a": dg.AssetIn(["db", "a"]), "b": dg.AssetIn(["db", "b"])}, key=["db", "both"])
def both(a: pa.Table, b: pa.Table) -> pa.Table:
    return pa.concat_tables([a, b, pid_rows()])


def make_job() -> dg.JobDefinition:
    """Return a job whose steps run in processes; each makes it anew."""
    folder = os.environ[FOLDER]
    manager = IcebergIOManager(
        catalog_uri=f"sqlite:///{folder}/catalog.db", warehouse=f"{folder}/warehouse"
    )
    definitions = dg.Definitions(
        assets=[a, b, both],
        resources={"io_manager": manager},
        executor=dg.multiprocess_executor,
        jobs=[dg.define_asset_job("all_assets")],
    )
    return definitions.resolve_job_def("all_assets")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Return a Dagster instance on disk, which processes share."""
    folder = tmp_path / "dagster"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        yield instance


@pytest.mark.slow
@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_steps_in_processes_of_their_own_share_the_tables(
    store: AssetStore,
    home: dg.DagsterInstance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))  # Dagster leaves out the path's first folder
    run_config = {"execution": {"config": {"start_method": {start: {}}, "max_concurrent": 2}}}
    result = dg.execute_job(
        dg.reconstructable(make_job), instance=home, run_config=run_config, raise_on_error=True
    )
    assert result.success
    pids = store.column("db.both", "pid")
    assert len(set(pids)) == 3
    assert os.getpid() not in pids


def materialize_month(folder: Path, number: int) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        asset = returning(
            pa.table({"month": [f"2024-{number:02}-01"], "pid": [os.getpid()]}),
            partitions_def=MONTHS,
            metadata={"iceberg_partition_column": "month"},
        )
        AssetStore(folder, instance).materialize(asset, partition_key=f"2024-{number:02}-01")


@pytest.mark.slow
def test_partitions_that_are_stored_at_the_same_time_are_all_there(
    store: AssetStore, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    # Unlike a Pool, this notices when a process ends early.
    with ProcessPoolExecutor(4, mp_context=context) as pool:
        for _ in range(2):
            list(pool.map(materialize_month, [tmp_path] * 8, range(1, 9)))
    found = store.table("db.t").scan().to_arrow()
    assert sorted(found["month"].to_pylist()) == [f"2024-{number:02}-01" for number in range(1, 9)]
    assert len(store.table("db.t").snapshots()) == 16


def test_a_manager_can_be_sent_to_another_process(store: AssetStore) -> None:
    manager = store.io_manager(write_mode="overwrite", catalog_name="other")
    store.materialize(returning(pid_rows()))
    copy = pickle.loads(pickle.dumps(manager))
    assert isinstance(copy, IcebergIOManager)
    fields = IcebergIOManager.model_fields
    assert all(getattr(copy, name) == getattr(manager, name) for name in fields)


def test_a_manager_that_is_open_goes_on_in_a_forked_process(store: AssetStore) -> None:
    manager = store.io_manager()

    def append() -> None:
        manager.handle_output(dg.build_output_context(asset_key=["db", "t"]), pid_rows())

    append()
    child = multiprocessing.get_context("fork").Process(target=append)
    child.start()
    child.join(60)
    assert child.exitcode == 0
    append()
    assert sorted(store.column("db.t", "pid")) == sorted([os.getpid()] * 2 + [child.pid])
