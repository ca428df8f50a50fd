"""The examples of docs/storage.md, run as they stand, but for addresses."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from azurite import Azurite
from fake_gcs import FakeGcs
from lake import duckdb_extension
from minio import Minio
from seaweed import Seaweed
from shared_servers import SharedServers

from floe_iceberg import Catalog, Table, load_catalog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "storage.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)


def test_every_example_is_run() -> None:
    assert len(EXAMPLES) == 4
    assert len(re.findall(r"^```", TEXT, re.M)) == 2 * (len(EXAMPLES) + 1)  # and one of SQL


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("example", EXAMPLES, ids=["s3", "gcs", "azure", "minio"])
def test_examples_store_rows(
    servers: SharedServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str
) -> None:
    monkeypatch.setenv("S3_SECRET", "engineer-secret")
    endpoints: dict[str, Callable[[], str]] = {
        "http://127.0.0.1:8333": lambda: Seaweed(**servers.wait("seaweed")).s3_endpoint,
        "http://127.0.0.1:4443": lambda: FakeGcs(**servers.wait("fake_gcs")).endpoint,
        "http://127.0.0.1:10000": lambda: Azurite(**servers.wait("azurite")).endpoint,
        "http://127.0.0.1:9000": lambda: Minio(**servers.wait("minio")).s3_endpoint,
    }
    for written, endpoint in endpoints.items():
        if written in example:
            example = example.replace(written, endpoint())
    example = example.replace('"warehouse"', f'"{uuid.uuid4().hex}"')
    scope: dict[str, object] = {"load_catalog": load_catalog}
    exec(example.replace("/tmp/lake", str(tmp_path)), scope)  # noqa: S102, S108
    catalog = scope["catalog"]
    assert isinstance(catalog, Catalog)
    catalog.create_namespace("docs")
    rows = pa.table({"id": [1, 2]})
    table = catalog.create_table("docs.t", rows.schema)
    table.append(rows)
    assert table.scan().to_arrow() == rows
    if "minio" in example:
        duckdb_reads(table, endpoints["http://127.0.0.1:9000"]())


def duckdb_reads(table: Table, endpoint: str) -> None:
    """Read it as the document says."""
    sql = re.findall(r"^```sql\n(.*?)^```", TEXT, re.M | re.S)[0]
    sql = sql.replace("127.0.0.1:9000", endpoint.removeprefix("http://"))
    with duckdb.connect() as connection:
        for name in ("httpfs", "avro", "iceberg"):
            connection.load_extension(str(duckdb_extension(name)))
        rows = connection.execute(sql.replace("METADATA_LOCATION", table.metadata_location))
        assert rows.to_arrow_table() == table.scan().to_arrow()


def test_every_property_is_in_the_document() -> None:
    """Those that the engine knows, whether it reads or refuses them."""
    stated = " ".join(re.findall(r"`([^`\n]+)`", TEXT))
    for source in ("s3_names", "gcs_settings", "azure_settings"):
        text = (ROOT / "src" / "object_io" / f"{source}.cc").read_text()
        table = text.partition("kKnown = ")[2].partition("});")[0]
        names = re.findall(r'^ *\{?"([\w.-]+)"', table, re.M)
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
