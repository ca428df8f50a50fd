"""The examples of docs/storage.md, run as they stand, but for addresses."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from azurite import Azurite
from fake_gcs import FakeGcs
from shared_servers import SharedServers

from floe_iceberg import Catalog, load_catalog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "storage.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("example", EXAMPLES, ids=["gcs", "azure"])
def test_examples_store_rows(servers: SharedServers, tmp_path: Path, example: str) -> None:
    if "gcs" in example:
        example = example.replace(
            "http://127.0.0.1:4443", FakeGcs(**servers.wait("fake_gcs")).endpoint
        )
    else:
        example = example.replace(
            "http://127.0.0.1:10000", Azurite(**servers.wait("azurite")).endpoint
        )
    scope: dict[str, object] = {"load_catalog": load_catalog}
    exec(example.replace("/tmp/lake", str(tmp_path)), scope)  # noqa: S102, S108
    catalog = scope["catalog"]
    assert isinstance(catalog, Catalog)
    catalog.create_namespace("docs")
    rows = pa.table({"id": [1, 2]})
    table = catalog.create_table("docs.t", rows.schema)
    table.append(rows)
    assert table.scan().to_arrow() == rows


def test_every_property_is_in_the_document() -> None:
    """Those that the engine knows, whether it reads or refuses them."""
    stated = " ".join(re.findall(r"`([^`\n]+)`", TEXT))
    for store in ("gcs", "azure"):
        source = (ROOT / "src" / "object_io" / f"{store}_settings.cc").read_text()
        table = source.partition("kKnown = ")[2].partition("});")[0]
        names = re.findall(r'\{"([\w.-]+)"', table)
        assert len(names) > 20
        missing = [name for name in names if not is_stated(name, stated)]
        assert missing == []


def is_stated(name: str, stated: str) -> bool:
    patterns = (name, name.removesuffix(".") + ".ACCOUNT")
    stars = re.findall(r"([\w.-]+)\*", stated)
    return (
        any(re.search(rf"(?<![\w.-]){re.escape(p)}(?![\w-])", stated) for p in patterns)
        or any(name.startswith(star) for star in stars)
        or (name.endswith(".account.key") and " .key" in f" {stated}")
    )
