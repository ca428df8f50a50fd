"""Messages between tests and the process that has Spark."""

import json
import socket
import struct
from typing import Any, NamedTuple

import pyarrow as pa

_LENGTHS = struct.Struct("<QQ")


class Message(NamedTuple):
    """A request or an answer; rows are the body, as an Arrow stream."""

    head: dict[str, Any]
    body: bytes


def send(connection: socket.socket, message: Message) -> None:
    """Send a message."""
    head = json.dumps(message.head).encode()
    connection.sendall(_LENGTHS.pack(len(head), len(message.body)) + head + message.body)


def receive(connection: socket.socket) -> Message | None:
    """Return the next message, None where the other side has gone."""
    lengths = _receive_exactly(connection, _LENGTHS.size)
    if lengths is None:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    head = _receive_exactly(connection, head_length)
    body = _receive_exactly(connection, body_length)
    return None if head is None or body is None else Message(json.loads(head), body)


def _receive_exactly(connection: socket.socket, length: int) -> bytes | None:
    received = bytearray()
    while len(received) < length:
        part = connection.recv(min(length - len(received), 1 << 20))
        if not part:
            return None
        received += part
    return bytes(received)


def to_ipc(table: pa.Table) -> bytes:
    """Return rows as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def from_ipc(body: bytes) -> pa.Table:
    """Return the rows of an Arrow stream."""
    return pa.ipc.open_stream(body).read_all()
