"""The footer of a Parquet file as a tree that can be changed, for what no writer writes today."""

import struct
from pathlib import Path
from typing import Any

# Types of Thrift's compact protocol.
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Struct = dict[int, tuple[int, Any]]
"""Fields by their ids: type and value. A list's value is the type of its elements and these."""

MAGIC = b"PAR1"


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self) -> int:
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while header := self.take(1)[0]:
            number = number + (header >> 4) if header >> 4 else self.zigzag()
            fields[number] = (header & 15, self.value(header & 15))
        return fields

    def list(self) -> tuple[int, list[Any]]:
        header = self.take(1)[0]
        size = header >> 4 if header >> 4 != 15 else self.varint()
        element = header & 15
        is_boolean = element in (TRUE, FALSE)
        return element, [self.take(1) if is_boolean else self.value(element) for _ in range(size)]

    def value(self, kind: int) -> Any:
        match kind:
            case 1 | 2:
                found: Any = kind == TRUE
            case 3:
                found = self.take(1)
            case 4 | 5 | 6:
                found = self.zigzag()
            case 7:
                found = self.take(8)
            case 8:
                found = self.take(self.varint())
            case 12:
                found = self.struct()
            case _:
                assert kind in (LIST, SET), kind
                found = self.list()
        return found


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _struct(fields: Struct) -> bytes:
    out = b""
    for number, (kind, value) in sorted(fields.items()):
        if kind in (TRUE, FALSE):
            out += bytes([TRUE if value else FALSE]) + _zigzag(number)
        else:
            out += bytes([kind]) + _zigzag(number) + _value(kind, value)
    return out + b"\0"


def _value(kind: int, value: Any) -> bytes:
    if kind in (I16, I32, I64):
        return _zigzag(value)
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == STRUCT:
        return _struct(value)
    if kind in (LIST, SET):
        element, values = value
        header = bytes([len(values) << 4 | element] if len(values) < 15 else [0xF0 | element])
        size = b"" if len(values) < 15 else _varint(len(values))
        return header + size + b"".join(_value(element, each) for each in values)
    return bytes(value)


def parse(data: bytes) -> Struct:
    """Return what a structure's bytes say."""
    return _Reader(data).struct()


def encode(fields: Struct) -> bytes:
    """Return the bytes of a structure."""
    return _struct(fields)


def read_footer(path: Path) -> Struct:
    """Return the `FileMetaData` of a file."""
    data = path.read_bytes()
    (size,) = struct.unpack("<I", data[-8:-4])
    assert data.endswith(MAGIC)
    return parse(data[-8 - size : -8])


def write_footer(path: Path, footer: Struct, before: bytes = b"") -> None:
    """Put another `FileMetaData` in the place of a file's, and other bytes before it."""
    data = path.read_bytes()
    (size,) = struct.unpack("<I", data[-8:-4])
    encoded = encode(footer)
    path.write_bytes(data[: -8 - size] + before + encoded + struct.pack("<I", len(encoded)) + MAGIC)


def column_chunks(footer: Struct) -> list[Struct]:
    """Return every `ColumnChunk` of a footer, row group by row group."""
    return [chunk for group in footer[4][1][1] for chunk in group[1][1][1]]
