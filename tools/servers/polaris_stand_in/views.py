"""The catalog API's views, and the tables of other formats."""

import uuid
from copy import deepcopy
from typing import Any

from polaris_stand_in.entities import Catalog, Namespace, State, Stored
from polaris_stand_in.errors import (
    BadJsonError,
    RefusalError,
    already_exists,
    bad_argument,
    no_view,
)
from polaris_stand_in.names import check_name, check_properties, check_uri, refuse_overlap
from polaris_stand_in.privileges import authorize
from polaris_stand_in.routes import Answer, Call, Route, namespace_of
from polaris_stand_in.tables import list_names, metadata_location, refuse_purge

__all__ = ["GENERIC_ROUTES", "ROUTES"]

_VIEWS = "{prefix}/namespaces/{namespace}/views"
_VIEW = f"{_VIEWS}/{{view}}"
_GENERIC = "{prefix}/namespaces/{namespace}/generic-tables"
# What the real one writes in place of what it was told.
_SUMMARY = {
    "iceberg-version": "Apache Iceberg 1.11.0 (commit 6976e020b894f6a6777704df2b8c4458cb291ae9)"
}
_LAST_ADDED = -1


def _view_of(catalog: Catalog, levels: tuple[str, ...], name: str) -> Stored:
    space = catalog.namespaces.get(levels)
    found = None if space is None else space.views.get(name)
    if found is None:
        raise no_view(".".join((*levels, name)))
    return found


def _list(call: Call) -> Answer:
    return list_names(call, "LIST_VIEWS", call.namespace.views)


def _create(call: Call) -> Answer:
    body = call.json()
    for key in ("name", "schema", "view-version"):
        if key not in body:
            message = f"Cannot parse missing field: {key}"
            raise bad_argument(message)
    if body.get("properties", {}) is None:
        message = "Cannot parse string map from non-object value: properties: null"
        raise bad_argument(message)
    catalog, space, name = call.catalog, call.namespace, body["name"]
    authorize(call.state, call.caller, "CREATE_VIEW", catalog, space.levels)
    _refuse_taken(space, name)
    location = str(body.get("location") or space.location + name).rstrip("/")
    check_uri(catalog, location)
    refuse_overlap(catalog, space, location)
    now = call.state.clock_ms()
    version = {**body["view-version"], "timestamp-ms": now, "summary": _SUMMARY, "schema-id": 0}
    metadata = {
        "view-uuid": str(uuid.uuid4()),
        "format-version": 1,
        "location": location,
        "properties": check_properties(body.get("properties")),
        "schemas": [{**body["schema"], "schema-id": 0}],
        "current-version-id": version["version-id"],
        "versions": [version],
        "version-log": [{"timestamp-ms": now, "version-id": version["version-id"]}],
    }
    place = metadata_location(catalog, location, 0, ".gz")
    call.state.files.write(place, metadata)
    space.views[name] = Stored(call.state.next_id(), location, place, metadata)
    return _shown(space.views[name])


def _refuse_taken(space: Namespace, name: str) -> None:
    if name in space.views:
        message = f"View already exists: {space.name}.{name}"
        raise already_exists(message)
    if name in space.tables:
        message = f"Table with same name already exists: {space.name}.{name}"
        raise already_exists(message)
    check_name(name)


def _shown(stored: Stored) -> Answer:
    return Answer(body={"metadata-location": stored.metadata_location, "metadata": stored.metadata})


def _load(call: Call) -> Answer:
    name = call.names["view"]
    stored = _view_of(call.catalog, call.levels, name)
    authorize(call.state, call.caller, "LOAD_VIEW", call.catalog, call.levels, name)
    return _shown(stored)


def _exists(call: Call) -> Answer:
    name = call.names["view"]
    _view_of(call.catalog, call.levels, name)
    authorize(call.state, call.caller, "VIEW_EXISTS", call.catalog, call.levels, name)
    return Answer(204)


def _replace(call: Call) -> Answer:
    catalog, name, body = call.catalog, call.names["view"], call.json()
    stored = _view_of(catalog, call.levels, name)
    authorize(call.state, call.caller, "REPLACE_VIEW", catalog, call.levels, name)
    for requirement in body.get("requirements") or []:
        found, wanted = stored.metadata["view-uuid"], requirement.get("uuid")
        if requirement.get("type") != "assert-view-uuid":
            raise BadJsonError
        if found != wanted:
            message = f"Requirement failed: view UUID does not match: expected {found} != {wanted}"
            raise RefusalError(409, "CommitFailedException", message)
    metadata = _updated(stored.metadata, body.get("updates") or [], call.state)
    if metadata != stored.metadata:
        number = int(stored.metadata_location.rpartition("/")[2].partition("-")[0]) + 1
        place = metadata_location(catalog, metadata["location"], number, ".gz")
        call.state.files.write(place, metadata)
        stored.metadata, stored.metadata_location = metadata, place
    return _shown(stored)


def _updated(before: dict[str, Any], updates: list[dict[str, Any]], state: State) -> dict[str, Any]:
    metadata, now = deepcopy(before), state.clock_ms()
    last: dict[str, int] = {}
    for update in updates:
        action = update.get("action")
        if action in ("set-properties", "remove-properties", "set-location"):
            _change(metadata, update)
        elif action == "add-schema":
            last["schema"] = _add(metadata["schemas"], "schema-id", update["schema"])
        elif action in ("add-view-version", "set-current-view-version"):
            _change_version(metadata, update, last, now)
        elif action not in ("assign-uuid", "upgrade-format-version"):
            raise BadJsonError
    return metadata


