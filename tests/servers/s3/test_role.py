"""Roles that MinIO's STS gives: who asks is found by AWS's SDK in the environment."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pyarrow as pa
import pytest
from fault_proxy import FaultProxy
from minio import Minio

from floe_core.errors import StorageAccessError
from floe_iceberg import Catalog, load_catalog

ROWS = pa.table({"id": [1, 2, 3]})
ROLE = "arn:aws:iam::123456789012:role/lake"

Open = Callable[..., Catalog]


@pytest.fixture
def opened(
    minio: Minio, warehouse: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """Return what opens a catalog whose properties name a role; the proxy sees what is asked."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "engineer")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "engineer-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", proxy.uri)

    def opened(**role: Any) -> Catalog:
        place = {"s3.endpoint": proxy.uri, "s3.region": "us-east-1"}
        catalog = load_catalog(
            "role", uri="sqlite:///:memory:", warehouse=warehouse, **place, **role
        )
        catalog.create_namespace("db")
        return catalog

    assert minio.s3_endpoint != proxy.uri
    return opened


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        ({"s3.role-arn": ROLE}, {"RoleSessionName": "floe", "DurationSeconds": "900"}),
        ({"s3.role-arn": ROLE, "s3.role-session-name": "x"}, {"RoleSessionName": "x"}),
        ({"client.role-arn": ROLE, "client.role-session-name": "x"}, {"RoleSessionName": "x"}),
        (
            {
                "client.assume-role.arn": ROLE,
                "client.assume-role.session-name": "x",
                "client.assume-role.external-id": "y",
                "client.assume-role.timeout-sec": "1800",
            },
            {"RoleSessionName": "x", "ExternalId": "y", "DurationSeconds": "1800"},
        ),
    ],
    ids=["s3", "s3 with a name", "client", "Java's"],
)
def test_tables_are_used_in_a_role(
    opened: Open, proxy: FaultProxy, names: dict[str, str], asked: dict[str, str]
) -> None:
    catalog = opened(**names)
    table = catalog.create_table("db.t", ROWS.schema)
    table.append(ROWS)
    assert table.scan().to_arrow() == ROWS
    sts, *objects = proxy.requests
    form = {key: value for key, [value] in parse_qs(sts.body.decode()).items()}
    assert form["Action"] == "AssumeRole"
    assert {"RoleArn": ROLE, **asked}.items() <= form.items()
    assert objects
    for request in objects:
        heads = {key.lower(): value for key, value in request.headers.items()}
        assert "Credential=engineer/" not in heads["authorization"]
        assert heads["x-amz-security-token"]


def test_a_role_that_is_refused_is_said(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "marked-secret")
    catalog = opened(**{"s3.role-arn": ROLE})
    with pytest.raises(StorageAccessError, match=r"s3\.role-arn") as raised:
        catalog.create_table("db.t", ROWS.schema)
    assert "AWS_ENDPOINT_URL_STS" in str(raised.value)
    assert "marked-secret" not in str(raised.value)
