"""What users read when S3 says no: each line of s3_errors.jsonl is a thing that is wrong on MinIO,
or an answer in its place, and the error that it becomes."""

import json
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from fault_proxy import FaultProxy, reply
from minio import Minio
from s3_clients import new_session

import floe_core.errors
from floe_core.errors import FloeStorageError
from floe_iceberg import Catalog, load_catalog

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "s3_errors.jsonl").read_text().splitlines()
]
SCHEMA = pa.schema([("id", pa.int64())])
MEGABYTE = 1 << 20


def storage_of(case: dict[str, Any], minio: Minio, proxy: FaultProxy) -> dict[str, str]:
    """Return the properties of S3 that a case asks for."""
    if "session" in case:
        lent = new_session(minio.s3_endpoint)
        token = case["session"]
        return {**minio.storage(), **lent.properties, "s3.session-token": token}
    if "nobody" in case:
        return {"s3.endpoint": minio.s3_endpoint, "s3.anonymous": "true"}
    storage = minio.storage(case.get("user", "engineer"))
    if "answer" in case:
        storage["s3.endpoint"] = proxy.uri
        for method in ("HEAD", "GET", "PUT"):
            proxy.plan(method, "", *[reply(*case["answer"])] * 20)
    return {**storage, **case.get("with", {})}


def do(catalog: Catalog, do: str, location: str = "", megabytes: int = 0, **_: Any) -> None:
    """Read an object as metadata, or write one of that size."""
    if do == "read":
        catalog.register_table("db.t", location or "s3://lake/there")
    else:
        much = {"much": "x" * (megabytes * MEGABYTE)}
        catalog.create_table("db.t", SCHEMA, location=location or "s3://lake/new", properties=much)


@pytest.mark.requirement("T-FR-010")
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_refusal_becomes_an_error(minio: Minio, proxy: FaultProxy, case: dict[str, Any]) -> None:
    asked, wanted = case["in"], case["error"]
    few = {"s3.retry.num-retries": "2", "s3.retry.min-wait-ms": "1"}
    storage = {**few, **storage_of(asked, minio, proxy)}
    catalog = load_catalog("wrong", uri="sqlite:///:memory:", warehouse="s3://lake/w", **storage)
    catalog.create_namespace("db")
    with pytest.raises(FloeStorageError) as raised:
        do(catalog, **asked)
    error = raised.value
    assert type(error) is getattr(floe_core.errors, wanted["class"]), error
    for words in wanted["contains"]:
        assert words in str(error)
    assert getattr(error, "errno", None) == wanted.get("errno")
    told = "".join(traceback.format_exception(error)) + repr(error.details)
    assert "marked-secret" not in told
    assert "-secret" not in told.replace("s3.secret-", "")
