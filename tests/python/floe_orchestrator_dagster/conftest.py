from pathlib import Path

import pytest
from asset_store import AssetStore


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    """Return a new catalog in a folder of its own."""
    return AssetStore(tmp_path)
