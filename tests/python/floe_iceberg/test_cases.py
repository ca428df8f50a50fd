import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from case_files import CASES, Case, load

from floe_core import errors
from floe_iceberg import _native
from floe_iceberg.conversions import from_bytes, to_bytes
from floe_iceberg.expressions import from_json, parse, to_json, to_native
from floe_iceberg.schema import Schema
from floe_iceberg.transforms import IdentityTransform, parse_transform
from floe_iceberg.types import IcebergType, type_from_json


def plain(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def canonical(type_: IcebergType, value: Any) -> Any:
    return IdentityTransform().transform(type_)(plain(value))


def check(case: Case, run: Callable[[Any], Any]) -> None:
    if case.error is None:
        assert run(case.given) == case.expected
        return
    with pytest.raises(getattr(errors, case.error["class"])) as raised:
        run(case.given)
    assert type(raised.value).__name__ == case.error["class"]
    assert case.error["contains"] in raised.value.message
    for detail in set(case.error) - {"class", "contains"}:
        assert raised.value.details[detail] == case.error[detail]


def cases(function: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", load(function), ids=lambda case: case.name)


@cases("transform")
@pytest.mark.requirement("S-FR-013")
def test_transform(case: Case) -> None:
    def run(given: dict[str, Any]) -> Any:
        transform = parse_transform(given["transform"])
        source = type_from_json(given["type"])
        if given.get("human"):
            result = transform.result_type(source)
            value = canonical(result, given["value"]) if given["value"] is not None else None
            return transform.to_human_string(source, value) == case.expected
        made = transform.transform(source)(plain(given["value"]))
        if case.expected is None:
            return made is None
        return made == canonical(transform.result_type(source), case.expected)

    check(case._replace(expected=True), run)


@cases("filter_parse")
@pytest.mark.requirement("S-FR-023")
def test_filter_parse(case: Case) -> None:
    check(case, lambda text: str(parse(text)))
    if case.error is None:
        assert str(parse(case.expected)) == case.expected


@cases("filter_bind")
@pytest.mark.requirement("S-FR-023")
def test_filter_bind(case: Case) -> None:
    schema = (CASES / "filter_bind" / "schema.json").read_text()
    check(case, lambda text: to_native(text).bind(schema))


@cases("expression_json")
def test_expression_json(case: Case) -> None:
    schema = Schema.from_json((CASES / "filter_bind" / "schema.json").read_text())

    def run(text: str) -> str:
        filter_ = from_json(text, schema)
        bound = to_native(filter_).bind(schema.to_json())
        assert (
            to_native(from_json(to_json(filter_, schema), schema)).bind(schema.to_json()) == bound
        )
        return bound

    check(case, run)


@cases("type_parse")
def test_type_parse(case: Case) -> None:
    check(case, lambda text: str(type_from_json(text)))


@cases("schema_json")
def test_schema_json(case: Case) -> None:
    check(case, _native.normalize_schema)
    if case.error is None:
        assert json.loads(_native.normalize_schema(case.expected)) == json.loads(case.expected)


@cases("table_update")
def test_table_update(case: Case) -> None:
    check(case, _native.normalize_table_update)


@cases("table_requirement")
def test_table_requirement(case: Case) -> None:
    check(case, _native.normalize_table_requirement)


@cases("single_value")
def test_single_value(case: Case) -> None:
    type_ = type_from_json(case.given["type"])
    value = plain(case.given["value"])
    assert to_bytes(type_, value) == bytes.fromhex(case.expected["hex"])
    assert from_bytes(type_, bytes.fromhex(case.expected["hex"])) == canonical(type_, value)


@cases("table_metadata")
def test_table_metadata(case: Case, tmp_path: Path) -> None:
    base, edits = "base", case.given
    if isinstance(edits, dict):
        base, edits = edits["base"], edits["edits"]
    text = (CASES / "table_metadata" / f"{base}.json").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    location = f"file://{tmp_path}/v3.metadata.json"
    (tmp_path / "v3.metadata.json").write_text(text)
    database = tmp_path / "catalog.db"
    _native.open_sqlite_catalog("c", str(database), None, fsync=False).create_namespace(["db"], [])
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "insert into iceberg_tables (catalog_name, table_namespace, table_name,"
            " metadata_location) values ('c', 'db', 't', ?)",
            [location],
        )
    catalog = _native.open_sqlite_catalog("c", str(database), None, fsync=False)

    def run(_given: Any) -> bool:
        written = catalog.load_table(["db"], "t").metadata_json
        return all(fragment in written for fragment in case.expected)

    if case.error is not None:
        case = case._replace(error={**case.error, "path": location})
    check(case._replace(expected=True), run)


def test_every_folder_is_run() -> None:
    run = set(re.findall(r'@cases\("(\w+)"\)', Path(__file__).read_text()))
    assert run == {folder.name for folder in CASES.iterdir()}
