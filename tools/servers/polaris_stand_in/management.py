"""The management API: catalogs, principals, roles and grants."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from polaris_stand_in.entities import (
    Catalog,
    CatalogRole,
    Entity,
    Principal,
    PrincipalRole,
)
from polaris_stand_in.errors import (
    RefusalError,
    already_exists,
    bad_argument,
    no_namespace,
)
from polaris_stand_in.names import slashed
from polaris_stand_in.privileges import PRIVILEGES, authorize, authorize_service
from polaris_stand_in.routes import Answer, Call, Handler, Route
from polaris_stand_in.tables import table_of

__all__ = ["ROUTES"]

_LONGEST_NAME = 256
Role = TypeVar("Role", PrincipalRole, CatalogRole)
_SYSTEM = re.compile(r"\s*[sS][yY][sS][tT][eE][mM]\$")
_SYSTEM_PATTERN = '"^(?!\\s*[sS][yY][sS][tT][eE][mM]\\$).*$"'


def _missing(kind: str, name: str) -> RefusalError:
    message = f"TopLevelEntity of type {kind} does not exist: {name}"
    return RefusalError(404, "NotFoundException", message)


def _catalog(call: Call) -> Catalog:
    found = call.state.catalogs.get(call.names["catalog"])
    if found is None:
        raise _missing("CATALOG", call.names["catalog"])
    return found


def _principal(call: Call) -> Principal:
    found = call.state.principals.get(call.names["principal"])
    if found is None:
        raise _missing("PRINCIPAL", call.names["principal"])
    return found


def _principal_role(call: Call) -> PrincipalRole:
    found = call.state.principal_roles.get(call.names["role"])
    if found is None:
        raise _missing("PRINCIPAL_ROLE", call.names["role"])
    return found


def _catalog_role(call: Call) -> CatalogRole:
    found = _catalog(call).roles.get(call.names["catalog_role"])
    if found is None:
        message = f"CatalogRole {call.names['catalog_role']} does not exist"
        raise RefusalError(404, "NotFoundException", message)
    return found


def _common(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "properties": entity.properties,
        "createTimestamp": entity.created_ms,
        "lastUpdateTimestamp": entity.updated_ms or entity.created_ms,
        "entityVersion": entity.version,
    }


def _shown_catalog(catalog: Catalog) -> dict[str, Any]:
    return {"type": "INTERNAL", **_common(catalog), "storageConfigInfo": catalog.storage}


def _shown_principal(principal: Principal) -> dict[str, Any]:
    return {**_common(principal), "clientId": principal.client_id}


def _shown_role(role: PrincipalRole) -> dict[str, Any]:
    return {**_common(role), "federated": False}


def _with_secret(principal: Principal) -> dict[str, Any]:
    credentials = {"clientId": principal.client_id, "clientSecret": principal.client_secret}
    return {"principal": _shown_principal(principal), "credentials": credentials}


Find = Callable[[Call], Any]
Show = Callable[[Any], dict[str, Any]]


def _lister(name: str, find: Callable[[Call], Mapping[str, Entity]], show: Show) -> Handler:
    def handle(call: Call) -> Answer:
        authorize_service(call.caller, f"LIST_{name}")
        shown = [show(entity) for entity in find(call).values()]
        return Answer(body={name.lower().split("_")[-1]: shown})

    return handle


def _getter(name: str, find: Find, show: Show) -> Handler:
    def handle(call: Call) -> Answer:
        authorize_service(call.caller, f"GET_{name}")
        return Answer(body=show(find(call)))

    return handle


def _updater(name: str, find: Find, show: Show) -> Handler:
    def handle(call: Call) -> Answer:
        authorize_service(call.caller, f"UPDATE_{name}")
        entity = find(call)
        _move_on(call, entity, call.json())
        return Answer(body=show(entity))

    return handle


def _create_principal_role(call: Call) -> Answer:
    authorize_service(call.caller, "CREATE_PRINCIPAL_ROLE")
    role = _new_role(call, PrincipalRole, call.state.principal_roles)
    return Answer(201, _shown_role(role))


def _create_catalog_role(call: Call) -> Answer:
    authorize_service(call.caller, "CREATE_CATALOG_ROLE")
    role = _new_role(call, CatalogRole, _catalog(call).roles)
    return Answer(201, _common(role))


def _new_role(call: Call, kind: type[Role], roles: dict[str, Role]) -> Role:
    words, state = kind.__name__, call.state
    given = call.json().get(words[0].lower() + words[1:]) or {}
    name = given["name"]
    if name in roles:
        catalog = call.names.get("catalog")
        end = (
            f" in {catalog}. {words} already exists"
            if catalog
            else (f". {words} already exists or resolution failed")
        )
        message = f"Cannot create {words} {name}{end}"
        raise already_exists(message)
    properties = dict(given.get("properties") or {})
    roles[name] = kind(name, state.next_id(), state.clock_ms(), properties)
    return roles[name]


def _create_catalog(call: Call) -> Answer:
    authorize_service(call.caller, "CREATE_CATALOG")
    body = call.json()
    given = body.get("catalog", body)
    base = (given.get("properties") or {}).get("default-base-location")
    if given.get("type") != "INTERNAL" or base is None:
        raise RefusalError(400)
    name = _checked_name(given.get("name") or "")
    storage = _storage(call, given.get("storageConfigInfo") or {}, base)
    if name in call.state.catalogs:
        message = f"Cannot create Catalog {name}. Catalog already exists or resolution failed"
        raise already_exists(message)
    for other in call.state.catalogs.values():
        if any(_overlap(a, b) for a in _places(storage) for b in _places(other.storage)):
            message = (
                f"Cannot create Catalog {name}. One or more of its locations overlaps with an "
                "existing catalog"
            )
            raise RefusalError(400, "ValidationException", message)
    catalog = call.state.add_catalog(name, dict(given["properties"]), storage)
    return Answer(201, {**_shown_catalog(catalog), "lastUpdateTimestamp": 0})


def _checked_name(name: str) -> str:
    place = "Invalid value: createCatalog.createCatalogRequest.catalog.name: "
    if not 1 <= len(name) <= _LONGEST_NAME:
        message = f"{place}size must be between 1 and {_LONGEST_NAME}"
        raise RefusalError(400, "ResteasyReactiveViolationException", message)
    if _SYSTEM.match(name):
        message = f"{place}must match {_SYSTEM_PATTERN}"
        raise RefusalError(400, "ResteasyReactiveViolationException", message)
    return name


def _storage(call: Call, given: dict[str, Any], base: str) -> dict[str, Any]:
    kind = given.get("storageType")
    if kind not in call.state.settings.storage_types:
        message = f"Unsupported storage type: {kind}"
        raise bad_argument(message)
    locations = given.get("allowedLocations") or []
    storage = {key: value for key, value in given.items() if value is not None}
    storage["allowedLocations"] = locations if base in locations else [*locations, base]
    if kind == "S3":
        storage.setdefault("allowedKmsKeys", [])
    return storage


def _places(storage: dict[str, Any]) -> list[str]:
    return [slashed(place) for place in storage["allowedLocations"]]


def _overlap(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def _get_catalog(call: Call) -> Answer:
    catalog = _catalog(call)
    authorize(call.state, call.caller, "GET_CATALOG", catalog)
    return Answer(body=_shown_catalog(catalog))


def _update_catalog(call: Call) -> Answer:
    authorize_service(call.caller, "UPDATE_CATALOG")
    catalog, body = _catalog(call), call.json()
    _move_on(call, catalog, body)
    if body.get("storageConfigInfo"):
        catalog.storage = _storage(call, body["storageConfigInfo"], catalog.base)
    return Answer(body=_shown_catalog(catalog))


def _move_on(call: Call, entity: Entity, body: dict[str, Any]) -> None:
    wanted = body.get("currentEntityVersion")
    if wanted != entity.version:
        message = (
            f"Failed to update {type(entity).__name__}; currentEntityVersion '{entity.version}', "
            f"expected '{wanted}'"
        )
        raise RefusalError(409, "CommitConflictException", message)
    if body.get("properties") is not None:
        entity.properties = dict(body["properties"])
    entity.version += 1
    entity.updated_ms = call.state.clock_ms()


def _delete_catalog(call: Call) -> Answer:
    authorize_service(call.caller, "DELETE_CATALOG")
    catalog = _catalog(call)
    if catalog.namespaces or len(catalog.roles) > 1:
        message = f"Catalog '{catalog.name}' cannot be dropped, it is not empty"
        raise RefusalError(400, "BadRequestException", message)
    del call.state.catalogs[catalog.name]
    for role in call.state.principal_roles.values():
        role.catalog_roles.pop(catalog.name, None)
    return Answer(204)


def _create_principal(call: Call) -> Answer:
    authorize_service(call.caller, "CREATE_PRINCIPAL")
    given = call.json().get("principal") or {}
    name, state = given["name"], call.state
    if name in state.principals:
        message = f"Cannot create Principal {name}. Principal already exists or resolution failed"
        raise already_exists(message)
    properties = dict(given.get("properties") or {})
    principal = Principal(name, state.next_id(), state.clock_ms(), properties)
    principal.client_id, principal.client_secret = state.new_secret()[:16], state.new_secret()
    state.principals[name] = principal
    return Answer(201, _with_secret(principal))


def _delete_principal(call: Call) -> Answer:
    authorize_service(call.caller, "DELETE_PRINCIPAL")
    del call.state.principals[_principal(call).name]
    return Answer(204)


def _new_secret(call: Call) -> Answer:
    principal = _principal(call)
    if call.caller.principal is not principal:
        authorize_service(call.caller, "ROTATE_CREDENTIALS")
    given = call.json() if call.body else {}
    principal.client_id = given.get("clientId") or principal.client_id
    principal.client_secret = given.get("clientSecret") or call.state.new_secret()
    return Answer(body=_with_secret(principal))


def _roles_of_principal(call: Call) -> Answer:
    authorize_service(call.caller, "LIST_PRINCIPAL_ROLES_ASSIGNED")
    roles = [call.state.principal_roles[name] for name in _principal(call).roles]
    return Answer(body={"roles": [_shown_role(role) for role in roles]})


def _assign_principal_role(call: Call) -> Answer:
    authorize_service(call.caller, "ASSIGN_PRINCIPAL_ROLE")
    principal, name = _principal(call), call.json()["principalRole"]["name"]
    if name not in call.state.principal_roles:
        message = f"Entity {name} not found when trying to assign {name} to {principal.name}"
        raise RefusalError(404, "NotFoundException", message)
    if name not in principal.roles:
        principal.roles.append(name)
    return Answer(201)


def _revoke_principal_role(call: Call) -> Answer:
    authorize_service(call.caller, "REVOKE_PRINCIPAL_ROLE")
    principal, role = _principal(call), _principal_role(call)
    if role.name not in principal.roles:
        raise _no_grant()
    principal.roles.remove(role.name)
    return Answer(204)


def _delete_principal_role(call: Call) -> Answer:
    authorize_service(call.caller, "DELETE_PRINCIPAL_ROLE")
    name = _principal_role(call).name
    del call.state.principal_roles[name]
    for principal in call.state.principals.values():
        principal.roles = [role for role in principal.roles if role != name]
    return Answer(204)


def _principals_of_role(call: Call) -> Answer:
    authorize_service(call.caller, "LIST_ASSIGNEE_PRINCIPALS_FOR_PRINCIPAL_ROLE")
    name = _principal_role(call).name
    found = [p for p in call.state.principals.values() if name in p.roles]
    return Answer(body={"principals": [_shown_principal(each) for each in found]})


def _catalog_roles_of_role(call: Call) -> Answer:
    authorize_service(call.caller, "LIST_CATALOG_ROLES_FOR_PRINCIPAL_ROLE")
    catalog = _catalog(call)
    names = _principal_role(call).catalog_roles.get(catalog.name, [])
    return Answer(body={"roles": [_common(catalog.roles[name]) for name in names]})


def _assign_catalog_role(call: Call) -> Answer:
    catalog, role = _catalog(call), _principal_role(call)
    authorize_service(call.caller, "ASSIGN_CATALOG_ROLE_TO_PRINCIPAL_ROLE")
    name = call.json()["catalogRole"]["name"]
    if name not in catalog.roles:
        message = f"CatalogRole {name} does not exist"
        raise RefusalError(404, "NotFoundException", message)
    names = role.catalog_roles.setdefault(catalog.name, [])
    if name not in names:
        names.append(name)
    return Answer(201)


def _revoke_catalog_role(call: Call) -> Answer:
    authorize_service(call.caller, "REVOKE_CATALOG_ROLE_FROM_PRINCIPAL_ROLE")
    names = _principal_role(call).catalog_roles.get(_catalog(call).name, [])
    if call.names["catalog_role"] not in names:
        raise _no_grant()
    names.remove(call.names["catalog_role"])
    return Answer(204)


def _delete_catalog_role(call: Call) -> Answer:
    authorize_service(call.caller, "DELETE_CATALOG_ROLE")
    catalog, name = _catalog(call), _catalog_role(call).name
    del catalog.roles[name]
    for role in call.state.principal_roles.values():
        names = role.catalog_roles.get(catalog.name, [])
        role.catalog_roles[catalog.name] = [each for each in names if each != name]
    return Answer(204)


def _assignees(call: Call) -> Answer:
    authorize_service(call.caller, "LIST_ASSIGNEE_PRINCIPAL_ROLES_FOR_CATALOG_ROLE")
    catalog, name = _catalog(call), _catalog_role(call).name
    found = [
        role
        for role in call.state.principal_roles.values()
        if name in role.catalog_roles.get(catalog.name, [])
    ]
    return Answer(body={"roles": [_shown_role(role) for role in found]})


def _list_grants(call: Call) -> Answer:
    authorize_service(call.caller, "LIST_GRANTS_FOR_CATALOG_ROLE")
    return Answer(body={"grants": _catalog_role(call).grants})


def _checked_grant(call: Call) -> dict[str, Any]:
    grant: dict[str, Any] = call.json()["grant"]
    if grant.get("privilege") not in PRIVILEGES:
        raise RefusalError(400)
    catalog = _catalog(call)
    if grant["type"] != "catalog":
        levels = tuple(grant["namespace"])
        if levels not in catalog.namespaces:
            raise no_namespace(".".join(levels))
        if grant["type"] == "table":
            table_of(catalog, levels, grant["tableName"])
    return grant


def _add_grant(call: Call) -> Answer:
    authorize_service(call.caller, "ADD_GRANT")
    role, grant = _catalog_role(call), _checked_grant(call)
    if grant not in role.grants:
        role.grants.append(grant)
    return Answer(201)


def _revoke_grant(call: Call) -> Answer:
    authorize_service(call.caller, "REVOKE_GRANT")
    role, grant = _catalog_role(call), _checked_grant(call)
    if grant not in role.grants:
        raise _no_grant()
    role.grants.remove(grant)
    return Answer(201)


def _no_grant() -> RefusalError:
    return RefusalError(400, "GRANT_NOT_FOUND", "Operation failed: GRANT_NOT_FOUND")


def _crud(path: str, handlers: dict[str, Handler]) -> list[Route]:
    return [Route(method, path, handler) for method, handler in handlers.items()]


_ROLE = "principal-roles/{role}"
_CATALOG_ROLE = "catalogs/{catalog}/catalog-roles/{catalog_role}"

ROUTES = [
    *_crud(
        "catalogs",
        {
            "GET": _lister("CATALOGS", lambda call: call.state.catalogs, _shown_catalog),
            "POST": _create_catalog,
        },
    ),
    *_crud(
        "catalogs/{catalog}",
        {"GET": _get_catalog, "PUT": _update_catalog, "DELETE": _delete_catalog},
    ),
    *_crud(
        "principals",
        {
            "GET": _lister("PRINCIPALS", lambda call: call.state.principals, _shown_principal),
            "POST": _create_principal,
        },
    ),
    *_crud(
        "principals/{principal}",
        {
            "GET": _getter("PRINCIPAL", _principal, _shown_principal),
            "PUT": _updater("PRINCIPAL", _principal, _shown_principal),
            "DELETE": _delete_principal,
        },
    ),
    Route("POST", "principals/{principal}/rotate", _new_secret),
    Route("POST", "principals/{principal}/reset", _new_secret),
    *_crud(
        "principals/{principal}/principal-roles",
        {"GET": _roles_of_principal, "PUT": _assign_principal_role},
    ),
    Route("DELETE", "principals/{principal}/principal-roles/{role}", _revoke_principal_role),
    *_crud(
        "principal-roles",
        {
            "GET": _lister("PRINCIPAL_ROLES", lambda call: call.state.principal_roles, _shown_role),
            "POST": _create_principal_role,
        },
    ),
    *_crud(
        _ROLE,
        {
            "GET": _getter("PRINCIPAL_ROLE", _principal_role, _shown_role),
            "PUT": _updater("PRINCIPAL_ROLE", _principal_role, _shown_role),
            "DELETE": _delete_principal_role,
        },
    ),
    Route("GET", f"{_ROLE}/principals", _principals_of_role),
    *_crud(
        f"{_ROLE}/catalog-roles/{{catalog}}",
        {"GET": _catalog_roles_of_role, "PUT": _assign_catalog_role},
    ),
    Route("DELETE", f"{_ROLE}/catalog-roles/{{catalog}}/{{catalog_role}}", _revoke_catalog_role),
    *_crud(
        "catalogs/{catalog}/catalog-roles",
        {
            "GET": _lister("CATALOG_ROLES", lambda call: _catalog(call).roles, _common),
            "POST": _create_catalog_role,
        },
    ),
    *_crud(
        _CATALOG_ROLE,
        {
            "GET": _getter("CATALOG_ROLE", _catalog_role, _common),
            "PUT": _updater("CATALOG_ROLE", _catalog_role, _common),
            "DELETE": _delete_catalog_role,
        },
    ),
    Route("GET", f"{_CATALOG_ROLE}/principal-roles", _assignees),
    *_crud(
        f"{_CATALOG_ROLE}/grants",
        {"GET": _list_grants, "PUT": _add_grant, "POST": _revoke_grant},
    ),
]
