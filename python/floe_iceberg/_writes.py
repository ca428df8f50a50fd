"""What the methods that write rows have in common."""

from collections.abc import Mapping
from typing import Any

from floe_iceberg._arguments import text, text_pairs
from floe_iceberg.expressions import to_native

__all__ = ["write_options"]


def write_options(
    snapshot_properties: Mapping[str, str] | None, branch: str | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the engine's options."""
    merged = dict(options)
    merged["branch"] = None if branch is None else text("branch", branch)
    merged["snapshot_properties"] = text_pairs("snapshot_properties", snapshot_properties)
    if merged.get("required_filter") is not None:
        merged["required_filter"] = to_native(merged["required_filter"])
    return merged
