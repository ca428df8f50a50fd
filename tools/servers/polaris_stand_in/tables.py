"""The catalog API's tables: lists, creation, loading, registration, names."""

import hashlib
import re
import uuid
from typing import Any
from urllib.parse import quote

from polaris_stand_in.entities import Catalog, Namespace, State, Stored
from polaris_stand_in.errors import RefusalError, already_exists, bad_argument, no_table
from polaris_stand_in.names import (
    check_location,
    check_name,
    check_properties,
    check_uri,
    page,
    refuse_overlap,
)
from polaris_stand_in.new_tables import new_metadata
from polaris_stand_in.privileges import authorize
from polaris_stand_in.routes import Answer, Call, Route, namespace_of
from polaris_stand_in.table_updates import with_only_referenced_snapshots

__all__ = ["ROUTES", "list_names", "metadata_location", "once", "refuse_purge", "table_of"]

_TABLES = "{prefix}/namespaces/{namespace}/tables"
_TABLE = f"{_TABLES}/{{table}}"
_ETAG = re.compile(r'(W/)?"[^"]*"')
_VENDED = "vended-credentials"
_SIGNED = "remote-signing"


def table_of(catalog: Catalog, levels: tuple[str, ...], name: str) -> Stored:
    """Return a table; raises 404, also where there is no such namespace."""
    space = catalog.namespaces.get(levels)
    found = None if space is None else space.tables.get(name)
    if found is None:
        raise no_table(".".join((*levels, name)))
    return found


def metadata_location(catalog: Catalog, location: str, number: int, end: str = "") -> str:
    """Return where a metadata file goes: as Hadoop writes it, with one slash after `file:`."""
    place = f"{location}/metadata/{number:05}-{uuid.uuid4()}{end}.metadata.json"
    return place.replace("file:///", "file:/", 1) if catalog.is_file else place


def once(call: Call, *what: str) -> tuple[str, ...] | None:
    """Return under which key the answer is kept for a repeated request; raises 400."""
    given = call.headers.get("Idempotency-Key")
    if given is None:
        return None
    is_on = call.state.settings.is_idempotent
    try:
        uuid.UUID(given)
    except ValueError:
        message = "Invalid Idempotency-Key header; expected a UUID"
        if not is_on:
            raise RefusalError(400, "BadRequestException", "HTTP 400 Bad Request") from None
        raise RefusalError(400, "InvalidIdempotencyKey", message) from None
    return (given, *what) if is_on else None


def without_delegation(call: Call) -> bool:
    """Whether no credentials are asked for; raises 400 for a way that is not known."""
    asked = call.headers.get("X-Iceberg-Access-Delegation", "").split(",")
    has_sts = not call.catalog.storage.get("stsUnavailable", False)
    if _SIGNED in asked and not (_VENDED in asked and has_sts):
        message = "Unsupported access delegation mode: REMOTE_SIGNING"
        raise bad_argument(message)
    return _VENDED not in asked


def list_names(call: Call, operation: str, kept: dict[str, Stored]) -> Answer:
    """Answer with the names of what a namespace keeps."""
    space = call.namespace
    authorize(call.state, call.caller, operation, call.catalog, space.levels)
    items = [
        (stored.id, {"namespace": list(space.levels), "name": name})
        for name, stored in kept.items()
    ]
    shown, token = page(call, items)
    return Answer(body={"identifiers": shown, "next-page-token": token})


def _list(call: Call) -> Answer:
    return list_names(call, "LIST_TABLES", call.namespace.tables)


def _create(call: Call) -> Answer:
    what = "org.apache.iceberg.rest.requests.CreateTableRequest.validate()"
    message = f'Cannot invoke "{what}" because "createTableRequest" is null'
    body = call.json(RefusalError(500, "NullPointerException", message))
    for key, word in (("name", "table name"), ("schema", "schema")):
        if body.get(key) is None:
            message = f"Invalid {word}: null"
            raise bad_argument(message)
    catalog, space, name = call.catalog, call.namespace, body["name"]
    is_plain = without_delegation(call)
    is_staged = bool(body.get("stage-create", False))
    operation = "CREATE_TABLE_STAGED" if is_staged else "CREATE_TABLE_DIRECT"
    operation += "" if is_plain else "_WITH_WRITE_DELEGATION"
    authorize(call.state, call.caller, operation, catalog, space.levels)
    key = once(call, "create", catalog.name, space.name, name)
    if key in call.state.repeatable:
        return Answer(*call.state.repeatable[key])
    _refuse_taken(space, name)
    location = _new_location(catalog, space, body)
    check_properties(body.get("properties"))
    metadata = new_metadata(body, location, call.state.clock_ms())
    if is_staged:
        answer: dict[str, Any] = {"metadata": metadata}
        return Answer(body=answer | _access(call, space, name, location, is_plain=is_plain))
    stored = _store(call.state, catalog, space, name, metadata)
    done = _loaded(call, space, name, stored, is_plain=is_plain)
    if key is not None:
        call.state.repeatable[key] = (done.status, done.body, dict(done.headers))
    return done


