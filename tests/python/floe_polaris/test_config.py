"""Configurations of Polaris catalogs, and what they make the engine do."""

import copy
import json
import pickle
import warnings
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from floe_core.artifacts import CompiledArtifacts
from floe_core.catalogs import CatalogConfig, CatalogProfile, CredentialConfig, SecretReference
from floe_core.errors import (
    ConfigurationError,
    InvalidArgumentError,
    SecretNotFoundError,
    UnsupportedError,
)
from floe_core.plugins import CatalogPlugin
from floe_polaris import (
    PolarisCatalogConfig,
    PolarisCatalogPlugin,
    RetryConfig,
    WideScopeWarning,
    create_catalog,
)
from floe_polaris.config import as_config

URI = "http://127.0.0.1:9/api/catalog"
SECRET = "marked-secret"

PLUGIN = {
    "type": "polaris",
    "version": "1.0",
    "config": {"uri": URI, "warehouse": "lake", "credential_secret_ref": "polaris-credential"},
}


def artifacts(**fields: Any) -> CompiledArtifacts:
    metadata = {
        "compiled_at": "2026-01-01T00:00:00Z",
        "floe_version": "1.0",
        "source_hash": "0f",
        "product_name": "sales",
        "product_version": "1.2",
    }
    return CompiledArtifacts.model_validate({"metadata": metadata, **fields})


def config(**fields: Any) -> PolarisCatalogConfig:
    return PolarisCatalogConfig(uri=URI, warehouse="lake", **fields)


def test_defaults_are_the_contracts() -> None:
    found = config()
    assert found.scope == "PRINCIPAL_ROLE:ALL"
    assert found.token_refresh_enabled
    assert (found.connect_timeout_seconds, found.read_timeout_seconds) == (10, 30)
    assert (found.s3_region, found.s3_path_style_access) == ("us-east-1", False)
    retry = found.retry
    assert (retry.max_attempts, retry.initial_wait_seconds, retry.max_wait_seconds) == (3, 1, 30)
    assert (retry.jitter_seconds, retry.circuit_breaker_threshold) == (1, 5)


@pytest.mark.requirement("S-FR-002", "S-FR-003", "S-FR-004", "S-FR-005", "S-FR-006a")
def test_fields_are_the_engines_properties() -> None:
    found = config(
        client_id="ada",
        client_secret=SECRET,
        scope="PRINCIPAL_ROLE:engineer",
        token_refresh_enabled=False,
        access_delegation="vended-credentials",
        connect_timeout_seconds=0.5,
        read_timeout_seconds=2,
        retry=RetryConfig(
            max_attempts=1,
            initial_wait_seconds=0.25,
            max_wait_seconds=5,
            jitter_seconds=0,
            circuit_breaker_threshold=0,
        ),
        s3_endpoint="http://127.0.0.1:9000",
        s3_access_key_id="key",
        s3_secret_access_key="s3-secret",
        properties={"rest-page-size": "100"},
    )
    assert found.load_properties() == {
        "type": "rest",
        "uri": URI,
        "warehouse": "lake",
        "credential": f"ada:{SECRET}",
        "scope": "PRINCIPAL_ROLE:engineer",
        "token-refresh-enabled": "false",
        "header.X-Iceberg-Access-Delegation": "vended-credentials",
        "rest.client.connection-timeout-ms": "500",
        "rest.client.socket-timeout-ms": "2000",
        "rest.client.max-retries": "0",
        "rest.client.retry.min-wait-ms": "250",
        "rest.client.retry.max-wait-ms": "5000",
        "rest.client.retry.jitter-ms": "0",
        "rest.client.circuit-breaker.threshold": "0",
        "rest-page-size": "100",
        "s3.endpoint": "http://127.0.0.1:9000",
        "s3.access-key-id": "key",
        "s3.secret-access-key": "s3-secret",
        "s3.region": "us-east-1",
        "s3.path-style-access": "false",
    }
    assert config(token="t").load_properties()["token"] == "t"


@pytest.mark.parametrize(
    "fields",
    [
        {"uri": "polaris"},
        {"warehouse": ""},
        {"unknown": 1},
        {"client_id": "ada"},
        {"client_secret": SECRET},
        {"s3_access_key_id": "key"},
        {"scope": ""},
        {"access_delegation": "remote-signing"},
        {"connect_timeout_seconds": 0},
        {"read_timeout_seconds": float("nan")},
        {"retry": {"max_attempts": 0}},
        {"retry": {"max_attempts": 11}},
        {"retry": {"circuit_breaker_threshold": -1}},
        {"retry": {"initial_wait_seconds": 2, "max_wait_seconds": 1}},
        {"properties": {"uri": URI}},
    ],
)
def test_what_can_not_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as raised:
        PolarisCatalogConfig.model_validate({"uri": URI, "warehouse": "lake", **fields})
    assert SECRET not in str(raised.value)


