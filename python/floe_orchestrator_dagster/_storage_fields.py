"""What the I/O manager's fields say of the stores that tables are in."""

from typing import Any

import dagster as dg
from pydantic import Field
from pydantic.config import JsonDict

__all__ = ["SECRET", "StorageFields"]

SECRET: JsonDict = {"dagster__is_secret": True}

# Each is the store's property of that name, with these signs in it.
_PROPERTIES = {
    "s3_endpoint": "s3.endpoint",
    "s3_access_key_id": "s3.access-key-id",
    "s3_secret_access_key": "s3.secret-access-key",
    "s3_session_token": "s3.session-token",
    "s3_profile_name": "s3.profile-name",
    "s3_role_arn": "s3.role-arn",
    "s3_anonymous": "s3.anonymous",
    "s3_region": "s3.region",
    "s3_path_style_access": "s3.path-style-access",
    "gcs_service_host": "gcs.service.host",
    "gcs_project_id": "gcs.project-id",
    "gcs_oauth2_token": "gcs.oauth2.token",
    "gcs_oauth2_token_expires_at": "gcs.oauth2.token-expires-at",
    "gcs_no_auth": "gcs.no-auth",
    "adls_account_name": "adls.account-name",
    "adls_account_key": "adls.account-key",
    "adls_sas_token": "adls.sas-token",
    "adls_tenant_id": "adls.tenant-id",
    "adls_client_id": "adls.client-id",
    "adls_client_secret": "adls.client-secret",
    "adls_blob_storage_authority": "adls.blob-storage-authority",
    "adls_dfs_storage_authority": "adls.dfs-storage-authority",
    "adls_blob_storage_scheme": "adls.blob-storage-scheme",
    "adls_dfs_storage_scheme": "adls.dfs-storage-scheme",
}


class StorageFields(dg.ConfigurableIOManager):
    """The fields, by stores."""

    s3_endpoint: str | None = Field(
        default=None, description="Of tables on S3, where it is not AWS's."
    )
    s3_access_key_id: str | None = Field(
        default=None, description="Where the catalog lends no keys to tables on S3."
    )
    s3_secret_access_key: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    s3_session_token: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    s3_profile_name: str | None = Field(default=None, description="Of AWS's files.")
    s3_role_arn: str | None = Field(
        default=None, description="A role that what AWS's SDK finds may assume."
    )
    s3_anonymous: bool | None = Field(default=None, description="Whether S3 is asked as nobody.")
    s3_region: str | None = Field(default=None, description="Of the buckets of tables on S3.")
    s3_path_style_access: bool | None = Field(
        default=None, description="Whether the bucket is in the path of S3's addresses."
    )
    gcs_service_host: str | None = Field(
        default=None, description="Of tables in Google Cloud Storage, where it is not Google's."
    )
    gcs_project_id: str | None = Field(default=None, description="Google Cloud's project.")
    gcs_oauth2_token: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    gcs_oauth2_token_expires_at: int | None = Field(
        default=None, description="When the token ends, in milliseconds since 1970."
    )
    gcs_no_auth: bool | None = Field(
        default=None, description="Whether Google Cloud Storage is asked as nobody."
    )
    adls_account_name: str | None = Field(
        default=None, description="The storage account of tables in Azure."
    )
    adls_account_key: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    adls_sas_token: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    adls_tenant_id: str | None = Field(default=None, description="Of a service principal.")
    adls_client_id: str | None = Field(default=None, description="Of a service principal.")
    adls_client_secret: str | None = Field(default=None, repr=False, json_schema_extra=SECRET)
    adls_blob_storage_authority: str | None = Field(
        default=None, description="The host, where it is not Azure's."
    )
    adls_dfs_storage_authority: str | None = Field(
        default=None, description="The host of Data Lake Storage, where it is not Azure's."
    )
    adls_blob_storage_scheme: str | None = Field(default=None, description="https, or http.")
    adls_dfs_storage_scheme: str | None = Field(default=None, description="https, or http.")

    def __init__(self, **fields: Any) -> None:
        """Take the fields; `{"env": NAME}` is Dagster's EnvVar, as in its configuration files."""
        super().__init__(**{name: _as_variable(value) for name, value in fields.items()})

    def storage_properties(self) -> dict[str, Any]:
        """Return the properties of a catalog for what the fields say."""
        given = {name: getattr(self, name) for name in _PROPERTIES}
        return {_PROPERTIES[name]: value for name, value in given.items() if value is not None}


def _as_variable(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"env"}:
        return dg.EnvVar(value["env"])
    return value