def _refuse_taken(space: Namespace, name: str) -> None:
    if name in space.tables:
        message = f"Table already exists: {space.name}.{name}"
        raise already_exists(message)
    if name in space.views:
        message = f"View with same name already exists: {space.name}.{name}"
        raise already_exists(message)
    check_name(name)


def _new_location(catalog: Catalog, space: Namespace, body: dict[str, Any]) -> str:
    given = body.get("location")
    location = str(given or space.location + body["name"]).rstrip("/")
    check_uri(catalog, location)
    metadata_path = (body.get("properties") or {}).get("write.metadata.path")
    if metadata_path is None:
        places = [location, f"{location}/metadata/metadata.json"]
    else:
        places = [location, metadata_path, f"{metadata_path}/metadata.json"]
    check_location(catalog, f"{space.name}.{body['name']}", places, space.location.rstrip("/"))
    refuse_overlap(catalog, space, location)
    return location


def _store(
    state: State, catalog: Catalog, space: Namespace, name: str, metadata: dict[str, Any]
) -> Stored:
    place = metadata_location(catalog, metadata["location"], 0)
    state.files.write(place, metadata)
    stored = Stored(state.next_id(), metadata["location"], place, metadata)
    space.tables[name] = stored
    return stored


def _etag(stored: Stored) -> str:
    return f'W/"{hashlib.sha256(stored.metadata_location.encode()).hexdigest()}"'


def _loaded(
    call: Call, space: Namespace, name: str, stored: Stored, *, is_plain: bool, has_all: bool = True
) -> Answer:
    metadata = stored.metadata if has_all else with_only_referenced_snapshots(stored.metadata)
    body = {"metadata-location": stored.metadata_location, "metadata": metadata}
    access = _access(call, space, name, stored.location, is_plain=is_plain)
    return Answer(body=body | access, headers={"ETag": _etag(stored)})


def _access(
    call: Call, space: Namespace, name: str, location: str, *, is_plain: bool
) -> dict[str, Any]:
    """Return what an engine needs to reach the table's files."""
    storage = call.catalog.storage
    if call.catalog.is_file:
        return {}
    config = {
        "client.region": storage.get("region", "us-east-1"),
        "s3.path-style-access": str(storage.get("pathStyleAccess", False)).lower(),
    }
    if "endpoint" in storage:
        config["s3.endpoint"] = storage["endpoint"]
    if is_plain:
        return {"config": config}
    credentials = _credentials(call, space, name, location)
    place = quote("\x1f".join(space.levels), safe=""), quote(name, safe="")
    config["client.refresh-credentials-endpoint"] = (
        f"v1/{call.catalog.name}/namespaces/{place[0]}/tables/{place[1]}/credentials"
    )
    return {"config": config | credentials[0]["config"], "storage-credentials": credentials}


def _credentials(call: Call, space: Namespace, name: str, location: str) -> list[dict[str, Any]]:
    if call.catalog.is_file:
        return []
    if call.catalog.storage.get("stsUnavailable", False):
        message = (
            f"Credential vending was requested for table {space.name}.{name}, but no credentials "
            "are available"
        )
        raise bad_argument(message)
    secret = call.state.new_secret()  # opens nothing: there is no object store behind this
    config = {
        "s3.access-key-id": f"STANDIN{secret[:12].upper()}",
        "s3.secret-access-key": secret,
        "s3.session-token": f"stand-in-{secret}",
        "s3.session-token-expires-at-ms": str(call.state.clock_ms() + 3_600_000),
    }
    return [{"prefix": location, "config": config}]


def _load(call: Call) -> Answer:
    catalog, name = call.catalog, call.names["table"]
    stored = table_of(catalog, call.levels, name)
    is_plain = without_delegation(call)
    operation = "LOAD_TABLE" if is_plain else "LOAD_TABLE_WITH_READ_DELEGATION"
    authorize(call.state, call.caller, operation, catalog, call.levels, name)
    wanted = call.query.get("snapshots", "all")
    if wanted not in ("all", "refs"):
        message = f"Unrecognized snapshots: {wanted}"
        raise bad_argument(message)
    if _is_known(call.headers.get("If-None-Match"), _etag(stored)):
        return Answer(304)
    return _loaded(call, call.namespace, name, stored, is_plain=is_plain, has_all=wanted == "all")


