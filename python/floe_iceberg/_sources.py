"""Columns and transforms of partition and sort fields, in JSON."""

from typing import Any, NamedTuple

from floe_core.errors import ParseError
from floe_iceberg.transforms import Transform, UnknownTransform, parse_transform


class Source(NamedTuple):
    """What a field is made from."""

    source_id: int
    transform: Transform
    source_ids: tuple[int, ...]  # of a transform of several columns, else empty


def read_source(item: dict[str, Any]) -> Source:
    """Read the source of a field; transforms that floe does not know are carried."""
    text = item["transform"]
    ids = item.get("source-ids", ())
    source_id = item["source-id"] if "source-id" in item else ids[0]
    try:
        transform = UnknownTransform(text) if len(ids) > 1 else parse_transform(text)
    except ParseError:
        transform = UnknownTransform(text)
    return Source(source_id, transform, tuple(ids) if len(ids) > 1 else ())


def source_json(source_id: int, source_ids: tuple[int, ...]) -> dict[str, Any]:
    """Return a field's members for its columns."""
    return {"source-ids": list(source_ids)} if source_ids else {"source-id": source_id}
