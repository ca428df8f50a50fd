from collections.abc import Iterator

import pytest
from catalog_kinds import Place
from fault_proxy import FaultProxy, fault_proxy


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
