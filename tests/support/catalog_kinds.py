"""The kinds of catalogs that one suite runs on; how they differ is written here, as data."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from azurite import CONTAINER as AZURE_CONTAINER
from azurite import Azurite
from fake_gcs import BUCKET as GCS_BUCKET
from fake_gcs import FakeGcs
from minio import BUCKET as MINIO_BUCKET
from minio import Minio
from nessie import Nessie
from polaris_setup import Management, set_up_catalog
from polaris_stand_in import Settings, polaris_stand_in
from rest_fixture import rest_fixture
from seaweed import BUCKET as SEAWEED_BUCKET
from seaweed import Seaweed
from shared_servers import SharedServers

from floe_iceberg import Catalog, Table, load_catalog

DOTTED = frozenset({"with.dot", "..x"})
SLASHED = frozenset({"a/b", "a\\b"})
ENCODED = frozenset({"50%", "a%2Fb"})
SEPARATED = frozenset({"a\x1fb"})
URI_LIKE = frozenset({"with blank", "a+b&c", "a?b#c", "quote'\"", "a:b"})
ODD_NAMES = DOTTED | SLASHED | ENCODED | SEPARATED | URI_LIKE | {"ünï✓", "a;b=c"}


@dataclass(frozen=True)
class Kind:
    """A kind of catalog, and what is its own."""

    name: str
    # Names that it refuses, with InvalidArgumentError.
    refused_names: frozenset[str] = field(default_factory=frozenset)
    # Or a namespace may be without the one above it.
    makes_parents: bool = True
    refuses_tables_in_missing_namespaces: bool = True
    keeps_views: bool = False
    # Whether who may drop tables may also purge them, and drop views.
    purges: bool = True
    # Or a purge deletes nothing of a table.
    purges_files: bool = True
    # Or it deletes what others have put at the table's location, too.
    purges_only_files_of_the_table: bool = True
    # Or what is in a namespace that is not there is an empty list.
    refuses_lists_of_missing_namespaces: bool = True
    # Or creating a table that is there gives that one.
    refuses_tables_that_exist: bool = True
    # Or they are gone with a table that is dropped, and two can't be registered on the same.
    keeps_files_of_dropped_tables: bool = True
    # Or what is below it goes, too.
    refuses_to_drop_namespaces_with_namespaces: bool = True
    # Or a metadata file that can't be registered is not named in the answer.
    names_missing_metadata_files: bool = True
    newest_format_version: int = 3
    # Or a table that was loaded is at another location than after the commit that made it.
    has_one_metadata_location: bool = True
    # Or a table shows its current snapshot, and no other, and no refs.
    keeps_history: bool = True
    # Or the first snapshots of two writers at once are both taken, and one is lost.
    checks_first_snapshots: bool = True
    # Whether this machine has the tables' files, too.
    has_local_files: bool = True


# Where tables are files: Java makes URIs of names.
_REFUSED_BY_POLARIS = SLASHED | SEPARATED | URI_LIKE | {"50%"}

ALL_KINDS: tuple[Kind, ...] = (
    Kind("in-memory", refused_names=DOTTED | SEPARATED | {"a/b"}),
    Kind("sqlite", refused_names=DOTTED | SEPARATED | {"a/b"}),
    Kind(
        "rest-fixture",
        # Its web server wants none of `%25`, `%2F`, `%5C` and `%1F` in a path; dots part levels.
        refused_names=DOTTED | SLASHED | ENCODED | SEPARATED,
        refuses_tables_in_missing_namespaces=False,
        keeps_views=True,
    ),
    Kind(
        "polaris-stand-in",
        refused_names=_REFUSED_BY_POLARIS,
        keeps_views=True,
    ),
    Kind(
        "seaweed",
        # "only 'a-z', '0-9', '_', and '-' are allowed", says its answer 400.
        refused_names=ODD_NAMES,
        makes_parents=False,
        refuses_lists_of_missing_namespaces=False,
        refuses_tables_that_exist=False,
        keeps_files_of_dropped_tables=False,
        purges_only_files_of_the_table=False,
        refuses_to_drop_namespaces_with_namespaces=False,
        has_local_files=False,
    ),
    Kind(
        "nessie",
        # "Parent and self-references are not supported: ..x", "Unknown or unsupported scheme: a",
        # "Invalid timestamp value 'c'"
        refused_names=SEPARATED | {"..x", "a:b", "a?b#c"},
        refuses_lists_of_missing_namespaces=False,
        names_missing_metadata_files=False,
        purges_files=False,
        keeps_history=False,
        newest_format_version=2,
        has_one_metadata_location=False,
        checks_first_snapshots=False,
        has_local_files=False,
    ),
)

# The same with tables in other stores.
ALL_KINDS += tuple(
    replace(kind, name=f"sqlite-{store}", has_local_files=False)
    for kind in ALL_KINDS
    if kind.name == "sqlite"
    for store in ("minio", "seaweed", "gcs", "azure")
)
# Of Nessie, with credentials that it lends.
ALL_KINDS += tuple(
    replace(kind, name="nessie-minio") for kind in ALL_KINDS if kind.name == "nessie"
)

# A real one, with files that this machine has, too.
_POLARIS = {
    key: os.environ[f"FLOE_POLARIS_{key.upper()}"]
    for key in ("uri", "warehouse", "credential", "scope")
    if f"FLOE_POLARIS_{key.upper()}" in os.environ
}
if "uri" in _POLARIS:
    ALL_KINDS += (Kind("polaris", _REFUSED_BY_POLARIS, keeps_views=True, purges=False),)

# What a run covers, decided once: all, or those that FLOE_CATALOGS names.
_WANTED = os.environ.get("FLOE_CATALOGS", "")
KINDS = tuple(kind for kind in ALL_KINDS if not _WANTED or kind.name in _WANTED.split(","))
# For tests that look at files: catalogs whose files this machine has, too.
WITH_LOCAL_FILES = pytest.mark.parametrize(
    "place", [kind.name for kind in KINDS if kind.has_local_files], indirect=True
)


# Those that others than this process can see.
SEEN_BY_OTHERS = [kind.name for kind in KINDS if kind.name != "in-memory"]


@dataclass(frozen=True)
class Place:
    """Where catalogs of a kind are opened."""

    kind: Kind
    properties: dict[str, Any]
    folder: Path  # where nobody else has files
    # Properties for another user, where there are several.
    of_user: Callable[[str], dict[str, str]] | None = None
    # To look at files with, where the catalog lends its users what it takes.
    own_storage: dict[str, str] = field(default_factory=dict)

    @property
    def storage(self) -> dict[str, Any]:
        """What S3 wants to know of who looks at files."""
        return self.own_storage or self.properties

    def open(self, user: str | None = None, **properties: Any) -> Catalog:
        """Return a catalog, with more properties."""
        own = self.properties
        if user is not None:
            assert self.of_user is not None
            own = self.of_user(user)
        return load_catalog("test", **{**own, **properties})

    def begin(self, table: Table) -> None:
        """Make an empty first snapshot where the first ones of two writers are both taken."""
        if not self.kind.checks_first_snapshots:
            table.append(table.scan().to_arrow())

    def new_namespace(self, catalog: Catalog) -> str:
        """Return a namespace that nobody else uses."""
        name = f"ns_{uuid.uuid4().hex[:12]}"
        catalog.create_namespace(name)
        return name


def _sqlite(folder: Path, warehouse: str) -> dict[str, str]:
    return {"type": "sql", "uri": f"sqlite:///{folder / 'catalog.db'}", "warehouse": warehouse}


@contextmanager
def place_of(kind: Kind, folder: Path, servers: SharedServers) -> Iterator[Place]:
    """Start what the kind needs; it ends with the block, or with the run."""
    if kind.name == "in-memory":
        properties = {"type": "in-memory", "warehouse": folder / "warehouse"}
        keep_open = load_catalog("test", **properties)  # it ends with the last who has it open
        yield Place(kind, properties, folder)
        del keep_open
    elif kind.name == "sqlite-gcs":
        gcs = FakeGcs(**servers.wait("fake_gcs"))
        warehouse = f"gs://{GCS_BUCKET}/{uuid.uuid4().hex}"
        yield Place(kind, {**_sqlite(folder, warehouse), **gcs.storage()}, folder)
    elif kind.name == "sqlite-azure":
        azure = Azurite(**servers.wait("azurite"))
        warehouse = f"abfss://{AZURE_CONTAINER}/{uuid.uuid4().hex}"
        yield Place(kind, {**_sqlite(folder, warehouse), **azure.storage()}, folder)
    elif kind.name == "sqlite-minio":
        minio = Minio(**servers.wait("minio"))
        warehouse = f"s3://{MINIO_BUCKET}/{uuid.uuid4().hex}"
        yield Place(kind, {**_sqlite(folder, warehouse), **minio.storage()}, folder)
    elif kind.name == "sqlite-seaweed":
        weed = Seaweed(**servers.wait("seaweed"))
        warehouse = f"s3://{SEAWEED_BUCKET}/{uuid.uuid4().hex}"
        yield Place(kind, {**_sqlite(folder, warehouse), **weed.storage()}, folder)
    elif kind.name == "sqlite":
        uri = f"sqlite:///{folder / 'catalog.db'}"
        yield Place(kind, {"uri": uri, "warehouse": folder / "warehouse", "fsync": False}, folder)
    elif kind.name == "polaris":
        yield Place(kind, {"type": "rest", **_POLARIS, "fsync": False}, folder)
    elif kind.name == "polaris-stand-in":
        with polaris_stand_in(folder, Settings(purges=True)) as server:
            management = Management(server.address, "root", "s3cr3t")
            client_id, secret = set_up_catalog(management, "lake", folder.as_uri(), "engineer")
            properties = {
                "type": "rest",
                "uri": server.uri,
                "warehouse": "lake",
                "credential": f"{client_id}:{secret}",
                "scope": "PRINCIPAL_ROLE:engineer_role",
                "fsync": False,
            }
            yield Place(kind, properties, folder)
    elif kind.name == "rest-fixture":
        with rest_fixture(folder) as uri:
            yield Place(kind, {"type": "rest", "uri": uri, "fsync": False}, folder)
    else:
        made = {"seaweed": Seaweed, "nessie": Nessie, "nessie-minio": Nessie}[kind.name]
        server = made(**servers.wait(kind.name.replace("-", "_")))
        own = Minio(server.s3_endpoint).storage() if kind.name == "nessie-minio" else {}
        yield Place(kind, server.catalog(), folder, server.catalog, own)
