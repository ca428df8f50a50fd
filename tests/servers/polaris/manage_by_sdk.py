"""Calls each function of the official SDK's management API on a Polaris, and looks at the answers.

Runs in the SDK's own environment: ADDRESS TOKEN LOCATION.
"""

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
    ResetPrincipalRequest,
    RevokeGrantRequest,
    UpdateCatalogRequest,
    UpdateCatalogRoleRequest,
    UpdatePrincipalRequest,
    UpdatePrincipalRoleRequest,
)


def main() -> None:
    address, token, location = sys.argv[1:]
    configuration = Configuration(host=f"{address}/api/management/v1", access_token=token)
    api = PolarisDefaultApi(ApiClient(configuration))
    manage_catalogs(api, location)
    manage_principals(api)
    manage_roles(api)
    for delete, names in (
        (api.delete_catalog_role, ("c", "content")),
        (api.delete_catalog, ("c",)),
        (api.delete_principal_role, ("r",)),
        (api.delete_principal, ("p",)),
    ):
        delete(*names)
    assert api.list_catalogs().catalogs == []
    assert [each.name for each in api.list_principals().principals] == ["root"]
    assert [each.name for each in api.list_principal_roles().roles] == ["service_admin"]


def manage_catalogs(api: PolarisDefaultApi, location: str) -> None:
    storage = FileStorageConfigInfo(storage_type="FILE", allowed_locations=[location])
    properties = CatalogProperties(default_base_location=location)
    catalog = PolarisCatalog(
        type="INTERNAL", name="c", properties=properties, storage_config_info=storage
    )
    api.create_catalog(CreateCatalogRequest(catalog=catalog))
    version = api.get_catalog("c").entity_version
    changed = {"default-base-location": location, "x": "y"}
    update = UpdateCatalogRequest(current_entity_version=version, properties=changed)
    assert api.update_catalog("c", update).properties.to_dict() == changed


def manage_principals(api: PolarisDefaultApi) -> None:
    api.create_principal(CreatePrincipalRequest(principal=Principal(name="p")))
    update = UpdatePrincipalRequest(current_entity_version=1, properties={"a": "b"})
    assert api.update_principal("p", update).properties == {"a": "b"}
    assert api.get_principal("p").entity_version == 2
    first = api.reset_credentials("p", ResetPrincipalRequest()).credentials
    second = api.rotate_credentials("p").credentials
    assert first.client_id == second.client_id
    assert first.client_secret != second.client_secret


def manage_roles(api: PolarisDefaultApi) -> None:
    role = PrincipalRole(name="r")
    api.create_principal_role(CreatePrincipalRoleRequest(principal_role=role))
    update = UpdatePrincipalRoleRequest(current_entity_version=1, properties={"a": "b"})
    assert api.update_principal_role("r", update).properties == {"a": "b"}
    assert api.get_principal_role("r").entity_version == 2
    api.assign_principal_role("p", GrantPrincipalRoleRequest(principal_role=role))
    found = api.list_assignee_principals_for_principal_role("r").principals
    assert [each.name for each in found] == ["p"]
    content = CatalogRole(name="content")
    api.create_catalog_role("c", CreateCatalogRoleRequest(catalog_role=content))
    update = UpdateCatalogRoleRequest(current_entity_version=1, properties={"k": "v"})
    assert api.update_catalog_role("c", "content", update).properties == {"k": "v"}
    assert api.get_catalog_role("c", "content").entity_version == 2
    assert {each.name for each in api.list_catalog_roles("c").roles} == {"catalog_admin", "content"}
    granted = GrantCatalogRoleRequest(catalog_role=content)
    api.assign_catalog_role_to_principal_role("r", "c", granted)
    roles = api.list_catalog_roles_for_principal_role("r", "c").roles
    assert [each.name for each in roles] == ["content"]
    holders = api.list_assignee_principal_roles_for_catalog_role("c", "content").roles
    assert [each.name for each in holders] == ["r"]
    grant = CatalogGrant(type="catalog", privilege=CatalogPrivilege.TABLE_READ_DATA)
    api.add_grant_to_catalog_role("c", "content", AddGrantRequest(grant=grant))
    assert len(api.list_grants_for_catalog_role("c", "content").grants) == 1
    revoked = RevokeGrantRequest(grant=grant)
    api.revoke_grant_from_catalog_role("c", "content", revoke_grant_request=revoked)
    assert api.list_grants_for_catalog_role("c", "content").grants == []
    api.revoke_catalog_role_from_principal_role("r", "c", "content")
    api.revoke_principal_role("p", "r")
    assert api.list_principal_roles_assigned("p").roles == []


main()
