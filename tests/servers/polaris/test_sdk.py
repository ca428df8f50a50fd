"""Polaris's official SDK and command line take the stand-in for a Polaris; floe then connects with
the principals that they made.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from polaris_setup import Management
from polaris_stand_in import StandIn, polaris_stand_in

from floe_core.errors import PermissionDeniedError
from floe_polaris import PolarisCatalog, PolarisCatalogConfig, create_catalog

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "catalogs.md"
ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64())})


@pytest.fixture(scope="module")
def sdk() -> Path:
    """Return the folder of the SDK's programs."""
    install = ROOT / "tools" / "servers" / "install_polaris_sdk.sh"
    done = subprocess.run([install], check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip()) / "bin"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    with polaris_stand_in(tmp_path) as found:
        yield found


def run(command: list[str | Path], **variables: str) -> str:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**environment, **variables}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.requirement("S-FR-001", "S-FR-002")
def test_the_sdk_sets_up_what_floe_connects_to(sdk: Path, server: StandIn, tmp_path: Path) -> None:
    program = Path(__file__).parent / "bootstrap_by_sdk.py"
    location = (tmp_path / "sdk").as_uri()
    printed = run([sdk / "python", program, server.address, "root", "s3cr3t", location])
    client_id, secret = printed.split()
    config = PolarisCatalogConfig(
        uri=server.uri,
        warehouse="by-sdk",
        client_id=client_id,
        client_secret=secret,
        scope="PRINCIPAL_ROLE:sdk-role",
        properties={"fsync": "false"},
    )
    catalog = create_catalog(config)
    catalog.create_namespace("bronze.raw")
    table = catalog.create_table("bronze.raw.events", ROWS.schema)
    table.append(ROWS)
    assert catalog.load_table("bronze.raw.events").scan().to_arrow().num_rows == 3
    assert table.location() == f"{location}/bronze/raw/events"


def test_each_function_of_the_sdk_is_answered(sdk: Path, server: StandIn, tmp_path: Path) -> None:
    token = Management(server.address, "root", "s3cr3t").token
    program = Path(__file__).parent / "manage_by_sdk.py"
    run([sdk / "python", program, server.address, token, tmp_path.as_uri()])


@pytest.mark.requirement("S-SC-001")
def test_the_documents_commands_set_up_what_floe_connects_to(
    sdk: Path, server: StandIn, tmp_path: Path
) -> None:
    text = DOCUMENT.read_text().replace("http://127.0.0.1:8182", server.address)
    text = text.replace("/tmp/lake", str(tmp_path))  # noqa: S108 - what the document has
    commands = re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S)[0]
    path = f"{sdk}:{os.environ['PATH']}"
    printed = run(["bash", "-euo", "pipefail", "-c", commands], PATH=path)
    client_id, secret = re.findall(r'"clientId": "(\w+)", "clientSecret": "(\w+)"', printed)[0]
    examples = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    example = next(each for each in examples if "floe_polaris" in each)
    scope: dict[str, object] = {}
    exec(example.replace("CLIENT-ID", client_id).replace("CLIENT-SECRET", secret), scope)  # noqa: S102
    catalog = scope["catalog"]
    assert isinstance(catalog, PolarisCatalog)
    config = catalog.config
    assert create_catalog(config).load_namespace("bronze.raw.events").name == "bronze.raw.events"
    polaris = [sdk / "polaris", "--base-url", server.address, "--client-id", "root"]
    polaris += ["--client-secret", "s3cr3t"]
    revoke = ["privileges", "catalog", "revoke", "CATALOG_MANAGE_CONTENT"]
    run([*polaris, *revoke, "--catalog", "lake", "--catalog-role", "content"])
    with pytest.raises(PermissionDeniedError, match="not authorized"):
        create_catalog(config).list_namespaces()
