"""Values to bytes and back, as in `pyiceberg.conversions`."""

from typing import Any

from floe_iceberg import _native
from floe_iceberg.types import IcebergType

__all__ = ["from_bytes", "to_bytes"]


def to_bytes(primitive_type: IcebergType, value: Any) -> bytes:
    """Return the single-value binary form (Iceberg specification, appendix D).

    Raises:
        InvalidArgumentError: The value is not one of the type.
    """
    return _native.literal_to_bytes(str(primitive_type), value)


def from_bytes(primitive_type: IcebergType, value: bytes) -> Any:
    """Return the value of a single-value binary form; dates and times as integers.

    Raises:
        InvalidArgumentError: The bytes are no value of the type.
    """
    return _native.literal_from_bytes(str(primitive_type), value)