def _is_known(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    if header.strip() == "*":
        message = "If-None-Match may not take the value of '*'"
        raise RefusalError(400, "BadRequestException", message)
    given = [part.strip() for part in header.split(",")]
    if not all(_ETAG.fullmatch(part) for part in given):
        message = f"Invalid If-None-Match header: {header}"
        raise bad_argument(message)
    return etag in given


def _exists(call: Call) -> Answer:
    name = call.names["table"]
    table_of(call.catalog, call.levels, name)
    authorize(call.state, call.caller, "TABLE_EXISTS", call.catalog, call.levels, name)
    return Answer(204)


def _show_credentials(call: Call) -> Answer:
    name = call.names["table"]
    stored = table_of(call.catalog, call.levels, name)
    operation = "LOAD_TABLE_WITH_READ_DELEGATION"
    authorize(call.state, call.caller, operation, call.catalog, call.levels, name)
    found = _credentials(call, call.namespace, name, stored.location)
    return Answer(body={"storage-credentials": found})


def _drop(call: Call) -> Answer:
    catalog, name = call.catalog, call.names["table"]
    stored = table_of(catalog, call.levels, name)
    purges = call.query.get("purgeRequested", "").lower() == "true"
    operation = "DROP_TABLE_WITH_PURGE" if purges else "DROP_TABLE_WITHOUT_PURGE"
    authorize(call.state, call.caller, operation, catalog, call.levels, name)
    if purges:
        refuse_purge(call.state, name)
        call.state.files.purge(stored.metadata_location)
    del call.namespace.tables[name]
    return Answer(204)


def refuse_purge(state: State, name: str) -> None:
    """Raise 403 unless the server purges what is dropped."""
    if not state.settings.purges:
        message = (
            f"Unable to purge entity: {name}. To enable this feature, set the Polaris "
            "configuration DROP_WITH_PURGE_ENABLED or the catalog configuration "
            "polaris.config.drop-with-purge.enabled"
        )
        raise RefusalError(403, "ForbiddenException", message)


def _rename(call: Call) -> Answer:
    catalog, body = call.catalog, call.json()
    source, target = body["source"], body["destination"]
    old, new = tuple(source["namespace"]), tuple(target["namespace"])
    stored = table_of(catalog, old, source["name"])
    space = namespace_of(catalog, new)
    authorize(call.state, call.caller, "RENAME_TABLE", catalog, old, source["name"])
    authorize(call.state, call.caller, "CREATE_TABLE_DIRECT", catalog, new)
    if target["name"] in space.tables or target["name"] in space.views:
        names = [".".join((*end["namespace"], end["name"])) for end in (source, target)]
        message = f"Cannot rename {names[0]} to {names[1]}. Table already exists"
        raise already_exists(message)
    check_name(target["name"])
    del catalog.namespaces[old].tables[source["name"]]
    space.tables[target["name"]] = stored
    return Answer(204)


def _register(call: Call) -> Answer:
    catalog, space, body = call.catalog, call.namespace, call.json()
    name, place = body.get("name"), body.get("metadata-location")
    if place is None or name is None:
        missing = "name" if name is None else "metadata-location"
        message = f"Cannot parse missing string: {missing}"
        raise bad_argument(message)
    authorize(call.state, call.caller, "REGISTER_TABLE", catalog, space.levels)
    old = space.tables.get(name)
    if old is None or not body.get("overwrite", False):
        _refuse_taken(space, name)
    check_location(catalog, f"{space.name}.{name}", [place], space.location)
    metadata = call.state.files.read(place)
    own = 0 if old is None else old.id
    refuse_overlap(catalog, space, metadata["location"], own)
    stored = Stored(own or call.state.next_id(), metadata["location"], place, metadata)
    space.tables[name] = stored
    return _loaded(call, space, name, stored, is_plain=True)


ROUTES = [
    Route("GET", _TABLES, _list),
    Route("POST", _TABLES, _create),
    Route("GET", _TABLE, _load),
    Route("HEAD", _TABLE, _exists),
    Route("DELETE", _TABLE, _drop),
    Route("GET", f"{_TABLE}/credentials", _show_credentials),
    Route("POST", "{prefix}/tables/rename", _rename),
    Route("POST", "{prefix}/namespaces/{namespace}/register", _register),
]
