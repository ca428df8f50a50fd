"""Sets up a Polaris by its official SDK: a catalog, a principal, roles, a grant.

Runs in the SDK's own environment: ADDRESS CLIENT_ID CLIENT_SECRET LOCATION. Prints the principal's
id and secret.
"""

import json
import sys

from apache_polaris.sdk.management import (
    AddGrantRequest,
    ApiClient,
    CatalogGrant,
    CatalogPrivilege,
    CatalogProperties,
    CatalogRole,
    Configuration,
    CreateCatalogRequest,
    CreateCatalogRoleRequest,
    CreatePrincipalRequest,
    CreatePrincipalRoleRequest,
    FileStorageConfigInfo,
    GrantCatalogRoleRequest,
    GrantPrincipalRoleRequest,
    PolarisCatalog,
    PolarisDefaultApi,
    Principal,
    PrincipalRole,
)


def main() -> None:
    address, client_id, client_secret, location = sys.argv[1:]
    configuration = Configuration(host=f"{address}/api/management/v1")
    client = ApiClient(configuration)
    token = client.call_api(
        "POST",
        f"{address}/api/catalog/v1/oauth/tokens",
        header_params={"Content-Type": "application/x-www-form-urlencoded"},
        post_params={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": "PRINCIPAL_ROLE:ALL",
        },
    )
    token.read()
    configuration.access_token = json.loads(token.data)["access_token"]
    api = PolarisDefaultApi(client)
    catalog = PolarisCatalog(
        type="INTERNAL",
        name="by-sdk",
        properties=CatalogProperties(default_base_location=location),
        storage_config_info=FileStorageConfigInfo(
            storage_type="FILE", allowed_locations=[location]
        ),
    )
    api.create_catalog(CreateCatalogRequest(catalog=catalog))
    made = api.create_principal(CreatePrincipalRequest(principal=Principal(name="sdk-user")))
    role = PrincipalRole(name="sdk-role")
    api.create_principal_role(CreatePrincipalRoleRequest(principal_role=role))
    api.assign_principal_role("sdk-user", GrantPrincipalRoleRequest(principal_role=role))
    content = CatalogRole(name="content")
    api.create_catalog_role("by-sdk", CreateCatalogRoleRequest(catalog_role=content))
    grant = CatalogGrant(type="catalog", privilege=CatalogPrivilege.CATALOG_MANAGE_CONTENT)
    api.add_grant_to_catalog_role("by-sdk", "content", AddGrantRequest(grant=grant))
    request = GrantCatalogRoleRequest(catalog_role=content)
    api.assign_catalog_role_to_principal_role("sdk-role", "by-sdk", request)
    assert [each.name for each in api.list_catalogs().catalogs] == ["by-sdk"]
    assert "sdk-user" in [each.name for each in api.list_principals().principals]
    assert [each.name for each in api.list_principal_roles_assigned("sdk-user").roles] == [
        "sdk-role"
    ]
    grants = api.list_grants_for_catalog_role("by-sdk", "content").grants
    assert [each.privilege for each in grants] == ["CATALOG_MANAGE_CONTENT"]
    print(made.credentials.client_id, made.credentials.client_secret.get_secret_value())


main()
