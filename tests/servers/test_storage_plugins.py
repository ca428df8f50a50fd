"""Storage plugins: what they make of a configuration, and that they check the location."""

import errno
import json
import os
import pickle
import tomllib
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from azurite import ACCOUNT, key_of
from s3_clients import new_session
from storage_configs import Configs

from floe_core.artifacts import CompilationMetadata, CompiledArtifacts, PluginRef
from floe_core.errors import (
    AlreadyExistsError,
    ConfigurationError,
    InvalidArgumentError,
    IoError,
    SecretNotFoundError,
    StorageAccessError,
)
from floe_core.plugins import StoragePlugin
from floe_iceberg import load_catalog
from floe_orchestrator_dagster import IcebergIOManager

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
GROUP = "floe.storage"
SECRETS = (key_of(ACCOUNT), "engineer-secret")
POINTS = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"][GROUP]


def plugin(name: str) -> StoragePlugin:
    made = EntryPoint(name, POINTS[name], GROUP).load()()
    assert isinstance(made, StoragePlugin)
    assert made.name == name
    assert made.get_config_schema().model_config["extra"] == "forbid"
    return made


def configured(name: str, configs: Configs) -> StoragePlugin:
    made = plugin(name)
    made.configure(configs(name))
    return made


@pytest.mark.requirement("T-FR-010", "T-FR-045", "T-FR-046", "T-FR-047")
@pytest.mark.parametrize("name", POINTS)
def test_tables_are_where_the_plugin_says(configs: Configs, tmp_path: Path, name: str) -> None:
    storage = plugin(name)
    with pytest.raises(ConfigurationError, match="before it is configured"):
        storage.startup()
    storage.configure(configs(name))
    assert storage.health_check() == (False, "not started")
    storage.startup()
    assert storage.health_check().is_healthy
    own = storage.get_pyiceberg_catalog_config()
    catalog = load_catalog("x", uri=f"sqlite:///{tmp_path / 'catalog.db'}", **own)
    catalog.create_namespace("a")
    rows = pa.table({"id": [1, 2]})
    table = catalog.create_table("a.t", rows.schema)
    table.append(rows)
    assert table.location() == storage.get_warehouse_uri("a") + "/t"
    with storage.get_pyiceberg_fileio().new_input(table.metadata_location).open() as file:
        assert table.uuid.encode() in file.read()
    storage.shutdown()
    assert not storage.health_check().is_healthy


@pytest.mark.parametrize("name", POINTS)
def test_files_are_written_once_and_read(configs: Configs, name: str) -> None:
    storage = configured(name, configs)
    files = storage.get_fileio()
    output = files.new_output(storage.get_warehouse_uri("a.b") + "/with blank/ünï.parquet")
    assert not output.exists()
    with pytest.raises(IoError) as raised:
        output.to_input_file().open()
    assert raised.value.errno == errno.ENOENT
    rows = pa.table({"id": range(1000)})
    with output.create() as stream:
        pq.write_table(rows, stream)
        size = stream.tell()
    with pytest.raises(InvalidArgumentError, match="is closed"):
        stream.write(b"more")
    found = output.to_input_file()
    assert (found.exists(), len(found)) == (True, size)
    with found.open() as file:
        assert pq.read_table(file).equals(rows)
        assert file.seek(-4, os.SEEK_END) == size - 4
        assert file.read() == b"PAR1"
        assert file.read(1) == b""
    with pytest.raises(AlreadyExistsError):
        output.create()
    given_up = files.new_output(output.location + ".given-up")
    with pytest.raises(TypeError, match="bytes-like"), given_up.create() as stream:
        stream.write("text")
    assert not given_up.exists()
    files.delete(output)
    files.delete(output.location)
    assert not found.exists()
    with pytest.raises(TypeError, match="can't be pickled"):
        pickle.dumps(files)


