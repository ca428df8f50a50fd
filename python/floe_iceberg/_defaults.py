"""Defaults of columns: Python values and their JSON form. Types are given as JSON."""

import json
from typing import Any

from floe_iceberg import _native

__all__ = ["canonical", "from_json", "to_json"]


def to_json(type_json: Any, value: Any) -> Any:
    """Return the single-value JSON form; raises InvalidArgumentError."""
    return json.loads(_native.default_to_json(json.dumps(type_json), value))


def from_json(type_json: Any, value: Any) -> Any:
    """Read the single-value JSON form, which may be None; raises ParseError."""
    if value is None:
        return None
    return _native.default_from_json(json.dumps(type_json), json.dumps(value))


def canonical(type_json: Any, value: Any) -> Any:
    """Return a default in the form that a schema's JSON is read to."""
    return None if value is None else from_json(type_json, to_json(type_json, value))