def _change(metadata: dict[str, Any], update: dict[str, Any]) -> None:
    if update["action"] == "set-properties":
        metadata["properties"] |= check_properties(update["updates"])
    elif update["action"] == "set-location":
        metadata["location"] = update["location"]
    else:
        for key in update["removals"]:
            metadata["properties"].pop(key, None)


def _change_version(
    metadata: dict[str, Any], update: dict[str, Any], last: dict[str, int], now_ms: int
) -> None:
    if update["action"] == "add-view-version":
        version = {**update["view-version"], "timestamp-ms": now_ms, "summary": _SUMMARY}
        if version.get("schema-id") == _LAST_ADDED:
            version["schema-id"] = last["schema"]
        last["version"] = _add(metadata["versions"], "version-id", version)
        return
    number = update["view-version-id"]
    number = last["version"] if number == _LAST_ADDED else number
    if number != metadata["current-version-id"]:
        metadata["current-version-id"] = number
        metadata["version-log"].append({"timestamp-ms": now_ms, "version-id": number})


def _add(found: list[dict[str, Any]], id_key: str, item: dict[str, Any]) -> int:
    content = {key: value for key, value in item.items() if key not in (id_key, "timestamp-ms")}
    for other in found:
        known = {key: value for key, value in other.items() if key not in (id_key, "timestamp-ms")}
        if known == content:
            return int(other[id_key])
    number = max(other[id_key] for other in found) + 1
    found.append({**item, id_key: number})
    return number


def _drop(call: Call) -> Answer:
    name = call.names["view"]
    _view_of(call.catalog, call.levels, name)
    authorize(call.state, call.caller, "DROP_VIEW", call.catalog, call.levels, name)
    refuse_purge(call.state, name)
    del call.namespace.views[name]
    return Answer(204)


def _rename(call: Call) -> Answer:
    catalog, body = call.catalog, call.json()
    source, target = body["source"], body["destination"]
    old, new = tuple(source["namespace"]), tuple(target["namespace"])
    stored = _view_of(catalog, old, source["name"])
    space = namespace_of(catalog, new)
    authorize(call.state, call.caller, "RENAME_VIEW", catalog, old, source["name"])
    authorize(call.state, call.caller, "CREATE_VIEW", catalog, new)
    if target["name"] in space.tables or target["name"] in space.views:
        kind = "Table" if target["name"] in space.tables else "View"
        names = [".".join((*end["namespace"], end["name"])) for end in (source, target)]
        message = f"Cannot rename {names[0]} to {names[1]}. {kind} already exists"
        raise already_exists(message)
    check_name(target["name"])
    del catalog.namespaces[old].views[source["name"]]
    space.views[target["name"]] = stored
    return Answer(204)


def _register(call: Call) -> Answer:
    space, body = call.namespace, call.json()
    authorize(call.state, call.caller, "CREATE_VIEW", call.catalog, space.levels)
    _refuse_taken(space, body["name"])
    place = body["metadata-location"]
    metadata = call.state.files.read(place)
    stored = Stored(call.state.next_id(), metadata["location"], place, metadata)
    space.views[body["name"]] = stored
    return _shown(stored)


def _list_generic(call: Call) -> Answer:
    authorize(call.state, call.caller, "LIST_TABLES", call.catalog, call.levels)
    names = [{"namespace": list(call.levels), "name": name} for name in call.namespace.generic]
    return Answer(body={"next-page-token": None, "identifiers": names})


def _create_generic(call: Call) -> Answer:
    space, body = call.namespace, call.json()
    authorize(call.state, call.caller, "CREATE_TABLE_DIRECT", call.catalog, space.levels)
    table = {
        "name": body["name"],
        "format": body["format"],
        "base-location": body.get("base-location"),
        "doc": body.get("doc"),
        "properties": body.get("properties") or {},
    }
    space.generic[body["name"]] = table
    return Answer(body={"table": table, "storage-access-configs": []})


def _load_generic(call: Call) -> Answer:
    authorize(call.state, call.caller, "LOAD_TABLE", call.catalog, call.levels)
    table = call.namespace.generic.get(call.names["table"])
    if table is None:
        message = f"Generic table does not exist: {call.names['table']}"
        raise RefusalError(404, "NoSuchTableException", message)
    return Answer(body={"table": table, "storage-access-configs": []})


def _list_policies(call: Call) -> Answer:
    authorize(call.state, call.caller, "LIST_TABLES", call.catalog, call.namespace.levels)
    return Answer(body={"next-page-token": None, "identifiers": []})


ROUTES = [
    Route("GET", _VIEWS, _list),
    Route("POST", _VIEWS, _create),
    Route("GET", _VIEW, _load),
    Route("HEAD", _VIEW, _exists),
    Route("POST", _VIEW, _replace),
    Route("DELETE", _VIEW, _drop),
    Route("POST", "{prefix}/views/rename", _rename),
    Route("POST", "{prefix}/namespaces/{namespace}/register-view", _register),
]
GENERIC_ROUTES = [
    Route("GET", _GENERIC, _list_generic),
    Route("POST", _GENERIC, _create_generic),
    Route("GET", f"{_GENERIC}/{{table}}", _load_generic),
    Route("GET", "{prefix}/namespaces/{namespace}/policies", _list_policies),
]