def test_secrets_stay_in_the_model() -> None:
    found = config(client_id="ada", client_secret=SECRET)
    shown = repr((found, str(found), found.model_dump(), copy.copy(found)))
    assert SECRET not in shown
    assert SECRET not in found.model_dump_json()
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_scope_of_all_roles_is_warned_about() -> None:
    with pytest.warns(WideScopeWarning, match="name the one that is needed"):
        config().warn_of_wide_scope()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config(scope="PRINCIPAL_ROLE:engineer").warn_of_wide_scope()
        config(token="t").warn_of_wide_scope()


@pytest.mark.requirement("S-FR-034", "T-FR-046")
def test_catalog_configurations_name_their_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = CatalogConfig(
        type="polaris",
        uri=URI,
        warehouse="lake",
        credential_secret_ref="polaris-credential",
        scope="PRINCIPAL_ROLE:engineer",
        access_delegation="vended-credentials",
        properties={"rest-page-size": "10"},
    )
    with pytest.raises(SecretNotFoundError, match="as POLARIS_CREDENTIAL, nor in the file"):
        as_config(given)
    monkeypatch.setenv("POLARIS_CREDENTIAL", f"ada:{SECRET}")
    found = as_config(given)
    assert (found.client_id, found.scope) == ("ada", "PRINCIPAL_ROLE:engineer")
    assert found.client_secret == SecretStr(SECRET)
    assert found.access_delegation == "vended-credentials"
    assert found.properties == {"rest-page-size": "10"}
    monkeypatch.setenv("POLARIS_CREDENTIAL", SECRET)
    with pytest.raises(ConfigurationError, match="client-id:client-secret") as raised:
        as_config(given)
    assert SECRET not in repr((raised.value, raised.value.details))
    (tmp_path / "mounted").write_text("from-file\n")
    assert SecretReference(name="mounted", folder=tmp_path).resolve() == SecretStr("from-file")
    (tmp_path / "empty").touch()
    with pytest.raises(SecretNotFoundError, match="is empty"):
        SecretReference(name="empty", folder=tmp_path).resolve()


def test_profiles_sign_in_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", SECRET)
    secret = SecretReference(name="a-secret")

    def profile(**credentials: Any) -> CatalogProfile:
        made = CredentialConfig(**credentials)
        return CatalogProfile(
            name="prod", type="polaris", uri=URI, warehouse="lake", credentials=made
        )

    found = as_config(profile(mode="oauth2", client_id="ada", secret=secret, scope="x"))
    assert (found.client_id, found.client_secret) == ("ada", SecretStr(SECRET))
    assert found.scope == "x"
    assert as_config(profile(mode="static", secret=secret)).token == SecretStr(SECRET)
    with pytest.raises(ConfigurationError, match="need a secret"):
        as_config(profile(mode="static"))
    with pytest.raises(UnsupportedError, match="iam_role"):
        as_config(profile(mode="iam_role"))
    with pytest.raises(ConfigurationError, match="client_secret is there without client_id"):
        as_config(profile(mode="oauth2", secret=secret))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"uri": URI}, InvalidArgumentError),
        (CatalogConfig(type="glue", uri=URI, warehouse="w"), ConfigurationError),
        (CatalogConfig(type="polaris", uri=URI), ConfigurationError),
        (artifacts(), ConfigurationError),
        (artifacts(plugins={"catalog": {**PLUGIN, "type": "glue"}}), ConfigurationError),
    ],
)
def test_other_configurations_are_refused(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        create_catalog(given)


def test_artifacts_name_their_catalog_or_the_plugin_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLARIS_CREDENTIAL", f"ada:{SECRET}")
    found = as_config(artifacts(plugins={"catalog": PLUGIN}))
    assert (found.uri, found.warehouse, found.client_id) == (URI, "lake", "ada")
    assert found.client_secret == SecretStr(SECRET)
    catalog = CatalogConfig(type="polaris", uri=URI, warehouse="other")
    assert as_config(artifacts(plugins={"catalog": PLUGIN}, catalog=catalog)).warehouse == "other"
    wrong = {"type": "polaris", "version": "1.0", "config": {"url": URI}}
    with pytest.raises(ConfigurationError, match="uri: Field required; url: Extra inputs") as error:
        as_config(artifacts(plugins={"catalog": wrong}))
    assert error.value.details["key"] == "plugins.catalog.config"


def test_the_plugin_is_an_entry_point() -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text()
    assert '[project.entry-points."floe.catalogs"]' in text
    point = EntryPoint("polaris", "floe_polaris:PolarisCatalogPlugin", "floe.catalogs")
    assert f'{point.name} = "{point.value}"' in text
    plugin = point.load()()
    assert isinstance(plugin, CatalogPlugin)
    assert plugin.name == point.name
    assert plugin.get_config_schema() is PolarisCatalogConfig
    assert json.dumps(plugin.get_config_schema().model_json_schema())


def test_a_plugin_that_is_not_started_says_so() -> None:
    plugin = PolarisCatalogPlugin()
    assert plugin.health_check() == (False, "not started")
    with pytest.raises(ConfigurationError, match="before it is configured"):
        plugin.startup()
    with pytest.raises(ConfigurationError, match="not started"):
        plugin.connect()
    with pytest.raises(ValidationError):
        plugin.configure({"uri": URI})
