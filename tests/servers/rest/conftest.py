from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_kinds import Place
from fault_proxy import FaultProxy, fault_proxy
from tls_keys import make_tls_keys


@pytest.fixture
def place(places: dict[str, Place]) -> Place:
    """Return the REST fixture's place: here is what clients do, whatever the server."""
    return places["rest-fixture"]


@pytest.fixture
def upstream(place: Place) -> str:
    """Return the address of the REST fixture."""
    return str(place.properties["uri"])


@pytest.fixture
def proxy(upstream: str) -> Iterator[FaultProxy]:
    """Return a proxy before the REST fixture."""
    with fault_proxy(upstream) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of keys and certificates."""
    folder = tmp_path_factory.mktemp("tls")
    make_tls_keys(folder)
    return folder


@pytest.fixture(scope="session")
def ca(keys: Path) -> dict[str, str]:
    """Return the property of who trusts them."""
    return {"ssl.cabundle": str(keys / "authority.pem")}
