"""Collects inputs for fuzz targets into build/fuzz/seeds: files of tests/, and a table made anew.

Avro files come twice: as they are, and with blocks that are not compressed, which mutations reach.
"""

import hashlib
import json
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from floe_iceberg import load_catalog

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
SEEDS = ROOT / "build" / "fuzz" / "seeds"
MAX_SEED_BYTES = 48 * 1024
# Columns and partition fields of tests/fuzz/any_schema.cc; single values name a column by a byte.
COLUMNS: dict[str, tuple[pa.DataType, Any]] = {
    "boolean": (pa.bool_(), True),
    "int": (pa.int32(), 7),
    "long": (pa.int64(), -8),
    "float": (pa.float32(), 1.5),
    "double": (pa.float64(), -2.5),
    "date": (pa.date32(), date(2024, 2, 29)),
    "time": (pa.time64("us"), time(23, 59, 59)),
    "timestamp": (pa.timestamp("us"), datetime(1969, 12, 31, 23)),
    "timestamptz": (pa.timestamp("us", "UTC"), datetime(2024, 1, 1, tzinfo=UTC)),
    "string": (pa.string(), "añb"),
    "uuid": (pa.uuid(), bytes(range(16))),
    "binary": (pa.binary(), b"\xff\x00"),
    "decimal": (pa.decimal128(9, 2), Decimal("-1.50")),
    "wide": (pa.decimal128(38, 10), Decimal("3.0000000001")),
    "fixed": (pa.binary(4), b"abcd"),
    "st": (pa.struct([("x", pa.int32())]), {"x": 1}),
}
SPEC = [
    *("long", "truncate(2, string)", "truncate(10, int)", "truncate(7, wide)"),
    *("bucket(8, binary)", "bucket(16, long)", "day(timestamp)", "hour(timestamptz)"),
    *("month(date)", "year(date)", "void(double)", "float", "fixed"),
]


def put(target: str, content: bytes) -> None:
    """Write a seed, named by its content."""
    if len(content) <= MAX_SEED_BYTES:
        folder = SEEDS / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def _long(data: bytes, at: int) -> tuple[int, int]:
    shift = value = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a variable-length integer
            return (value >> 1) ^ -(value & 1), at


def _encoded(value: int) -> bytes:
    value = value << 1 ^ value >> 63
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def plain_avro(data: bytes) -> bytes | None:
    """Return an Avro file without compression; None if it has another codec than deflate."""
    at = 4
    header = bytearray(data[:4])
    codec = b"null"
    while True:
        count, at = _long(data, at)
        header += _encoded(count)
        if count == 0:
            break
        for _ in range(count):
            pair = []
            for _ in range(2):
                size, at = _long(data, at)
                pair.append(data[at : at + size])
                at += size
            if pair[0] == b"avro.codec":
                codec, pair[1] = pair[1], b"null"
            header += b"".join(_encoded(len(part)) + part for part in pair)
    if codec != b"deflate":
        return None
    sync, at = data[at : at + 16], at + 16
    out = header + sync
    while at < len(data):
        count, at = _long(data, at)
        size, at = _long(data, at)
        block = zlib.decompress(data[at : at + size], wbits=-15)
        out += _encoded(count) + _encoded(len(block)) + block + sync
        at += size + 16
    return bytes(out)


def put_avro(path: Path) -> None:
    """Write an Avro file's seeds: for the container, and for what it is."""
    targets = ["avro_container"]
    if path.parent.name == "metadata":
        targets.append("manifest_list" if path.name.startswith("snap-") else "manifest")
    content = path.read_bytes()
    for target in targets:
        for form in (content, plain_avro(content)):
            if form is not None:
                put(target, form)


