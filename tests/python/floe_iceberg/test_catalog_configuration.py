"""Catalogs by name from files and variables; PyIceberg reads the same of the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from floe_core.catalog_files import configured_catalog, default_catalog_name
from floe_core.errors import ConfigurationError, InvalidArgumentError
from floe_iceberg import load_catalog

FILE = """
default-catalog: Prod
catalog:
  Prod:
    TYPE: rest
    uri: http://127.0.0.1:1/api
    warehouse: "lake"
    header.X-Org: yes
    rest.sigv4-enabled: false
    scope: >-
      a
      b
    pad:
  other-one:
    uri: sqlite:///x.db
"""
VARIABLES = {
    "PYICEBERG_CATALOG__PROD__URI": "http://127.0.0.1:2/api",
    "PyIceberg_Catalog__Prod__S3__Access_Key_Id": "a_B__c",
    "PYICEBERG_CATALOG__PROD__REST__CLIENT__MAX_RETRIES": "0",
    "PYICEBERG_CATALOG__OTHER_ONE__WAREHOUSE": "w",
    "PYICEBERG_CATALOG__NEW__EMPTY": "",
    "PYICEBERG_MAX_WORKERS": "2",
    "PYICEBERG_CATALOGS__PROD__URI": "no",
}
# Tells what PyIceberg makes of the files and variables that a process of its own finds.
PYICEBERG_READS = """
import json, sys
from pyiceberg.utils.config import Config
config = Config()
names = sys.argv[1:]
print(json.dumps([config.get_default_catalog_name(), *map(config.get_catalog_config, names)]))
"""
NAMES = ("prod", "PROD", "other-one", "new", "none")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("set", "home", "here")}
    for folder in found.values():
        folder.mkdir()
    for variable in list(os.environ):
        if variable.lower().startswith(("pyiceberg_", "floe_catalog", "floe_default")):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(found["home"]))
    monkeypatch.chdir(found["here"])
    return found


def pyiceberg_reads(*names: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", PYICEBERG_READS, *names], check=True, stdout=subprocess.PIPE
    )
    answer: list[Any] = json.loads(done.stdout)
    return answer


def floe_reads(*names: str) -> list[Any]:
    return [default_catalog_name(), *map(configured_catalog, names)]


@pytest.mark.parametrize("places", [("set",), ("home",), ("here",), ("set", "home"), ()])
@pytest.mark.parametrize("variables", [{}, VARIABLES], ids=["file", "variables"])
def test_files_and_variables_say_what_they_say_to_pyiceberg(
    folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    places: tuple[str, ...],
    variables: dict[str, str],
) -> None:
    for number, place in enumerate(places):
        text = FILE.replace("lake", f"lake{number}")
        (folders[place] / ".pyiceberg.yaml").write_text(text)
    monkeypatch.setenv("PYICEBERG_HOME", str(folders["set"]))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    theirs = pyiceberg_reads(*NAMES)
    assert floe_reads(*NAMES) == [answer or {} for answer in theirs]
    assert bool(places or variables) == any(theirs[1:])


def test_a_file_that_says_nothing_is_passed_over(folders: dict[str, Path]) -> None:
    (folders["home"] / ".pyiceberg.yaml").write_text("# nothing\n")
    (folders["here"] / ".pyiceberg.yaml").write_text("catalog:\n  c:\n    uri: x\n")
    assert configured_catalog("c") == {"uri": "x"}


def test_mappings_within_are_flat(folders: dict[str, Path]) -> None:
    (folders["home"] / ".pyiceberg.yaml").write_text(
        "catalog:\n  c:\n    ssl:\n      cabundle: /ca.pem\n      client:\n        cert: /c.pem\n"
    )
    assert configured_catalog("c") == {"ssl.cabundle": "/ca.pem", "ssl.client.cert": "/c.pem"}


def test_arguments_go_before_variables_before_files(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"    {key}: file\n" for key in ("uri", "warehouse", "type", "fsync", "x-y")]
    (folders["home"] / ".pyiceberg.yaml").write_text("catalog:\n  c:\n" + "".join(lines))
    monkeypatch.setenv("PYICEBERG_CATALOG__C__WAREHOUSE", "pyiceberg")
    monkeypatch.setenv("PYICEBERG_CATALOG__C__FSYNC", "pyiceberg")
    monkeypatch.setenv("FLOE_CATALOG__C__FSYNC", "false")
    monkeypatch.setenv("FLOE_CATALOG__C__TYPE", "floe")
    monkeypatch.setenv("FLOE_DEFAULT_CATALOG", "c")
    with pytest.raises(InvalidArgumentError, match="unknown properties x-y") as raised:
        load_catalog(uri="sqlite:///c.db", type="sql")
    assert "fsync, type, uri, warehouse, x-y came from" in raised.value.__notes__[0]
    (folders["home"] / ".pyiceberg.yaml").write_text("catalog:\n  c:\n    warehouse: file\n")
    catalog = load_catalog(uri="sqlite:///c.db", type="SQL")
    assert catalog.name == "c"
    assert catalog.properties == {
        "uri": "sqlite:///c.db",
        "type": "SQL",
        "warehouse": "pyiceberg",
        "fsync": "false",
    }
    assert load_catalog("c", uri="sqlite:///c.db", type="sql", warehouse=None).properties[
        "warehouse"
    ] == ("pyiceberg")


def test_secrets_of_the_environment_are_not_shown(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    del folders
    monkeypatch.setenv("FLOE_CATALOG__C__REST__AUTH__BASIC__PASSWORD", "marked")
    with pytest.raises(InvalidArgumentError) as raised:
        load_catalog("c", uri="sqlite:///c.db")
    assert "marked" not in repr((raised.value, raised.value.details, raised.value.__notes__))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("catalog: [", r"pyiceberg\.yaml:1 is not a YAML file: "),
        ("catalog:\n  c:\n  - uri", r"catalog\.c is no mapping"),
        ("catalog: x", "catalog is no mapping"),
        ("- x", "holds no mapping"),
        ("catalog:\n  c:\n    uri:\n    - x", r"catalog\.c\.uri is a list; expected a text"),
        (
            "catalog:\n  c:\n    uri: a\n    URI: b",
            r"catalog\.c\.uri is there twice, again in line 4",
        ),
        ("a: &a [x]\nb: *a\ncatalog:\n  c: {}", "b is an alias"),
        ("{" * 5000, "RecursionError"),
        (b"\xff\xfe\xfa", "is not a YAML file"),
        ("catalog:\n  c:\n    auth:\n      type: google\n      google: {}", None),
        ("catalog:\n  c:\n    auth:\n      entra:\n        x: y", r"auth\.entra\.x; of auth, floe"),
    ],
)
def test_what_can_not_be_is_said_with_file_and_key(
    folders: dict[str, Path], text: str | bytes, message: str | None
) -> None:
    path = folders["home"] / ".pyiceberg.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if message is None:
        with pytest.raises(InvalidArgumentError):
            load_catalog("c", uri="http://127.0.0.1:1")
        return
    with pytest.raises(ConfigurationError, match=message) as raised:
        load_catalog("c", uri="sqlite:///c.db")
    if "auth" not in message:
        assert raised.value.path == str(path)
        assert str(path) in str(raised.value)


def test_a_file_that_can_not_be_read_is_said(folders: dict[str, Path]) -> None:
    (folders["home"] / ".pyiceberg.yaml").write_text("default-catalog:\n  a: b")
    with pytest.raises(ConfigurationError, match="default-catalog is a mapping or list"):
        load_catalog(uri="sqlite:///c.db")


def test_a_variable_without_a_property_is_said(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    del folders
    monkeypatch.setenv("FLOE_CATALOG__PROD", "x")
    with pytest.raises(ConfigurationError, match="FLOE_CATALOG__PROD names the catalog 'prod'"):
        load_catalog("prod", uri="sqlite:///c.db")
    load_catalog("other", uri="sqlite:///c.db")
