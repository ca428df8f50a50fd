"""The catalog API's configuration and namespaces."""

from typing import Any

from polaris_stand_in.entities import Catalog, Namespace
from polaris_stand_in.errors import (
    BadJsonError,
    RefusalError,
    already_exists,
    bad_argument,
    no_namespace,
)
from polaris_stand_in.names import check_name, check_properties, check_uri, page
from polaris_stand_in.privileges import authorize
from polaris_stand_in.routes import Answer, Call, Route, levels_of, namespace_of

__all__ = ["ROUTES"]

_SPACES = "{prefix}/namespaces"
_SPACE = f"{_SPACES}/{{namespace}}"
_TABLE = f"{_SPACE}/tables/{{table}}"
_VIEW = f"{_SPACE}/views/{{view}}"
_POLICY = f"/polaris/v1/{_SPACE}/policies/{{policy-name}}"
_ENDPOINTS = [
    f"GET /v1/{_SPACES}",
    f"GET /v1/{_SPACE}",
    f"HEAD /v1/{_SPACE}",
    f"POST /v1/{_SPACES}",
    f"POST /v1/{_SPACE}/properties",
    f"DELETE /v1/{_SPACE}",
    f"GET /v1/{_SPACE}/tables",
    f"GET /v1/{_TABLE}",
    f"HEAD /v1/{_TABLE}",
    f"POST /v1/{_SPACE}/tables",
    f"POST /v1/{_TABLE}",
    f"DELETE /v1/{_TABLE}",
    "POST /v1/{prefix}/tables/rename",
    f"POST /v1/{_SPACE}/register",
    f"POST /v1/{_TABLE}/metrics",
    "POST /v1/{prefix}/transactions/commit",
    f"GET /v1/{_SPACE}/views",
    f"GET /v1/{_VIEW}",
    f"HEAD /v1/{_VIEW}",
    f"POST /v1/{_SPACE}/views",
    f"POST /v1/{_VIEW}",
    f"DELETE /v1/{_VIEW}",
    "POST /v1/{prefix}/views/rename",
    f"POST /v1/{_SPACE}/register-view",
    f"GET polaris/v1/{_SPACE}/generic-tables",
    f"POST polaris/v1/{_SPACE}/generic-tables",
    f"DELETE polaris/v1/{_SPACE}/generic-tables/{{generic-table}}",
    f"GET polaris/v1/{_SPACE}/generic-tables/{{generic-table}}",
    f"GET /polaris/v1/{_SPACE}/policies",
    f"POST /polaris/v1/{_SPACE}/policies",
    f"GET {_POLICY}",
    f"PUT {_POLICY}",
    f"DELETE {_POLICY}",
    f"PUT {_POLICY}/mappings",
    f"POST {_POLICY}/mappings",
    "GET /polaris/v1/{prefix}/applicable-policies",
]


def _config(call: Call) -> Answer:
    name = call.query.get("warehouse")
    if not name:
        raise RefusalError(400, "BadRequestException", "Please specify a warehouse")
    catalog = call.state.catalogs.get(name)
    if catalog is None:
        raise RefusalError(404, "NotFoundException", f"Unable to find warehouse {name}")
    overrides = {"namespace-separator": "%1F", "prefix": name}
    answer: dict[str, Any] = {
        "defaults": catalog.properties,
        "overrides": overrides,
        "endpoints": _ENDPOINTS,
    }
    if call.state.settings.is_idempotent:
        answer["idempotency-key-lifetime"] = "PT5M"
    return Answer(body=answer)


def _list(call: Call) -> Answer:
    catalog = call.catalog
    parent = call.query.get("parent", "")
    levels = levels_of(parent) if parent else ()
    if levels:
        namespace_of(catalog, levels)
    authorize(call.state, call.caller, "LIST_NAMESPACES", catalog, levels)
    found = [
        (space.id, list(space.levels))
        for space in catalog.namespaces.values()
        if space.levels[:-1] == levels
    ]
    shown, token = page(call, found)
    return Answer(body={"namespaces": shown, "next-page-token": token})


