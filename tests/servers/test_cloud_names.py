"""What each property of Google Cloud Storage and Azure does, seen by a proxy before the server."""

import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from azurite import ACCOUNT, CONTAINER, Azurite, key_of
from fake_gcs import BUCKET, FakeGcs
from fault_proxy import FaultProxy, Request, fault_proxy, reply
from shared_servers import SharedServers

from floe_core.errors import FloeStorageError
from floe_iceberg import load_catalog

SOURCES = Path(__file__).parents[2] / "src" / "object_io"
SCHEMA = pa.schema([("id", pa.int64())])

Properties = dict[str, str]


def read_names(store: str) -> set[str]:
    """Return the names that the engine reads."""
    table = (SOURCES / f"{store}_settings.cc").read_text().partition("kKnown = ")[2]
    return set(re.findall(r'\{"([\w.-]+)"\}', table.partition("});")[0]))


def headers(request: Request) -> dict[str, str]:
    return {key.lower(): value for key, value in request.headers.items()}


def use(proxy: FaultProxy, warehouse: str, properties: Properties) -> list[Request]:
    """Make a table and return what that asked for; FloeStorageError ends it."""
    catalog = load_catalog("x", uri="sqlite:///:memory:", warehouse=warehouse, **properties)
    catalog.create_namespace("db")
    proxy.requests.clear()
    with suppress(FloeStorageError):
        catalog.create_table("db.t", SCHEMA)
    return list(proxy.requests)


@pytest.fixture
def gcs(servers: SharedServers) -> Iterator[FaultProxy]:
    with fault_proxy(FakeGcs(**servers.wait("fake_gcs")).endpoint) as proxy:
        yield proxy


@pytest.fixture
def azure(servers: SharedServers) -> Iterator[FaultProxy]:
    with fault_proxy(Azurite(**servers.wait("azurite")).endpoint) as proxy:
        yield proxy


# Who asks, by Authorization; None: nobody. What is said of it besides is tested elsewhere.
GCS: dict[str, tuple[Properties, str | None]] = {
    "gcs.service.host": ({"gcs.service.host": "PROXY", "gcs.no-auth": "true"}, None),
    "gcs.endpoint": ({"gcs.endpoint": "PROXY", "gcs.no-auth": "true"}, None),
    "gcs.no-auth": ({"gcs.endpoint": "PROXY", "gcs.no-auth": "true"}, None),
    "gcs.oauth2.token": ({"gcs.endpoint": "PROXY", "gcs.oauth2.token": "abc"}, "Bearer abc"),
}
# Not sent before its end; tried no longer; renewed, which C++ tests; and what Google's client
# takes to make buckets, which floe does not.
GCS_ELSEWHERE = {
    "gcs.oauth2.token-expires-at",
    "gcs.request-timeout",
    "gcs.oauth2.refresh-credentials-enabled",
    "gcs.project-id",
    "gcs.default-location",
    "gcs.default-bucket-location",
}


def test_every_name_of_gcs_is_looked_at() -> None:
    assert {*GCS, *GCS_ELSEWHERE} == read_names("gcs")


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("name", GCS)
def test_a_name_of_gcs_does_what_it_says(gcs: FaultProxy, name: str) -> None:
    properties, who = GCS[name]
    own = {key: gcs.uri if value == "PROXY" else value for key, value in properties.items()}
    asked = use(gcs, f"gs://{BUCKET}/{uuid.uuid4().hex}", own)
    assert asked
    assert {headers(request).get("authorization") for request in asked} == {who}


def test_a_token_of_gcs_is_not_sent_after_its_end(gcs: FaultProxy) -> None:
    own = {"gcs.endpoint": gcs.uri, "gcs.oauth2.token": "abc"}
    ended = {**own, "gcs.oauth2.token-expires-at": "1600000000000"}
    assert use(gcs, f"gs://{BUCKET}/x", ended) == []


def test_gcs_is_tried_no_longer_than_it_may_be(gcs: FaultProxy) -> None:
    gcs.plan("GET", "", *[reply(503)] * 100)
    own = {"gcs.endpoint": gcs.uri, "gcs.no-auth": "true", "gcs.request-timeout": "0.001"}
    assert len(use(gcs, f"gs://{BUCKET}/x", own)) == 1


KEY = key_of(ACCOUNT)
ACCOUNT_KEY = {"adls.account-name": ACCOUNT, "adls.account-key": KEY}
JAVAS_KEY = {
    "adls.auth.shared-key.account.name": ACCOUNT,
    "adls.auth.shared-key.account.key": KEY,
}
HTTP = {"adls.blob-storage-scheme": "http"}
PLACE = {"adls.blob-storage-authority": "PROXY", **HTTP}
SHARED_KEY, SIGNATURE, NOBODY = f"SharedKey {ACCOUNT}:", "sig=abc", ""
# Of each: properties, and what all requests have in Authorization or in their address.
AZURE: dict[str, tuple[Properties, str]] = {
    "adls.account-name": ({**ACCOUNT_KEY, **PLACE}, SHARED_KEY),
    "adls.account-key": ({**ACCOUNT_KEY, **PLACE}, SHARED_KEY),
    "adls.blob-storage-authority": ({**ACCOUNT_KEY, **PLACE}, SHARED_KEY),
    "adls.blob-storage-scheme": ({**ACCOUNT_KEY, **PLACE}, SHARED_KEY),
    "adls.account-host": ({**ACCOUNT_KEY, **HTTP, "adls.account-host": "PROXY"}, SHARED_KEY),
    "adls.auth.shared-key.account.name": ({**JAVAS_KEY, **PLACE}, SHARED_KEY),
    "adls.auth.shared-key.account.key": ({**JAVAS_KEY, **PLACE}, SHARED_KEY),
    "adls.connection-string": (
        {
            "adls.connection-string": f"AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint=http://PROXY/{ACCOUNT}"
        },
        SHARED_KEY,
    ),
    "adls.sas-token": (
        {"adls.account-name": ACCOUNT, "adls.sas-token": "sv=1&sig=abc", **PLACE},
        SIGNATURE,
    ),
    "adls.sas-token.": (
        {"adls.account-name": ACCOUNT, f"adls.sas-token.{ACCOUNT}": "sv=1&sig=abc", **PLACE},
        SIGNATURE,
    ),
    "adls.anon": ({"adls.account-name": ACCOUNT, "adls.anon": "true", **PLACE}, NOBODY),
}
# A service principal signs in at Microsoft's; C++ tests say what else is read.
AZURE_ELSEWHERE = {
    "adls.tenant-id",
    "adls.client-id",
    "adls.client-secret",
    "adls.dfs-storage-authority",
    "adls.dfs-storage-scheme",
    "adls.refresh-credentials-enabled",
}


def test_every_name_of_azure_is_looked_at() -> None:
    assert {*AZURE, *AZURE_ELSEWHERE} == read_names("azure")


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("name", AZURE)
def test_a_name_of_azure_does_what_it_says(azure: FaultProxy, name: str) -> None:
    properties, who = AZURE[name]
    authority = azure.uri.removeprefix("http://")
    own = {key: value.replace("PROXY", authority) for key, value in properties.items()}
    asked = use(azure, f"abfss://{CONTAINER}/{uuid.uuid4().hex}", own)
    assert asked
    for request in asked:
        assert request.path.startswith(f"/{ACCOUNT}/{CONTAINER}")
        shown = headers(request).get("authorization", "")
        assert shown.startswith(SHARED_KEY) == (who == SHARED_KEY)
        assert (SIGNATURE in request.path) == (who == SIGNATURE)
