from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from asset_store import AssetStore


@pytest.fixture(scope="session")
def instance() -> Iterator[dg.DagsterInstance]:
    """Return a Dagster instance in memory; making one takes as long as a run."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def store(tmp_path: Path, instance: dg.DagsterInstance) -> AssetStore:
    """Return a new catalog in a folder of its own."""
    return AssetStore(tmp_path, instance)
