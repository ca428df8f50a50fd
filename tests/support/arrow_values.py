"""Arrow arrays of Python values, also where pyarrow makes none itself."""

from typing import Any

import pyarrow as pa


def stored_type(type_: pa.DataType) -> pa.DataType:
    """Return the type without extensions, of which `pa.array()` makes no nested values."""
    if type_ == pa.uuid():
        return pa.binary(16)
    if pa.types.is_struct(type_):
        return pa.struct([field.with_type(stored_type(field.type)) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(type_.key_type, type_.item_field.with_type(stored_type(type_.item_type)))
    if pa.types.is_list(type_):
        return pa.list_(type_.value_field.with_type(stored_type(type_.value_type)))
    return type_


def make_array(values: list[Any], type_: pa.DataType) -> pa.Array:
    """Return an array; values of a UUID are bytes."""
    return pa.array(values, stored_type(type_)).cast(type_)
