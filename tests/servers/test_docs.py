"""The examples of docs/catalogs.md, run as they stand, but for addresses."""

import re
from pathlib import Path

import pytest
from catalog_kinds import KINDS, Place

from floe_iceberg import Catalog

DOCUMENT = Path(__file__).parents[2] / "docs" / "catalogs.md"
EXAMPLES = [
    example
    for example in re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
    # polaris/test_sdk.py runs that.
    if "floe_polaris" not in example and "load_catalog" in example
]
# What is done with each.
[FIRST] = re.findall(r"^```python\n(import pyarrow.*?)^```", DOCUMENT.read_text(), re.M | re.S)
# The kind of server that each is for.
KIND_OF = {
    "local": "sqlite",
    "scratch": "in-memory",
    "prod": "rest-fixture",
    "fixture": "rest-fixture",
    "seaweed": "seaweed",
    "nessie": "nessie",
}
COVERED = {kind.name for kind in KINDS}


def name_of(example: str) -> str:
    found = re.search(r'load_catalog\(\s*"(\w+)"', example)
    assert found is not None, example
    return found[1]


def addresses(place: Place) -> dict[str, str]:
    """Return the documented addresses with those of the servers that run."""
    own = place.properties
    return {
        "https://polaris.example.com/api/catalog": own.get("uri", ""),
        "http://127.0.0.1:8181": own.get("uri", ""),
        "http://127.0.0.1:19120/iceberg": own.get("uri", ""),
        "http://127.0.0.1:8180/realms/iceberg/protocol/openid-connect/token": own.get(
            "oauth2-server-uri", ""
        ),
        "http://127.0.0.1:8333": own.get("s3.endpoint", ""),
    }


def test_all_examples_are_known() -> None:
    assert {name_of(example) for example in EXAMPLES} == KIND_OF.keys()


@pytest.mark.requirement("S-SC-001", "S-FR-006")
@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if KIND_OF[name_of(example)] in COVERED],
    ids=name_of,
)
def test_examples_connect(places: dict[str, Place], tmp_path: Path, example: str) -> None:
    place = places[KIND_OF[name_of(example)]]
    own = f"first_{name_of(example)}"
    here = example + FIRST.replace('"first', f'"{own}')
    for documented, real in addresses(place).items():
        here = here.replace(documented, real)
    code = "from floe_iceberg import load_catalog\n" + here
    scope: dict[str, object] = {}
    exec(code.replace("/tmp/lake", str(tmp_path / "lake")), scope)  # noqa: S102, S108
    catalog = scope["catalog"]
    assert isinstance(catalog, Catalog)
    assert catalog.load_table(f"{own}.visits").scan("city = 'Oslo'").count() == 2
