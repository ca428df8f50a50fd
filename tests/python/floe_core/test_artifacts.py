"""Compiled artifacts: what they hold, what they refuse, and their files."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from floe_core.artifacts import CompiledArtifacts
from floe_core.errors import ConfigurationError

MARKED = "marked-secret"
TREE: dict[str, Any] = {
    "version": "1.0",
    "metadata": {
        "compiled_at": "2026-01-01T08:00:00+01:00",
        "floe_version": "1.0.0",
        "source_hash": "sha256:0f",
        "product_name": "verkäufe",
        "product_version": "1.2.0",
    },
    "identity": {"product_id": "sales.customers", "domain": "sales"},
    "mode": "mesh",
    "observability": {"exporter": "otlp", "api_key_ref": "otlp-key"},
    "plugins": {
        "catalog": {"type": "polaris", "version": "1.0", "config": {"retries": [1, 2]}},
        "storage": {"type": "minio", "version": "1.0"},
    },
    "governance": {"data_retention_days": 30, "snapshot_keep_last": 5},
    "catalog": {
        "type": "polaris",
        "uri": "https://polaris.example.com/api/catalog",
        "warehouse": "lake",
        "credential_secret_ref": "polaris-credential",
        "properties": {"s3.access-key-id": "ada"},
    },
    "layers": {"bronze": {"namespace": "bronze", "storage_ref": "raw", "retention_days": 7}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(json.dumps(TREE))
    *folders, last = path.split("/")
    inner = tree
    for each in folders:
        inner = inner[each]
    inner[last] = value
    return tree


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.requirement("S-FR-034")
def test_files_read_back(tmp_path: Path, form: str) -> None:
    artifacts = CompiledArtifacts.model_validate(TREE)
    path = tmp_path / f"artifacts.{form}"
    path.write_text("old")
    getattr(artifacts, f"to_{form}_file")(path)
    assert getattr(CompiledArtifacts, f"from_{form}_file")(path) == artifacts
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    load = json.loads if form == "json" else yaml.safe_load
    written = load(path.read_text(encoding="utf-8"))
    assert written["plugins"] == {
        "catalog": TREE["plugins"]["catalog"],
        "storage": {"type": "minio", "version": "1.0", "config": {}},
    }
    assert written["catalog"].items() >= TREE["catalog"].items()


def test_what_people_write_in_yaml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.yaml"
    path.write_text(
        "metadata: {compiled_at: 2026-01-01T07:00:00Z, floe_version: 1.0.0, source_hash: x,\n"
        "  product_name: sales, product_version: 1.2.0}\n"
    )
    found = CompiledArtifacts.from_yaml_file(path)
    assert found.metadata.compiled_at.isoformat() == "2026-01-01T07:00:00+00:00"
    assert (found.mode, found.catalog, found.plugins) == ("simple", None, {})
    assert found.governance.stale_table_recovery_mode == "strict"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("plugins/catalog/config/client_secret", "plugins.catalog.config.client_secret"),
        ("plugins/storage/config", "plugins.storage.config.nested[0].password"),
        ("observability/api-key", "observability.api-key"),
        ("catalog/properties/s3.secret-access-key", "catalog.properties.s3.secret-access-key"),
        ("catalog/properties/adls.sas-token.one", "catalog.properties.adls.sas-token.one"),
        ("catalog/properties/credential", "catalog.properties.credential"),
        ("catalog/uri", "catalog.uri"),
    ],
)
@pytest.mark.requirement("T-FR-046")
def test_secrets_are_refused(path: str, name: str) -> None:
    value: Any = MARKED
    if path == "plugins/storage/config":
        value = {"nested": [{"password": MARKED}]}
    elif path == "catalog/uri":
        value = f"https://ada:{MARKED}@polaris.example.com"
    with pytest.raises(ValidationError) as error:
        CompiledArtifacts.model_validate(changed(path, value))
    assert f"{name} would be a secret" in str(error.value)
    assert MARKED not in str(error.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "2.0"),
        ("version", "1"),
        ("mode", "lake"),
        ("unknown", 1),
        ("metadata/compiled_at", "2026-01-01T08:00:00"),
        ("governance/snapshot_keep_last", 0),
        ("governance/snapshot_keep_last", 101),
        ("governance/data_retention_days", 0),
        ("layers/bronze/namespace", ""),
        ("catalog/token", "t"),
    ],
)
def test_what_cannot_be_is_refused(path: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=path.rsplit("/", maxsplit=1)[-1]):
        CompiledArtifacts.model_validate(changed(path, value))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.json", None, "there is no such file"),
        ("a.json", b'{"version": ', "it is not JSON: Expecting value"),
        ("a.json", b"[" * 100_000, "it is not JSON"),
        ("a.json", b"\xff", "it is not UTF-8"),
        ("a.json", b"[]", "it: Input should be a valid dictionary"),
        ("a.json", b"{}", "metadata: Field required"),
        ("a.yaml", b"a: [1\n", "it is not YAML: expected ',' or ']'"),
        ("a.yaml", b"a: \x00", "it is not YAML"),
        ("a.yaml", b"metadata: {}\n", "metadata.compiled_at: Field required"),
        ("a.yaml", b"!!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
    ],
)
def test_files_that_cannot_be_read_say_why(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    read = getattr(CompiledArtifacts, f"from_{path.suffix[1:]}_file")
    with pytest.raises(ConfigurationError) as error:
        read(path)
    assert error.value.message.startswith(f"artifacts can't be read from {path}: ")
    assert message in error.value.message
    assert error.value.details == {"path": str(path)}


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    artifacts = CompiledArtifacts.model_validate(TREE)
    with pytest.raises(ConfigurationError, match="can't be written: "):
        artifacts.to_json_file(tmp_path / "missing" / "artifacts.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match="can't be written: "):
        artifacts.to_yaml_file(tmp_path / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_the_schema_tells_the_fields(tmp_path: Path) -> None:
    schema = CompiledArtifacts.export_json_schema(tmp_path / "schema.json")
    assert json.loads((tmp_path / "schema.json").read_text()) == schema
    assert schema["properties"].keys() == TREE.keys()
    assert not schema["additionalProperties"]
