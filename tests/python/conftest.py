import os
from pathlib import Path

import hypothesis
import pytest
from warehouse import make_catalog

from floe_iceberg import Catalog

# The same examples on each run. FLOE_EXPLORE=1 makes new ones, and failures print how to repeat.
hypothesis.settings.register_profile(
    "floe",
    derandomize="FLOE_EXPLORE" not in os.environ,
    print_blob=True,
    deadline=None,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("floe")


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Return a new catalog in a folder of its own, with the namespace db."""
    return make_catalog(tmp_path)
