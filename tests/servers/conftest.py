import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from catalog_kinds import KINDS, Kind, Place, place_of
from shared_servers import SharedServers
from storage_configs import VARIABLES, Configs, storage_configs

from floe_iceberg import Catalog


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the run covered, which was decided before any test ran."""
    names = ", ".join(kind.name for kind in KINDS)
    terminalreporter.write_line(f"catalogs that this run covered: {names}")
    if not any(kind.name == "polaris" for kind in KINDS):
        terminalreporter.write_line("no real Polaris: FLOE_POLARIS_URI and its like name none")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServers]:
    """Return servers that all workers share."""
    root = tmp_path_factory.getbasetemp()
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    shared = SharedServers((root.parent if is_one_of_several else root) / "servers")
    yield shared
    # A worker without tests holds them for the others, until its process ends with the run.
    if not is_one_of_several:
        shared.let_go()


@pytest.fixture(scope="session")
def places(
    tmp_path_factory: pytest.TempPathFactory, servers: SharedServers
) -> Iterator[dict[str, Place]]:
    """Return the places that were asked for so far; they end with the run."""

    class Places(dict[str, Place]):
        def __missing__(self, name: str) -> Place:
            kind = next(kind for kind in KINDS if kind.name == name)
            folder = tmp_path_factory.mktemp(name)
            self[name] = stack.enter_context(place_of(kind, folder, servers))
            return self[name]

    with ExitStack() as stack:
        yield Places()


@pytest.fixture(params=[kind.name for kind in KINDS])
def place(request: pytest.FixtureRequest, places: dict[str, Place]) -> Place:
    """Return a catalog's place, of each kind."""
    return places[request.param]


@pytest.fixture
def kind(place: Place) -> Kind:
    """Return what is special about the catalog."""
    return place.kind


@pytest.fixture
def catalog(place: Place) -> Catalog:
    """Return a catalog of each kind."""
    return place.open()


@pytest.fixture
def namespace(place: Place, catalog: Catalog) -> str:
    """Return a namespace of the test's own."""
    return place.new_namespace(catalog)


@pytest.fixture
def configs(servers: SharedServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configs:
    """Return configurations of storage plugins, by name; their secrets are in the environment."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return storage_configs(servers, tmp_path)
