"""Metadata of tables that are created: fresh ids, specs, defaults."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from polaris_stand_in.errors import BadJsonError, bad_argument

__all__ = ["empty_metadata", "highest_id", "new_metadata"]

_PRIMITIVE = re.compile(
    r"boolean|int|long|float|double|date|time|timestamp(tz)?(_ns)?|string|uuid|binary|unknown|variant"
    r"|fixed\[\d+\]|decimal\(\s*\d+,\s*\d+\s*\)|geometry(\(.*\))?|geography(\(.*\))?"
)
_LATEST = 4
_WRITTEN = 3


def new_metadata(request: dict[str, Any], location: str, now_ms: int) -> dict[str, Any]:
    """Return the metadata of a table as it was asked for; raises 400."""
    properties = dict(request.get("properties") or {})
    text = str(properties.pop("format-version", "2"))
    version = int(text) if text.isdigit() else 0
    if not 1 <= version <= _WRITTEN:
        message = f"Unsupported format version: v{text} (supported: v{_LATEST})"
        raise bad_argument(message)
    ids = _FreshIds()
    schema = {**ids.struct(request["schema"]), "schema-id": 0}
    if request["schema"].get("identifier-field-ids"):
        schema["identifier-field-ids"] = [
            ids.new[old] for old in request["schema"]["identifier-field-ids"]
        ]
    spec_fields = [
        {**field, "source-id": ids.new[field["source-id"]], "field-id": 1000 + index}
        for index, field in enumerate((request.get("partition-spec") or {}).get("fields", []))
    ]
    order_fields = [
        {**field, "source-id": ids.new[field["source-id"]]}
        for field in (request.get("write-order") or {}).get("fields", [])
    ]
    created = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
    defaults = {"created-at": created, "write.parquet.compression-codec": "zstd"}
    metadata = empty_metadata(version, location, now_ms)
    metadata |= {
        "last-column-id": ids.last,
        "schemas": [schema],
        "partition-specs": [{"spec-id": 0, "fields": spec_fields}],
        "last-partition-id": 999 + len(spec_fields),
        "default-sort-order-id": 1 if order_fields else 0,
        "sort-orders": [{"order-id": 1 if order_fields else 0, "fields": order_fields}],
        "properties": defaults | {key: str(value) for key, value in properties.items()},
    }
    if version == 1:
        metadata["schema"] = schema
        metadata["partition-spec"] = spec_fields
    return metadata


def empty_metadata(version: int, location: str, now_ms: int) -> dict[str, Any]:
    """Return the metadata that everything is then added to."""
    metadata: dict[str, Any] = {
        "format-version": version,
        "table-uuid": str(uuid.uuid4()),
        "location": location,
        "last-sequence-number": 0,
        "last-updated-ms": now_ms,
        "last-column-id": 0,
        "current-schema-id": 0,
        "schemas": [],
        "default-spec-id": 0,
        "partition-specs": [],
        "last-partition-id": 999,
        "default-sort-order-id": 0,
        "sort-orders": [],
        "properties": {},
        "current-snapshot-id": -1,
        "refs": {},
        "snapshots": [],
        "statistics": [],
        "partition-statistics": [],
        "snapshot-log": [],
        "metadata-log": [],
    }
    if version == 1:
        del metadata["last-sequence-number"]
    if version >= _WRITTEN:
        metadata |= {"current-snapshot-id": None, "next-row-id": 0}
    return metadata


def highest_id(schema: dict[str, Any]) -> int:
    """Return the highest field id of a schema."""
    return max(_ids(schema), default=0)


def _ids(node: Any) -> Iterator[int]:
    if not isinstance(node, dict):
        return
    for key in ("id", "element-id", "key-id", "value-id"):
        if key in node:
            yield int(node[key])
    for key in ("type", "element", "key", "value"):
        yield from _ids(node.get(key))
    for field in node.get("fields", []):
        yield from _ids(field)


class _FreshIds:
    """Gives ids from 1: first to the fields of a struct, then to what is in them."""

    def __init__(self) -> None:
        self.last = 0
        self.new: dict[int, int] = {}

    def struct(self, node: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(node.get("fields"), list):
            raise BadJsonError
        taken = [self._next(field["id"]) for field in node["fields"]]
        fields = [
            {**field, "id": number, "type": self._type(field["type"])}
            for field, number in zip(node["fields"], taken, strict=True)
        ]
        return {"type": "struct", "fields": fields}

    def _next(self, old: int) -> int:
        self.last += 1
        self.new[old] = self.last
        return self.last

    def _type(self, node: Any) -> Any:
        if isinstance(node, str):
            if _PRIMITIVE.fullmatch(node) is None:
                raise BadJsonError
            return node
        if node["type"] == "struct":
            return self.struct(node)
        if node["type"] == "list":
            number = self._next(node["element-id"])
            return {**node, "element-id": number, "element": self._type(node["element"])}
        key, value = self._next(node["key-id"]), self._next(node["value-id"])
        return {
            **node,
            "key-id": key,
            "value-id": value,
            "key": self._type(node["key"]),
            "value": self._type(node["value"]),
        }
