"""What the methods that write rows have in common."""

from collections.abc import Mapping
from typing import Any

from floe_core.errors import UnsupportedError
from floe_iceberg._arguments import text_pairs
from floe_iceberg.expressions import to_native

__all__ = ["check_branch", "write_options"]


def check_branch(branch: str | None) -> None:
    """Raise UnsupportedError for a branch that can't be written."""
    if branch not in (None, "main"):
        message = f"writing to branch {branch!r} is not supported yet; only main is"
        raise UnsupportedError(message)


def write_options(
    snapshot_properties: Mapping[str, str] | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the engine's options."""
    merged = dict(options)
    merged["snapshot_properties"] = text_pairs("snapshot_properties", snapshot_properties)
    if merged.get("required_filter") is not None:
        merged["required_filter"] = to_native(merged["required_filter"])
    return merged