@pytest.mark.parametrize("name", POINTS)
def test_pyicebergs_files_are_the_same(configs: Configs, name: str) -> None:
    storage = configured(name, configs)
    ours, theirs = storage.get_fileio(), storage.get_pyiceberg_fileio()
    location = storage.get_warehouse_uri() + "/object"
    with ours.new_output(location).create() as written:
        written.write(b"ours")
    with theirs.new_input(location).open() as file:
        assert file.read() == b"ours"
    theirs.delete(location)
    assert not ours.new_input(location).exists()
    with theirs.new_output(location).create() as written:
        written.write(b"theirs")
    with ours.new_input(location).open() as file:
        assert file.read() == b"theirs"


@pytest.mark.parametrize(
    ("name", "changed"), [("gcs", {"anonymous": True}), ("s3", {"profile": "lake"})]
)
def test_what_pyiceberg_has_no_way_to_is_said(name: str, changed: dict[str, Any]) -> None:
    storage = plugin(name)
    storage.configure({"bucket": "lake", **changed})
    with pytest.raises(ConfigurationError, match=f"in place of {next(iter(changed))}"):
        storage.get_pyiceberg_fileio()


@pytest.mark.parametrize("who", ["role", "profile", "nobody"])
def test_who_asks_s3(
    configs: Configs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    config = configs("role")
    role = config.pop("role_arn")
    variables = {"AWS_ACCESS_KEY_ID": "engineer", "AWS_SECRET_ACCESS_KEY": "engineer-secret"}
    if who == "role":
        for variable, value in {**variables, "AWS_ENDPOINT_URL_STS": config["endpoint"]}.items():
            monkeypatch.setenv(variable, value)
    text = "".join(f"{variable.lower()} = {value}\n" for variable, value in variables.items())
    (tmp_path / "credentials").write_text(f"[lake]\n{text}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    storage = plugin("s3")
    ways = {
        "role": {"role_arn": role},
        "profile": {"profile": "lake"},
        "nobody": {"anonymous": True},
    }
    storage.configure({**config, **ways[who]})
    if who == "nobody":
        with pytest.raises(StorageAccessError):
            storage.startup()
        return
    storage.startup()
    dagster = storage.get_dagster_io_manager_config()
    manager = IcebergIOManager(catalog_uri=f"sqlite:///{tmp_path / 'catalog.db'}", **dagster)
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": manager}
        assert dg.materialize([numbers, total], resources=resources, instance=instance).success


@pytest.mark.parametrize("name", POINTS)
def test_artifacts_have_the_configuration(configs: Configs, tmp_path: Path, name: str) -> None:
    made = CompilationMetadata(
        compiled_at=datetime.now(UTC),
        floe_version="0.1.0",
        source_hash="x",
        product_name="lake",
        product_version="1",
    )
    config = plugin(name).get_config_schema().model_validate(configs(name)).model_dump(mode="json")
    reference = PluginRef(type=name, version="0.1.0", config=config)
    artifacts = CompiledArtifacts(metadata=made, plugins={"storage": reference})
    artifacts.to_json_file(tmp_path / "artifacts.json")
    assert not any(secret in (tmp_path / "artifacts.json").read_text() for secret in SECRETS)
    read = CompiledArtifacts.from_json_file(tmp_path / "artifacts.json").plugins["storage"]
    storage = plugin(read.type)
    storage.configure(read.config)
    storage.startup()


@dg.asset
def numbers() -> pa.Table:
    return pa.table({"number": [1, 2]})


@dg.asset
def total(numbers: pa.Table) -> pa.Table:
    return pa.table({"total": [sum(numbers["number"].to_pylist())]})


@pytest.mark.parametrize("name", POINTS)
def test_dagster_takes_the_configuration(configs: Configs, tmp_path: Path, name: str) -> None:
    storage = configured(name, configs)
    config = storage.get_dagster_io_manager_config()
    uri = f"sqlite:///{tmp_path / 'catalog.db'}"
    manager = IcebergIOManager(catalog_uri=uri, **config)
    assert not any(secret in json.dumps(config) + repr(manager) for secret in SECRETS)
    resources = {"io_manager": manager}
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([numbers, total], resources=resources, instance=instance).success
    catalog = load_catalog("default", uri=uri, **storage.get_pyiceberg_catalog_config())
    table = catalog.load_table("public.total")
    assert table.scan().to_arrow().to_pylist() == [{"total": 3}]
    assert table.location() == storage.get_warehouse_uri("public") + "/total"


def test_a_configuration_names_secrets_and_has_none(
    configs: Configs,
) -> None:
    for name in POINTS:
        config = plugin(name).get_config_schema().model_validate(configs(name))
        shown = config.model_dump_json() + repr(config) + str(pickle.dumps(config))
        assert not any(secret in shown for secret in SECRETS)


def test_what_is_missing_is_said_at_the_start(configs: Configs) -> None:
    wrong: list[tuple[str, dict[str, Any], type[Exception], str]] = [
        ("azure", {"account_key": {"name": "wrong-key"}}, StorageAccessError, "account_key"),
        ("azure", {"container": "nowhere"}, IoError, "the container does not exist"),
        ("azure", {"account_key": {"name": "no-such-secret"}}, SecretNotFoundError, "NO_SUCH"),
        ("gcs", {"bucket": "nowhere"}, IoError, "the bucket does not exist"),
        ("minio", {"access_key_id": "nobody"}, StorageAccessError, r"s3\.access-key-id"),
        ("local", {"path": "/proc/floe"}, IoError, "/proc/floe"),
    ]
    for name, changed, error, message in wrong:
        storage = plugin(name)
        storage.configure({**configs(name), **changed})
        with pytest.raises(error) as raised:
            storage.startup()
        assert message.replace("account_key", "adls.account-key").replace("\\", "") in str(
            raised.value
        )
        if error is not SecretNotFoundError:
            assert "writing at" in raised.value.__notes__[0]
        assert not storage.health_check().is_healthy


@pytest.mark.requirement("T-FR-047")
@pytest.mark.parametrize(
    ("allowed", "step"),
    [
        ((), "writing"),
        (("s3:PutObject",), "writing"),  # which looks first whether it is there
        (("s3:PutObject", "s3:GetObject"), "deleting"),
    ],
)
def test_a_permission_that_is_missing_is_said(
    configs: Configs, monkeypatch: pytest.MonkeyPatch, allowed: tuple[str, ...], step: str
) -> None:
    """Of a session of MinIO's, whose policy is enforced."""
    config = configs("minio")
    session = new_session(config["endpoint"], "engineer", allows=("s3:ListBucket", *allowed))
    monkeypatch.setenv("S3_SECRET", session.secret)
    monkeypatch.setenv("S3_TOKEN", session.token)
    storage = plugin("minio")
    own = {"access_key_id": session.key, "session_token": {"name": "s3-token"}}
    storage.configure({**config, **own})
    with pytest.raises(StorageAccessError, match="the server refuses it") as raised:
        storage.startup()
    assert raised.value.__notes__[0].startswith(f"{step} at s3://")
    assert not storage.health_check().is_healthy


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("s3", {}, "bucket"),
        ("s3", {"bucket": "a/b"}, "bucket"),
        ("s3", {"bucket": "b", "access_key_id": "k"}, "given together"),
        ("s3", {"bucket": "b", "profile": "p", "anonymous": True}, "profile and anonymous"),
        ("minio", {"bucket": "b"}, "endpoint"),
        ("gcs", {"bucket": "b", "other": 1}, "other"),
        ("azure", {"account_name": "a", "container": "c", "scheme": "ftp"}, "scheme"),
        ("local", {}, "path"),
    ],
)
def test_a_wrong_configuration_is_named(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as raised:
        plugin(name).configure(config)
    assert f"storage plugin {name}" in str(raised.value)
