"""Commits to tables: one, several at once, and reports about them."""

from typing import Any

from polaris_stand_in.entities import Catalog, State, Stored
from polaris_stand_in.errors import RefusalError, bad_argument, no_table
from polaris_stand_in.names import check_location, check_name, refuse_overlap
from polaris_stand_in.new_tables import empty_metadata
from polaris_stand_in.privileges import authorize
from polaris_stand_in.routes import Answer, Call, Route, namespace_of
from polaris_stand_in.table_updates import apply_updates, check_requirements
from polaris_stand_in.tables import metadata_location, once, table_of

__all__ = ["ROUTES"]

_TABLE = "{prefix}/namespaces/{namespace}/tables/{table}"
_MOST_PREVIOUS = 100


def _commit(call: Call) -> Answer:
    catalog, levels, name = call.catalog, call.levels, call.names["table"]
    body = call.json()
    requirements, updates = body.get("requirements") or [], body.get("updates") or []
    creates = any(each.get("type") == "assert-create" for each in requirements)
    space = catalog.namespaces.get(levels)
    if space is None or (name not in space.tables and not creates):
        raise no_table(".".join((*levels, name)))
    stored = space.tables.get(name)
    operation = "UPDATE_TABLE_FOR_STAGED_CREATE"
    if stored is not None:
        sets_only = updates and all(each.get("action") == "set-properties" for each in updates)
        operation = "SET_TABLE_PROPERTIES" if sets_only else "UPDATE_TABLE"
    authorize(call.state, call.caller, operation, catalog, levels, name)
    key = once(call, "commit", catalog.name, space.name, name)
    if key in call.state.repeatable:
        return Answer(*call.state.repeatable[key])
    check_requirements(None if stored is None else stored.metadata, requirements)
    if stored is None:
        stored = _create(call, updates)
    else:
        _check_moves(catalog, f"{space.name}.{name}", stored, updates)
        _move_on(call.state, catalog, stored, updates)
    answer = {"metadata-location": stored.metadata_location, "metadata": stored.metadata}
    if key is not None:
        call.state.repeatable[key] = (200, answer, {})
    return Answer(body=answer)


def _create(call: Call, updates: list[dict[str, Any]]) -> Stored:
    """Finish a staged creation."""
    catalog, name, now = call.catalog, call.names["table"], call.state.clock_ms()
    space = namespace_of(catalog, call.levels)
    check_name(name)
    versions = [u["format-version"] for u in updates if u["action"] == "upgrade-format-version"]
    start = empty_metadata(max(versions, default=2), space.location + name, now)
    metadata = apply_updates(start, updates, now)
    location = metadata["location"]
    places = [location, f"{location}/metadata/metadata.json"]
    check_location(catalog, f"{space.name}.{name}", places, space.location.rstrip("/"))
    refuse_overlap(catalog, space, location)
    place = metadata_location(catalog, location, 0)
    call.state.files.write(place, metadata)
    stored = Stored(call.state.next_id(), location, place, metadata)
    space.tables[name] = stored
    return stored


def _check_moves(
    catalog: Catalog, identifier: str, stored: Stored, updates: list[dict[str, Any]]
) -> None:
    for update in updates:
        if update.get("action") == "set-location":
            location = update["location"]
            places = [location, f"{location}/metadata/metadata.json"]
            check_location(catalog, identifier, places, stored.location)


def _move_on(state: State, catalog: Catalog, stored: Stored, updates: list[dict[str, Any]]) -> None:
    """Write the next metadata file, if the updates change anything."""
    now = state.clock_ms()
    before = stored.metadata
    after = apply_updates(before, updates, now)
    if after is before:
        return
    previous = {
        "timestamp-ms": before["last-updated-ms"],
        "metadata-file": stored.metadata_location,
    }
    after["metadata-log"] = [*before["metadata-log"], previous][-_MOST_PREVIOUS:]
    number = int(stored.metadata_location.rpartition("/")[2].partition("-")[0]) + 1
    place = metadata_location(catalog, after["location"], number)
    state.files.write(place, after)
    stored.metadata, stored.metadata_location, stored.location = after, place, after["location"]


def _commit_all(call: Call) -> Answer:
    catalog, body = call.catalog, call.json()
    changes = body.get("table-changes") or []
    if not changes:
        message = "Invalid table changes: empty"
        raise bad_argument(message)
    found = []
    for change in changes:
        identifier = change.get("identifier")
        if identifier is None:
            message = "Invalid table changes: table identifier is required"
            raise bad_argument(message)
        levels, name = tuple(identifier["namespace"]), identifier["name"]
        found.append((table_of(catalog, levels, name), f"{'.'.join(levels)}.{name}"))
        authorize(call.state, call.caller, "COMMIT_TRANSACTION", catalog, levels, name)
    before = [(each, each.metadata, each.metadata_location, each.location) for each, _ in found]
    try:
        for change, (stored, shown) in zip(changes, found, strict=True):
            check_requirements(stored.metadata, change.get("requirements") or [])
            updates = change.get("updates") or []
            _refuse_moves(shown, updates)
            _move_on(call.state, catalog, stored, updates)
    except RefusalError:
        for stored, metadata, place, location in before:
            if stored.metadata_location != place:
                call.state.files.delete(stored.metadata_location)
            stored.metadata, stored.metadata_location = metadata, place
            stored.location = location
        raise
    return Answer(204)


def _refuse_moves(identifier: str, updates: list[dict[str, Any]]) -> None:
    for update in updates:
        if update.get("action") == "set-location":
            message = (
                "Unsupported operation: commitTransaction containing SetLocation for table "
                f"'{identifier}' and new location '{update['location']}'"
            )
            raise RefusalError(400, "BadRequestException", message)


def _report(call: Call) -> Answer:
    body, name = call.json(), call.names["table"]
    table_of(call.catalog, call.levels, name)
    reads = body.get("report-type") == "scan-report"
    operation = "REPORT_READ_METRICS" if reads else "REPORT_WRITE_METRICS"
    authorize(call.state, call.caller, operation, call.catalog, call.levels, name)
    return Answer(204)


def _notify(call: Call) -> Answer:
    call.json()
    message = "Cannot update internal catalog via notifications"
    raise RefusalError(400, "BadRequestException", message)


ROUTES = [
    Route("POST", _TABLE, _commit),
    Route("POST", f"{_TABLE}/metrics", _report),
    Route("POST", f"{_TABLE}/notifications", _notify),
    Route("POST", "{prefix}/transactions/commit", _commit_all),
]
