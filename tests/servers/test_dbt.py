"""What storage plugins say to dbt, taken by the real dbt with its adapter for DuckDB."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml
from azurite import ACCOUNT, key_of
from lake import duckdb_extension
from storage_configs import Configs

from floe_core.errors import ConfigurationError
from floe_iceberg import load_catalog
from floe_iceberg.storage import (
    AzureStoragePlugin,
    GcsStoragePlugin,
    LocalStoragePlugin,
    MinioStoragePlugin,
    S3StoragePlugin,
)

TOOLS = Path(__file__).parents[2] / "tools"
ROWS = pa.table({"id": [1, 2, 3], "name": ["a", "b", None]})
KINDS = {
    "local": LocalStoragePlugin,
    "minio": MinioStoragePlugin,
    "role": S3StoragePlugin,
    "gcs": GcsStoragePlugin,
}
# Of one process, as dbt takes seconds to start: each argument is a command.
RUN = (
    "import json, sys\n"
    "from dbt.cli.main import dbtRunner\n"
    "for command in sys.argv[1:]:\n"
    "    done = dbtRunner().invoke(json.loads(command))\n"
    "    assert done.success, (command, done.exception)\n"
)


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with extensions of DuckDB, as if it had got them from the network."""
    folder = tmp_path_factory.mktemp("duckdb")
    with duckdb.connect(config={"extension_directory": str(folder)}) as connection:
        for name in ("avro", "aws", "azure", "httpfs", "iceberg"):
            connection.install_extension(str(duckdb_extension(name)))
    return folder


def run_dbt(project: Path, *commands: list[str]) -> None:
    install = [TOOLS / "peers" / "install_dbt.sh"]
    home = subprocess.run(install, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    done = subprocess.run(
        [f"{home}/bin/python", "-P", "-c", RUN, *map(json.dumps, commands)],
        cwd=project,
        env={**os.environ, "DBT_PROFILES_DIR": str(project), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write_project(folder: Path, outputs: dict[str, Any]) -> None:
    project = {"name": "lake", "version": "1.0.0", "profile": "lake", "config-version": 2}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
    profile = {"lake": {"target": next(iter(outputs)), "outputs": outputs}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    (folder / "models").mkdir()
    (folder / "models" / "rows.sql").write_text(
        "{{ config(materialized='table') }} SELECT * FROM iceberg_scan('{{ var('metadata') }}')"
    )


AZURE = {"account_name": ACCOUNT, "container": "lake", "prefix": "a/b"}
OTHERS: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "azure_key": (
        AzureStoragePlugin,
        {**AZURE, "account_key": {"name": "azure-key"}, "authority": "127.0.0.1:1"},
    ),
    "azure_sas": (AzureStoragePlugin, {**AZURE, "sas_token": {"name": "azure-key"}}),
    "azure_client": (
        AzureStoragePlugin,
        {
            **AZURE,
            "tenant_id": "tenant",
            "client_id": "client",
            "client_secret": {"name": "azure-key"},
        },
    ),
    "azure_chain": (AzureStoragePlugin, AZURE),
    "s3_chain": (S3StoragePlugin, {"bucket": "lake", "region": "eu-west-1"}),
    "s3_nobody": (S3StoragePlugin, {"bucket": "lake", "anonymous": True}),
    "s3_profile": (S3StoragePlugin, {"bucket": "lake", "profile": "lake"}),
}


@pytest.fixture
def variables(configs: Configs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS's SDK find keys, a profile and an STS."""
    keys = {"AWS_ACCESS_KEY_ID": "engineer", "AWS_SECRET_ACCESS_KEY": "engineer-secret"}
    profile = tmp_path / "credentials"
    profile.write_text("[lake]\n" + "".join(f"{k.lower()} = {v}\n" for k, v in keys.items()))
    places = {
        "AWS_SHARED_CREDENTIALS_FILE": str(profile),
        "AWS_ENDPOINT_URL_STS": configs("role")["endpoint"],
    }
    for variable, value in {**keys, **places}.items():
        monkeypatch.setenv(variable, value)


@pytest.mark.requirement("T-FR-046")
@pytest.mark.usefixtures("variables")
def test_dbt_takes_the_profiles(configs: Configs, tmp_path: Path, extensions: Path) -> None:
    """It reads tables by some; of others it makes the secrets, of which DuckDB knows each field."""
    outputs: dict[str, Any] = {}
    for name, (kind, config) in OTHERS.items():
        storage = kind()
        storage.configure(config)
        outputs[name] = storage.get_dbt_profile_config()
        assert outputs[name]["secrets"][0]["scope"] == storage.get_warehouse_uri()
    commands = [["debug", "--target", name, "--connection"] for name in OTHERS]
    for name, kind in KINDS.items():
        storage = kind()
        storage.configure(configs(name))
        own = storage.get_pyiceberg_catalog_config()
        catalog = load_catalog(name, uri=f"sqlite:///{tmp_path / 'catalog.db'}", **own)
        catalog.create_namespace("db")
        table = catalog.create_table(f"db.{name}", ROWS.schema)
        table.append(ROWS)
        outputs[name] = storage.get_dbt_profile_config()
        variables = json.dumps({"metadata": table.metadata_location})
        commands.append(["run", "--target", name, "--vars", variables])
    for name, output in outputs.items():
        output["path"] = str(tmp_path / f"{name}.duckdb")
        output["config_options"] = {"extension_directory": str(extensions)}
    project = tmp_path / "project"
    project.mkdir()
    write_project(project, outputs)
    run_dbt(project, *commands)
    for name in KINDS:
        with duckdb.connect(str(tmp_path / f"{name}.duckdb"), read_only=True) as connection:
            assert connection.execute("FROM main.rows ORDER BY id").to_arrow_table() == ROWS
    for written in ("profiles.yml", "logs/dbt.log"):
        text = (project / written).read_text()
        assert "engineer-secret" not in text
        assert key_of(ACCOUNT) not in text


def test_what_duckdb_has_no_way_to_is_said() -> None:
    storage = GcsStoragePlugin()
    storage.configure({"bucket": "lake", "anonymous": True})
    with pytest.raises(ConfigurationError, match="give token"):
        storage.get_dbt_profile_config()
