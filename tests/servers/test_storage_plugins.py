"""Storage plugins: what they make of a configuration, and that they check the location."""

import pickle
import tomllib
import uuid
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from azurite import ACCOUNT, CONTAINER, Azurite, key_of
from fake_gcs import BUCKET as GCS_BUCKET
from fake_gcs import FakeGcs
from seaweed import BUCKET, Seaweed
from shared_servers import SharedServers

from floe_core.errors import (
    ConfigurationError,
    IoError,
    SecretNotFoundError,
    StorageAccessError,
)
from floe_core.plugins import StoragePlugin
from floe_iceberg import load_catalog

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
GROUP = "floe.storage"
POINTS = tomllib.loads(PYPROJECT.read_text())["project"]["entry-points"][GROUP]


def plugin(name: str) -> StoragePlugin:
    made = EntryPoint(name, POINTS[name], GROUP).load()()
    assert isinstance(made, StoragePlugin)
    assert made.name == name
    assert made.get_config_schema().model_config["extra"] == "forbid"
    return made


@pytest.fixture
def configs(
    servers: SharedServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], dict[str, Any]]:
    """Return configurations by plugin, whose secrets are in the environment."""
    monkeypatch.setenv("AZURE_KEY", key_of(ACCOUNT))
    monkeypatch.setenv("WRONG_KEY", key_of("wrong"))
    monkeypatch.setenv("S3_SECRET", "engineer-secret")
    prefix = uuid.uuid4().hex

    def config(name: str) -> dict[str, Any]:
        if name == "local":
            return {"path": tmp_path}
        if name == "gcs":
            endpoint = FakeGcs(**servers.wait("fake_gcs")).endpoint
            gcs = {"bucket": GCS_BUCKET, "prefix": prefix, "endpoint": endpoint}
            return {**gcs, "token": {"name": "azure-key"}, "token_expires_at": 4102444800000}
        if name == "azure":
            authority = Azurite(**servers.wait("azurite")).authority
            place = {"container": CONTAINER, "prefix": prefix, "authority": authority}
            return {
                **place,
                "account_name": ACCOUNT,
                "scheme": "http",
                "account_key": {"name": "azure-key"},
            }
        endpoint = Seaweed(**servers.wait("seaweed")).s3_endpoint
        s3 = {"bucket": BUCKET, "prefix": prefix, "endpoint": endpoint, "region": "us-east-1"}
        return {**s3, "access_key_id": "engineer", "secret_access_key": {"name": "s3-secret"}}

    return config


@pytest.mark.requirement("T-FR-010", "T-FR-045", "T-FR-046", "T-FR-047")
@pytest.mark.parametrize("name", POINTS)
def test_tables_are_where_the_plugin_says(
    configs: Callable[[str], dict[str, Any]], tmp_path: Path, name: str
) -> None:
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


def test_a_configuration_names_secrets_and_has_none(
    configs: Callable[[str], dict[str, Any]],
) -> None:
    for name in POINTS:
        config = plugin(name).get_config_schema().model_validate(configs(name))
        shown = config.model_dump_json() + repr(config) + str(pickle.dumps(config))
        assert key_of(ACCOUNT) not in shown
        assert "engineer-secret" not in shown


def test_what_is_missing_is_said_at_the_start(configs: Callable[[str], dict[str, Any]]) -> None:
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


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("s3", {}, "bucket"),
        ("s3", {"bucket": "a/b"}, "bucket"),
        ("s3", {"bucket": "b", "access_key_id": "k"}, "given together"),
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
