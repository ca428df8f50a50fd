from collections.abc import Iterator
from pathlib import Path

import pytest
from lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """An empty catalog that floe, PyIceberg and DuckDB share."""
    made = Lake(tmp_path)
    yield made
    made.close()