def _create(call: Call) -> Answer:
    what = "org.apache.iceberg.rest.requests.CreateNamespaceRequest.properties()"
    body = call.json(_null(what, "createNamespaceRequest"))
    catalog = call.catalog
    if body.get("namespace") is None:
        raise _null("org.apache.iceberg.catalog.Namespace.levels()", "namespace")
    given = body["namespace"]
    if not isinstance(given, list) or not all(isinstance(level, str) for level in given):
        raise BadJsonError
    levels = tuple(given)
    if not levels:
        message = "Cannot create root namespace, as it already exists implicitly."
        raise already_exists(message)
    parent = levels[:-1]
    if parent and parent not in catalog.namespaces:
        raise no_namespace(".".join(parent))
    authorize(call.state, call.caller, "CREATE_NAMESPACE", catalog, parent)
    properties = check_properties(body.get("properties"))
    check_name(levels[-1])
    if levels in catalog.namespaces:
        message = f"Cannot create namespace {'.'.join(levels)}. Namespace already exists"
        raise already_exists(message)
    location = _location(catalog, levels)
    check_uri(catalog, location)
    _refuse_own_location(levels, properties, location)
    properties["location"] = location
    space = Namespace(levels, call.state.next_id(), location, properties)
    catalog.namespaces[levels] = space
    return Answer(body={"namespace": list(levels), "properties": properties})


def _location(catalog: Catalog, levels: tuple[str, ...]) -> str:
    parent = catalog.namespaces.get(levels[:-1])
    base = catalog.base + "/" if parent is None else parent.location
    return f"{base}{levels[-1]}/"


def _refuse_own_location(
    levels: tuple[str, ...], properties: dict[str, str], location: str
) -> None:
    wanted = properties.get("location")
    if wanted is not None and wanted.rstrip("/") + "/" != location:
        message = (
            f"Namespace {levels[-1]} has a custom location, which is not enabled. Expected a "
            f"location in: [{location}]. Got location: {wanted.rstrip('/')}/]"
        )
        raise bad_argument(message)


def _null(what: str, name: str) -> RefusalError:
    return RefusalError(
        500, "NullPointerException", f'Cannot invoke "{what}" because "{name}" is null'
    )


def _load(call: Call) -> Answer:
    space = call.namespace
    authorize(call.state, call.caller, "LOAD_NAMESPACE_METADATA", call.catalog, space.levels)
    return Answer(body={"namespace": list(space.levels), "properties": space.properties})


def _exists(call: Call) -> Answer:
    authorize(call.state, call.caller, "NAMESPACE_EXISTS", call.catalog, call.namespace.levels)
    return Answer(204)


def _drop(call: Call) -> Answer:
    catalog, space = call.catalog, call.namespace
    authorize(call.state, call.caller, "DROP_NAMESPACE", catalog, space.levels)
    depth = len(space.levels)
    is_parent = any(
        len(levels) > depth and levels[:depth] == space.levels for levels in catalog.namespaces
    )
    if is_parent or space.tables or space.views or space.generic:
        message = f"Namespace {space.name} is not empty"
        raise RefusalError(409, "NamespaceNotEmptyException", message)
    del catalog.namespaces[space.levels]
    for role in catalog.roles.values():
        role.grants = [
            grant for grant in role.grants if tuple(grant.get("namespace", ())) != space.levels
        ]
    return Answer(204)


def _update(call: Call) -> Answer:
    space = call.namespace
    body = call.json()
    operation = "UPDATE_NAMESPACE_PROPERTIES"
    authorize(call.state, call.caller, operation, call.catalog, space.levels)
    updates = check_properties(body.get("updates"))
    removals: list[str] = body.get("removals") or []
    both = [key for key in removals if key in updates]
    if both:
        message = (
            "Invalid namespace update, cannot simultaneously set and remove keys: "
            f"[{', '.join(both)}]"
        )
        raise RefusalError(422, "UnprocessableEntityException", message)
    for key in removals:
        if removals.count(key) > 1:
            message = f"Duplicate key {key} (attempted merging values  and )"
            raise RefusalError(500, "IllegalStateException", message)
    if "location" in updates:
        message = (
            f"Namespace {space.name} has a custom location, which is not enabled. Expected "
            f"location: [{space.location}{space.levels[-1]}/]. Got location: [{space.location}]"
        )
        raise bad_argument(message)
    space.properties |= updates
    if updates and removals:  # as the real one does: the updates stay
        message = f"Concurrent modification of namespace: {space.name}"
        raise RefusalError(409, "CommitConflictException", message)
    removed = [key for key in removals if space.properties.pop(key, None) is not None]
    missing = [key for key in removals if key not in removed]
    return Answer(body={"removed": removed, "updated": list(updates), "missing": missing})


ROUTES = [
    Route("GET", "config", _config),
    Route("GET", _SPACES, _list),
    Route("POST", _SPACES, _create),
    Route("GET", _SPACE, _load),
    Route("HEAD", _SPACE, _exists),
    Route("DELETE", _SPACE, _drop),
    Route("POST", f"{_SPACE}/properties", _update),
]
