"""Requirements and updates of commits, on metadata as JSON."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from polaris_stand_in.errors import BadJsonError, RefusalError, bad_argument
from polaris_stand_in.names import check_properties
from polaris_stand_in.new_tables import highest_id

__all__ = ["apply_updates", "check_requirements", "with_only_referenced_snapshots"]

Metadata = dict[str, Any]
Update = dict[str, Any]

_LAST_ADDED = -1
_ROW_IDS = 3


def check_requirements(metadata: Metadata | None, requirements: list[dict[str, Any]]) -> None:
    """Raise 409 for the first requirement that the table (None: there is none) does not meet."""
    for requirement in requirements:
        kind = requirement.get("type")
        problem = None
        if kind == "assert-create":
            problem = None if metadata is None else "table already exists"
        elif metadata is None:
            continue
        elif kind == "assert-table-uuid":
            found, wanted = metadata["table-uuid"], requirement["uuid"]
            if found != wanted:
                problem = f"UUID does not match: expected {found} != {wanted}"
        elif kind == "assert-ref-snapshot-id":
            problem = _ref_problem(metadata, requirement)
        elif kind in _COUNTERS:
            key, words = _COUNTERS[kind]
            found, wanted = metadata[key], requirement[kind.removeprefix("assert-")]
            if found != wanted:
                problem = f"{words} changed: expected id {wanted} != {found}"
        else:
            raise BadJsonError
        if problem is not None:
            raise RefusalError(409, "CommitFailedException", f"Requirement failed: {problem}")


_COUNTERS = {
    "assert-last-assigned-field-id": ("last-column-id", "last assigned field id"),
    "assert-current-schema-id": ("current-schema-id", "current schema"),
    "assert-last-assigned-partition-id": ("last-partition-id", "last assigned partition id"),
    "assert-default-spec-id": ("default-spec-id", "default partition spec"),
    "assert-default-sort-order-id": ("default-sort-order-id", "default sort order"),
}


def _ref_problem(metadata: Metadata, requirement: dict[str, Any]) -> str | None:
    name, wanted = requirement["ref"], requirement.get("snapshot-id")
    ref = metadata["refs"].get(name)
    kind = "branch or tag" if ref is None else ref["type"]
    if ref is None:
        missing = f"{kind} {name} is missing, expected {wanted}"
        return None if wanted is None else missing
    if wanted is None:
        return f"{kind} {name} was created concurrently"
    if ref["snapshot-id"] != wanted:
        return f"{kind} {name} has changed: expected id {wanted} != {ref['snapshot-id']}"
    return None


def apply_updates(metadata: Metadata, updates: list[Update], now_ms: int) -> Metadata:
    """Return the metadata after the updates; the same object if they change nothing."""
    work = _Work(deepcopy(metadata), now_ms)
    for update in updates:
        apply = _UPDATES.get(str(update.get("action")))
        if apply is None:
            raise BadJsonError
        apply(work, update)
    if work.metadata == metadata:
        return metadata
    changed = work.metadata
    changed["last-updated-ms"] = now_ms
    if changed["format-version"] == 1:  # which has the current ones outside of the lists, too
        current = {s["schema-id"]: s for s in changed["schemas"]}
        specs = {s["spec-id"]: s for s in changed["partition-specs"]}
        changed["schema"] = current[changed["current-schema-id"]]
        changed["partition-spec"] = specs[changed["default-spec-id"]]["fields"]
    return changed


def with_only_referenced_snapshots(metadata: Metadata) -> Metadata:
    """Return metadata with the snapshots that branches and tags point at."""
    wanted = {ref["snapshot-id"] for ref in metadata["refs"].values()}
    kept = [s for s in metadata["snapshots"] if s["snapshot-id"] in wanted]
    return {**metadata, "snapshots": kept}


class _Work:
    """Metadata in change, and what was added last."""

    def __init__(self, metadata: Metadata, now_ms: int) -> None:
        self.metadata = metadata
        self.now_ms = now_ms
        self.last: dict[str, int] = {}
        self.added_snapshots: set[int] = set()


def _assign_uuid(work: _Work, update: Update) -> None:
    work.metadata["table-uuid"] = update["uuid"]


def _upgrade(work: _Work, update: Update) -> None:
    metadata, version = work.metadata, int(update["format-version"])
    if version < metadata["format-version"]:
        message = f"Cannot downgrade v{metadata['format-version']} table to v{version}"
        raise bad_argument(message)
    if version > 1:
        metadata.setdefault("last-sequence-number", 0)
        metadata.pop("schema", None)
        metadata.pop("partition-spec", None)
    if version >= _ROW_IDS:
        metadata.setdefault("next-row-id", 0)
        if metadata["current-snapshot-id"] == -1:
            metadata["current-snapshot-id"] = None
    metadata["format-version"] = version


def _add_to(work: _Work, key: str, id_key: str, item: dict[str, Any], first_id: int) -> None:
    """Add a schema, spec or order under a new id, unless there is one like it."""
    found = work.metadata[key]
    content = {name: value for name, value in item.items() if name != id_key}
    for other in found:
        if {name: value for name, value in other.items() if name != id_key} == content:
            work.last[key] = other[id_key]
            return
    number = max((other[id_key] + 1 for other in found), default=first_id)
    number = max(number, first_id)
    found.append({**item, id_key: number})
    work.last[key] = number


def _add_schema(work: _Work, update: Update) -> None:
    schema = {"type": "struct", **update["schema"]}
    _add_to(work, "schemas", "schema-id", schema, 0)
    highest = max(highest_id(schema), int(update.get("last-column-id") or 0))
    work.metadata["last-column-id"] = max(work.metadata["last-column-id"], highest)


def _add_spec(work: _Work, update: Update) -> None:
    spec = update["spec"]
    fields = []
    for field in spec["fields"]:
        number = field.get("field-id") or work.metadata["last-partition-id"] + 1
        fields.append({**field, "field-id": number})
        last = max(work.metadata["last-partition-id"], number)
        work.metadata["last-partition-id"] = last
    _add_to(work, "partition-specs", "spec-id", {**spec, "fields": fields}, 0)


def _add_sort_order(work: _Work, update: Update) -> None:
    order = update["sort-order"]
    _add_to(work, "sort-orders", "order-id", order, 1 if order["fields"] else 0)


def _set_default(
    key: str, id_key: str, setting: str, words: str
) -> Callable[[_Work, Update], None]:
    def apply(work: _Work, update: Update) -> None:
        number = int(update[id_key])
        if number == _LAST_ADDED:
            number = work.last[key]
        if all(item[id_key] != number for item in work.metadata[key]) and key in _CHECKED:
            message = f"Cannot set {words}: {number}"
            raise bad_argument(message)
        work.metadata[setting] = number

    if key == "sort-orders":
        id_key = "order-id"

        def apply_order(work: _Work, update: Update) -> None:
            apply(work, {"order-id": update["sort-order-id"]})

        return apply_order
    return apply


_CHECKED = ("schemas", "partition-specs", "sort-orders")


def _add_snapshot(work: _Work, update: Update) -> None:
    metadata, snapshot = work.metadata, update["snapshot"]
    number = snapshot.get("sequence-number", 0)
    last = metadata.get("last-sequence-number", 0)
    is_child = snapshot.get("parent-snapshot-id") is not None
    if metadata["format-version"] > 1 and is_child and number <= last:
        message = (
            f"Cannot add snapshot with sequence number {number} older than last sequence number "
            f"{last}"
        )
        raise RefusalError(400, "RetryableValidationException", message)
    if any(other["snapshot-id"] == snapshot["snapshot-id"] for other in metadata["snapshots"]):
        message = f"Snapshot already exists for id: {snapshot['snapshot-id']}"
        raise RefusalError(400, "ValidationException", message)
    if metadata["format-version"] >= _ROW_IDS:
        first = snapshot.get("first-row-id", 0)
        if first < metadata["next-row-id"]:
            message = (
                f"Cannot add a snapshot, first-row-id is behind table next-row-id: {first} < "
                f"{metadata['next-row-id']}"
            )
            raise RefusalError(400, "RetryableValidationException", message)
        metadata["next-row-id"] += snapshot.get("added-rows", 0)
    metadata["snapshots"].append(snapshot)
    work.added_snapshots.add(snapshot["snapshot-id"])
    if metadata["format-version"] > 1:
        metadata["last-sequence-number"] = max(number, last)


def _set_ref(work: _Work, update: Update) -> None:
    metadata, name, number = work.metadata, update["ref-name"], update["snapshot-id"]
    found = [s for s in metadata["snapshots"] if s["snapshot-id"] == number]
    if not found:
        message = f"Cannot set {name} to unknown snapshot: {number}"
        raise RefusalError(400, "ValidationException", message)
    ref = {
        key: value
        for key, value in update.items()
        if key not in ("action", "ref-name") and value is not None
    }
    if metadata["refs"].get(name) == ref:
        return
    metadata["refs"][name] = ref
    if name == "main":
        metadata["current-snapshot-id"] = number
        stamp = found[0]["timestamp-ms"] if number in work.added_snapshots else work.now_ms
        metadata["snapshot-log"].append({"timestamp-ms": stamp, "snapshot-id": number})


def _remove_ref(work: _Work, update: Update) -> None:
    metadata = work.metadata
    gone = metadata["refs"].pop(update["ref-name"], None)
    if gone is not None and update["ref-name"] == "main":
        metadata["current-snapshot-id"] = -1 if metadata["format-version"] < _ROW_IDS else None
        metadata["snapshot-log"] = []


def _remove_snapshots(work: _Work, update: Update) -> None:
    metadata, gone = work.metadata, set(update["snapshot-ids"])
    for key in ("snapshots", "snapshot-log", "statistics", "partition-statistics"):
        metadata[key] = [item for item in metadata[key] if item["snapshot-id"] not in gone]
    for name, ref in list(metadata["refs"].items()):
        if ref["snapshot-id"] in gone:
            _remove_ref(work, {"ref-name": name})


def _set_location(work: _Work, update: Update) -> None:
    work.metadata["location"] = update["location"].rstrip("/")


def _set_properties(work: _Work, update: Update) -> None:
    work.metadata["properties"] |= check_properties(update["updates"])


def _remove_properties(work: _Work, update: Update) -> None:
    for key in update["removals"]:
        work.metadata["properties"].pop(key, None)


def _set_statistics(work: _Work, update: Update) -> None:
    key = "statistics" if "statistics" in update else "partition-statistics"
    given = update[key]
    others = [s for s in work.metadata[key] if s["snapshot-id"] != given["snapshot-id"]]
    work.metadata[key] = [*others, given]


def _remove_statistics(key: str) -> Callable[[_Work, Update], None]:
    def apply(work: _Work, update: Update) -> None:
        number = update["snapshot-id"]
        work.metadata[key] = [s for s in work.metadata[key] if s["snapshot-id"] != number]

    return apply


def _remove_by_ids(key: str, id_key: str, ids: str) -> Callable[[_Work, Update], None]:
    def apply(work: _Work, update: Update) -> None:
        gone = set(update[ids])
        work.metadata[key] = [item for item in work.metadata[key] if item[id_key] not in gone]

    return apply


_UPDATES: dict[str, Callable[[_Work, Update], None]] = {
    "assign-uuid": _assign_uuid,
    "upgrade-format-version": _upgrade,
    "add-schema": _add_schema,
    "set-current-schema": _set_default(
        "schemas", "schema-id", "current-schema-id", "current schema to unknown schema"
    ),
    "add-spec": _add_spec,
    "set-default-spec": _set_default(
        "partition-specs", "spec-id", "default-spec-id", "default spec to unknown spec"
    ),
    "add-sort-order": _add_sort_order,
    "set-default-sort-order": _set_default(
        "sort-orders", "sort-order-id", "default-sort-order-id", "default order to unknown order"
    ),
    "add-snapshot": _add_snapshot,
    "set-snapshot-ref": _set_ref,
    "remove-snapshot-ref": _remove_ref,
    "remove-snapshots": _remove_snapshots,
    "set-location": _set_location,
    "set-properties": _set_properties,
    "remove-properties": _remove_properties,
    "set-statistics": _set_statistics,
    "set-partition-statistics": _set_statistics,
    "remove-statistics": _remove_statistics("statistics"),
    "remove-partition-statistics": _remove_statistics("partition-statistics"),
    "remove-partition-specs": _remove_by_ids("partition-specs", "spec-id", "spec-ids"),
    "remove-schemas": _remove_by_ids("schemas", "schema-id", "schema-ids"),
}
