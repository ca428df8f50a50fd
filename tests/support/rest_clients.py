"""Clients of a REST catalog behind a proxy, that do not wait long before they ask again."""

from typing import Any

import pyarrow as pa
from fault_proxy import FaultProxy

from floe_iceberg import Catalog, load_catalog

ROWS = pa.table({"id": pa.array([1, 2], pa.int64())})
RETRIES = 3
QUICK = {
    "rest.client.retry.max-wait-ms": "5",
    "rest.client.retry.min-wait-ms": "1",
    "rest.client.max-retries": str(RETRIES),
    "fsync": False,
}
ONCE = {"rest.client.max-retries": "0"}


def connect(proxy: FaultProxy, **properties: Any) -> Catalog:
    """Return a catalog whose requests from now on the proxy remembers."""
    catalog = load_catalog("test", uri=proxy.uri, **{**QUICK, **properties})
    proxy.forget()
    return catalog
