"""Configurations of storage plugins, on the servers of a test run."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azurite import ACCOUNT, CONTAINER, Azurite, key_of
from fake_gcs import BUCKET as GCS_BUCKET
from fake_gcs import FakeGcs
from minio import BUCKET as MINIO_BUCKET
from minio import Minio
from seaweed import BUCKET, Seaweed
from shared_servers import SharedServers

Configs = Callable[[str], dict[str, Any]]

# What the environment is to have.
VARIABLES = {
    "AZURE_KEY": key_of(ACCOUNT),
    "GCS_TOKEN": "any-token",
    "S3_SECRET": "engineer-secret",
    "WRONG_KEY": key_of("wrong"),
}


def storage_configs(servers: SharedServers, folder: Path) -> Configs:
    """Return what gives a plugin's configuration, by its name, in a place of its own.

    `role` is one of the plugin s3: a role in MinIO, which AWS's variables have the keys to.
    """
    prefix = uuid.uuid4().hex

    def config(name: str) -> dict[str, Any]:
        if name == "local":
            return {"path": folder}
        if name == "gcs":
            endpoint = FakeGcs(**servers.wait("fake_gcs")).endpoint
            gcs = {"bucket": GCS_BUCKET, "prefix": prefix, "endpoint": endpoint}
            return {**gcs, "token": {"name": "gcs-token"}, "token_expires_at": 4102444800000}
        if name == "azure":
            authority = Azurite(**servers.wait("azurite")).authority
            place = {"container": CONTAINER, "prefix": prefix, "authority": authority}
            return {
                **place,
                "account_name": ACCOUNT,
                "scheme": "http",
                "account_key": {"name": "azure-key"},
            }
        if name == "role":
            return {
                "bucket": MINIO_BUCKET,
                "prefix": prefix,
                "endpoint": Minio(**servers.wait("minio")).s3_endpoint,
                "region": "us-east-1",
                "role_arn": "arn:aws:iam::123456789012:role/lake",
            }
        keys = {"access_key_id": "engineer", "secret_access_key": {"name": "s3-secret"}}
        if name == "minio":
            endpoint = Minio(**servers.wait("minio")).s3_endpoint
            return {"bucket": MINIO_BUCKET, "prefix": prefix, "endpoint": endpoint, **keys}
        endpoint = Seaweed(**servers.wait("seaweed")).s3_endpoint
        place = {"bucket": BUCKET, "prefix": prefix, "endpoint": endpoint, "region": "us-east-1"}
        return {**place, **keys}

    return config
