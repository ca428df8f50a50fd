"""Changes an Avro file's schema and metadata in place; the blocks that follow stay as they are."""

from collections.abc import Callable
from pathlib import Path

MAGIC = b"Obj\x01"


def _read_long(data: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return (number >> 1) ^ -(number & 1), at


def _long(number: int) -> bytes:
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    return bytes([*out, number])


def change_header(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Let `change` edit the header's members, such as `avro.schema`."""
    data = path.read_bytes()
    assert data.startswith(MAGIC)
    members: dict[str, bytes] = {}
    count, at = _read_long(data, len(MAGIC))
    while count != 0:
        assert count > 0, "a block with its size in bytes"
        for _ in range(count):
            length, at = _read_long(data, at)
            key = data[at : at + length].decode()
            length, at = _read_long(data, at + length)
            members[key] = data[at : at + length]
            at += length
        count, at = _read_long(data, at)
    change(members)
    made = MAGIC + _long(len(members))
    for key, value in members.items():
        made += _long(len(key)) + key.encode() + _long(len(value)) + value
    path.write_bytes(made + _long(0) + data[at:])
