"""Catalogs and tables as PyIceberg's own objects."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from catalog_kinds import SEEN_BY_OTHERS, Kind, Place
from fault_proxy import fault_proxy

from floe_core.errors import ConfigurationError, InvalidArgumentError, NoSuchTableError
from floe_iceberg import Catalog, load_catalog

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "name": ["a", "b", None]})


@pytest.fixture(autouse=True)
def as_pyiceberg_is_used() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyIceberg's own, such as of unclosed databases
        yield


@pytest.mark.parametrize("place", SEEN_BY_OTHERS, indirect=True)
def test_both_work_on_one_table(kind: Kind, catalog: Catalog, namespace: str) -> None:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.catalog.sql import SqlCatalog

    table = catalog.create_table((namespace, "t"), ROWS.schema)
    theirs = catalog.to_pyiceberg()
    assert type(theirs) is (SqlCatalog if kind.name.startswith("sqlite") else RestCatalog)
    assert theirs.name == catalog.name
    assert theirs.list_tables((namespace,)) == [(namespace, "t")]
    their_table = table.to_pyiceberg()
    assert str(their_table.metadata.table_uuid) == table.uuid
    their_table.append(ROWS)
    table.refresh().append(ROWS)
    assert table.scan().to_arrow().num_rows == 6
    assert their_table.refresh().scan().to_arrow().num_rows == 6


@pytest.mark.parametrize("place", SEEN_BY_OTHERS, indirect=True)
def test_a_table_that_is_gone_is_said(catalog: Catalog, namespace: str) -> None:
    table = catalog.create_table((namespace, "t"), ROWS.schema)
    catalog.drop_table((namespace, "t"))
    with pytest.raises(NoSuchTableError, match="does not exist any more"):
        table.to_pyiceberg()
    catalog.create_table((namespace, "t"), ROWS.schema)
    with pytest.raises(NoSuchTableError, match="another of that name"):
        table.to_pyiceberg()


def test_properties_and_credentials_go_along(places: dict[str, Place]) -> None:
    server = places["rest-fixture"].properties["uri"]
    with fault_proxy(server) as proxy:
        catalog = load_catalog(
            "test",
            uri=proxy.uri,
            credential="who:marked-secret",
            scope="PRINCIPAL_ROLE:reader",
            **{"header.x-org": "lake", "rest.client.max-retries": 2, "token-refresh-enabled": True},
        )
        assert "marked-secret" not in repr((catalog, vars(catalog), catalog.properties))
        theirs = catalog.to_pyiceberg()
        theirs.list_namespaces()
    assert theirs.properties["credential"] == "who:marked-secret"
    assert "rest.client.max-retries" not in theirs.properties
    asked = [request for request in proxy.requests if "oauth/tokens" in request.path]
    assert len(asked) >= 2
    for request in asked:
        assert b"client_secret=marked-secret" in request.body
        assert b"scope=PRINCIPAL_ROLE%3Areader" in request.body
    others = [request.headers for request in proxy.requests if request not in asked]
    assert all({k.lower(): v for k, v in head.items()}["x-org"] == "lake" for head in others)


def test_basic_authentication_and_tls_have_pyicebergs_names(places: dict[str, Place]) -> None:
    catalog = load_catalog(
        "test",
        uri=places["rest-fixture"].properties["uri"],
        **{
            "rest.auth.type": "basic",
            "rest.auth.basic.username": "ada",
            "rest.auth.basic.password": "marked-secret",
            "ssl.cabundle": str(Path(__file__).parent / "tls" / "authority.pem"),
        },
    )
    properties: dict[str, object] = {**catalog.to_pyiceberg().properties}
    assert properties["auth"] == {
        "type": "basic",
        "basic": {"username": "ada", "password": "marked-secret"},
    }
    assert properties["ssl"] == {"cabundle": str(Path(__file__).parent / "tls" / "authority.pem")}


def test_what_can_not_be_handed_over_is_said() -> None:
    in_memory = load_catalog("test", uri="sqlite:///:memory:", warehouse="w")
    with pytest.raises(InvalidArgumentError, match="in this process' memory"):
        in_memory.to_pyiceberg()


def test_without_pyiceberg_it_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "class Without:\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name == 'pyiceberg':\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Without)\n"
        "from floe_iceberg import load_catalog\n"
        f"load_catalog('c', uri='sqlite:///{tmp_path}/c.db').to_pyiceberg()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, stderr=subprocess.PIPE, text=True
    )
    assert ConfigurationError.__name__ in done.stderr
    assert "pip install 'floe-lakehouse[pyiceberg]'" in done.stderr
