"""Values of type variant, to and from JSON.

A column of variants is, in Arrow, the extension type ``arrow.parquet.variant`` over a struct of
the binary fields ``metadata`` and ``value`` (Parquet's variant encoding). To write one, pass such
a struct column; ``from_json`` makes its values.
"""

from collections.abc import Mapping
from typing import TypedDict

from floe_iceberg import _native

__all__ = ["Variant", "from_json", "to_json"]


class Variant(TypedDict):
    """An encoded value: the names of its objects, and the value itself."""

    metadata: bytes
    value: bytes


def from_json(text: str) -> Variant:
    """Encode a JSON text.

    Integers take the smallest type that holds them; numbers with a decimal point are decimals
    where 38 digits are enough, and doubles otherwise.

    Raises:
        ParseError: the text is no JSON, nests deeper than 200 levels, or has a name twice in
            one object.
    """
    metadata, value = _native.variant_from_json(text)
    return {"metadata": metadata, "value": value}


def to_json(variant: Mapping[str, bytes]) -> str:
    """Decode to JSON text; dates, times and UUIDs become strings, binary becomes base64.

    Raises:
        InvalidArgumentError: the bytes are no variant.
    """
    return _native.variant_to_json(variant["metadata"], variant["value"])
