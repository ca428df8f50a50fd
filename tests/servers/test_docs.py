"""The examples of docs/catalogs.md, run as they stand, but for addresses."""

import re
from pathlib import Path

import pytest
from catalog_kinds import Place

from floe_iceberg import Catalog

DOCUMENT = Path(__file__).parents[2] / "docs" / "catalogs.md"


@pytest.mark.requirement("S-SC-001", "S-FR-006")
def test_examples_connect(places: dict[str, Place], tmp_path: Path) -> None:
    uri = places["rest-fixture"].properties["uri"]
    examples = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
    examples = [example for example in examples if "floe_polaris" not in example]
    assert len(examples) == 2
    scope: dict[str, object] = {}
    for number, example in enumerate(examples):
        here = example.replace("https://polaris.example.com/api/catalog", uri)
        exec(here.replace("/tmp/lake", str(tmp_path)), scope)  # noqa: S102, S108
        catalog = scope["catalog"]
        assert isinstance(catalog, Catalog)
        catalog.create_namespace_if_not_exists(f"docs_{number}")
        assert (f"docs_{number}",) in catalog.list_namespaces()
