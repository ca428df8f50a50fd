import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fault_proxy import FaultProxy, fault_proxy
from minio import BUCKET, Minio
from shared_servers import SharedServers

from floe_iceberg import Catalog, load_catalog


@pytest.fixture(scope="session")
def minio(servers: SharedServers) -> Minio:
    """Return a MinIO that runs."""
    return Minio(**servers.wait("minio"))


@pytest.fixture
def warehouse() -> str:
    """Return a location of the test's own."""
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture
def properties(minio: Minio, warehouse: str) -> dict[str, Any]:
    """Return properties of a catalog of the test's own, with its tables in MinIO."""
    return {
        "uri": "sqlite:///:memory:",
        "warehouse": warehouse,
        "s3.retry.min-wait-ms": "1",
        **minio.storage(),
    }


@pytest.fixture
def catalog(properties: dict[str, Any]) -> Catalog:
    """Return that catalog, with a namespace `db`."""
    catalog = load_catalog("s3", **properties)
    catalog.create_namespace("db")
    return catalog


@pytest.fixture
def proxy(minio: Minio) -> Iterator[FaultProxy]:
    """Return a proxy before MinIO."""
    with fault_proxy(minio.s3_endpoint, keeps_host=True) as proxy:
        yield proxy