def put_files(folder: Path) -> None:
    """Write seeds of a folder's files, by their kind."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".avro":
            put_avro(path)
        elif path.name.endswith("metadata.json") or "metadata" in path.parent.parts[-1:]:
            put("table_metadata", path.read_bytes())
        elif path.suffix in (".puffin", ".bin"):
            put("puffin", path.read_bytes())


def cases(name: str) -> Iterator[Any]:
    """Return the inputs and outputs of case files."""
    for path in (TESTS / "cases" / name).glob("*.jsonl"):
        for line in path.read_text().splitlines():
            case = json.loads(line)
            yield from (case[side] for side in ("in", "out") if side in case)


def put_cases() -> None:
    """Write seeds of the case files."""
    for name, target in (
        ("filter_parse", "filter_text"),
        ("filter_bind", "filter_text"),
        ("schema_json", "schema_json"),
        ("expression_json", "expression_json"),
        ("table_update", "update_json"),
        ("table_requirement", "update_json"),
    ):
        for text in cases(name):
            if isinstance(text, str):
                put(target, text.encode())
    put("table_metadata", (TESTS / "cases" / "table_metadata" / "base.json").read_bytes())
    metadata = json.loads((TESTS / "cases" / "table_metadata" / "base.json").read_text())
    for part in (*metadata["schemas"], *metadata["partition-specs"]):
        put("schema_json", json.dumps(part).encode())
    for index, size in enumerate((1, 4, 8, 4, 8, 4, 8, 8, 8, 3, 16, 2, 4, 9, 4)):
        for byte in (0, 1, 0x7F, 0x80, 0xFF):
            put("single_value", bytes([index]) + bytes([byte]) * size)


def put_values() -> None:
    """Write seeds of single-value JSON and of name mappings."""
    texts = {
        "boolean": "true",
        "int": "-3",
        "long": "3000000000",
        "float": "1.5",
        "double": "1e300",
        "date": '"2024-02-29"',
        "time": '"23:59:59.000001"',
        "timestamp": '"1969-12-31T23:00:00.5"',
        "timestamptz": '"2024-01-01T00:00:00+00:00"',
        "string": '"a\\u00e9"',
        "uuid": '"f79c3e09-677c-4bbd-a479-3f349cb785e7"',
        "binary": '"00FF"',
        "decimal": '"-14.20"',
        "wide": '"0.0000000001"',
        "fixed": '"00010203"',
        "st": '{"100": 7}',
        "nanos": '"2024-01-01T00:00:00.000000001"',
        "zoned_nanos": '"2024-01-01T00:00:00.000000001+00:00"',
        "list": "[1.5, null]",
        "map": '{"keys": ["a"], "values": ["2024-01-01T00:00:00"]}',
    }
    for index, text in enumerate(texts.values()):
        put("value_json", bytes([index]) + text.encode())
    mapping = [
        {"field-id": 1, "names": ["id", "record_id"]},
        {"field-id": 3, "names": ["at"], "fields": [{"field-id": 4, "names": ["x.y"]}]},
        {"names": ["gone"], "other": {"a": 1}},
    ]
    put("name_mapping", json.dumps(mapping).encode())


def put_rest() -> None:
    """Write seeds of answers of REST catalogs, as they were recorded."""
    kinds = (
        (0, "GET", r"/v1/config"),
        (2, "GET", r"/namespaces(\?.*)?$"),
        (3, "GET", r"/tables(\?.*)?$"),
        (5, "POST", r"/properties$"),
        (6, "", r"/tables/[^/]+$"),
        (6, "POST", r"/tables$"),
        (8, "", r"/views(/[^/]+)?$"),
        (9, "GET", r"/credentials$"),
        (4, "", r"/namespaces/[^/]+$"),
    )
    for line in (TESTS / "servers" / "rest" / "polaris_answers.jsonl").read_text().splitlines():
        exchange = json.loads(line)
        method, _, path = exchange["ask"].partition(" ")
        body = json.dumps(exchange["body"]).encode()
        for kind, verb, pattern in kinds:
            if verb in ("", method) and re.search(pattern, path):
                put("rest_json", bytes([kind]) + body)
                break
    for name in ("rest_errors.jsonl", "polaris_errors.jsonl"):
        for line in (TESTS / "servers" / "rest" / name).read_text().splitlines():
            put("rest_json", b"\x07" + json.loads(line)["in"]["body"].encode())
    keys = {"s3.access-key-id": "a", "s3.secret-access-key": "secret", "s3.session-token": "token"}
    vended = {"storage-credentials": [{"prefix": "s3://lake/t", "config": keys}]}
    put("rest_json", b"\x09" + json.dumps(vended).encode())
    put("rest_json", b'\x01{"access_token": "a.b.c", "token_type": "bearer", "expires_in": 3600}')


def put_table() -> None:
    """Write seeds of a table with all types and transforms."""
    names = list(COLUMNS)
    schema = pa.schema([(name, type_) for name, (type_, _) in COLUMNS.items()])
    full = {name: [value, None] for name, (_, value) in COLUMNS.items()}
    arrays = [
        pa.array(full[name], type_.storage_type).cast(type_)
        if isinstance(type_, pa.UuidType)
        else pa.array(full[name], type_)
        for name, (type_, _) in COLUMNS.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        catalog = load_catalog("seeds", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder)
        catalog.create_namespace("db")
        table = catalog.create_table("db.t", schema, partition_spec=SPEC)
        table.append(pa.table(arrays, names=names))
        table.append(pa.table(arrays, names=names).slice(1))
        put_files(Path(folder))


def put_carried() -> None:
    """Write inputs of targets whose JSON lies within that of others, as these have it."""
    table = (
        b'{"format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", '
        b'"location": "s3://b/t", "last-sequence-number": 1, "last-updated-ms": 1, '
        b'"last-column-id": 9, "current-schema-id": 0, "schemas": [%s], "default-spec-id": 0, '
        b'"partition-specs": [%s], "last-partition-id": 1000, "default-sort-order-id": 0, '
        b'"sort-orders": [%s]}'
    )
    schema = b'{"type": "struct", "schema-id": 0, "fields": []}'
    spec = b'{"spec-id": 0, "fields": []}'
    order = b'{"order-id": 0, "fields": []}'
    for content in known("schema_json"):
        put("update_json", b'{"action": "add-schema", "schema": %s}' % content)
        put("update_json", b'{"action": "add-spec", "spec": %s}' % content)
        put("update_json", b'{"action": "add-sort-order", "sort-order": %s}' % content)
        put("table_metadata", table % (content, spec, order))
        put("table_metadata", table % (schema, content, order))
        put("table_metadata", table % (schema, spec, content))
    for content in known("table_metadata"):
        put("rest_json", b'\x06{"metadata-location": "l", "metadata": %s, "config": {}}' % content)
        snapshots = object_in(content).get("snapshots")
        for snapshot in snapshots if isinstance(snapshots, list) else []:
            update = {"action": "add-snapshot", "snapshot": snapshot}
            put("update_json", json.dumps(update).encode())


def known(target: str) -> Iterator[bytes]:
    """Yield the inputs of a target of JSON that are kept."""
    for path in sorted((TESTS / "fuzz" / "corpus" / target).iterdir()):
        content = path.read_bytes()
        if content[:1] == b"{":
            yield content


def object_in(content: bytes) -> dict[str, Any]:
    """Return what an input says, nothing if it is not JSON."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def main() -> int:
    """Write all seeds."""
    put_cases()
    put_files(TESTS / "vectors")
    put_files(TESTS / "golden")
    put_values()
    put_rest()
    put_table()
    put_carried()
    for folder in sorted(SEEDS.iterdir()):
        print(f"{folder.name}: {len(list(folder.iterdir()))} seeds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
