"""Views of catalogs that keep them."""

import pyarrow as pa
import pytest
from catalog_kinds import KINDS, WITH_LOCAL_FILES, Kind, Place
from fault_proxy import drop, fault_proxy, lose_answer, reply

from floe_core.errors import (
    AlreadyExistsError,
    CommitConflictError,
    CommitStateUnknownError,
    InvalidArgumentError,
    NoSuchNamespaceError,
    NoSuchViewError,
    PermissionDeniedError,
    UnsupportedError,
)
from floe_iceberg import Catalog, load_catalog
from floe_iceberg.view import SQLViewRepresentation, View, ViewVersion

COLUMNS = pa.schema([pa.field("id", pa.int64()), pa.field("name", pa.string())])


def version(sql: str, **dialects: str) -> ViewVersion:
    return ViewVersion(
        representations=[
            SQLViewRepresentation(sql, "spark"),
            *(SQLViewRepresentation(text, dialect) for dialect, text in dialects.items()),
        ],
        default_namespace=("db",),
        summary={"engine-name": "tests"},
    )


@pytest.fixture(params=[kind.name for kind in KINDS if kind.keeps_views])
def keeper(request: pytest.FixtureRequest, places: dict[str, Place]) -> Place:
    """Return a catalog's place, of each kind that keeps views."""
    return places[request.param]


@pytest.fixture
def views(keeper: Place) -> Catalog:
    """Return a catalog that keeps views."""
    return keeper.open()


@pytest.fixture
def own(keeper: Place, views: Catalog) -> str:
    """Return a namespace of the test's own."""
    return keeper.new_namespace(views)


def make(catalog: Catalog, namespace: str, name: str = "v") -> View:
    return catalog.create_view(
        (namespace, name),
        COLUMNS,
        version("select id, name from t", trino="select id, name from db.t"),
        properties={"comment": "naïve ✓"},
    )


def test_views_come_and_go(keeper: Place, views: Catalog, own: str) -> None:
    made = make(views, own)
    make(views, own, "a_view")
    assert views.list_views(own) == [(own, "a_view"), (own, "v")]
    assert views.list_tables(own) == []
    assert views.view_exists((own, "v"))
    loaded = keeper.open().load_view((own, "v"))
    assert loaded == made
    assert loaded.identifier == (own, "v")
    assert loaded.schema().column_names == ["id", "name"]
    assert loaded.properties["comment"] == "naïve ✓"
    assert len(loaded.history()) == 1
    current = loaded.current_version()
    assert current.default_namespace == ("db",)
    assert loaded.sql_for("Trino") == SQLViewRepresentation("select id, name from db.t", "trino")
    assert loaded.sql_for("duckdb") is None
    moved = views.rename_view((own, "v"), (own, "w"))
    assert moved.uuid == made.uuid
    assert not views.view_exists((own, "v"))
    if keeper.kind.purges:
        views.drop_view((own, "w"))
        assert views.list_views(own) == [(own, "a_view")]
    else:
        with pytest.raises(PermissionDeniedError):
            views.drop_view((own, "w"))


def test_a_view_gets_another_definition(views: Catalog, own: str) -> None:
    first = make(views, own)
    second = views.replace_view(
        (own, "v"),
        COLUMNS.append(pa.field("score", pa.float64())),
        version("select *, 1.0 as score from t", trino="select *, 1.0 as score from db.t"),
        properties={"owner": "ada"},
    )
    assert second.uuid == first.uuid
    assert second.schema().column_names == ["id", "name", "score"]
    assert {"comment": "naïve ✓", "owner": "ada"}.items() <= second.properties.items()
    assert len(second.versions) == len(second.history()) == 2
    assert second.version(first.current_version().version_id) == first.current_version()
    third = views.replace_view(
        (own, "v"), COLUMNS, version("select id, name from u", trino="select id, name from db.u")
    )
    assert len(third.schemas()) == 2
    assert third.schema().column_names == ["id", "name"]
    assert views.load_view((own, "v")) == third


def test_what_is_not_there_or_taken_is_said_by_its_name(views: Catalog, own: str) -> None:
    for call in (
        lambda: views.load_view((own, "none")),
        lambda: views.drop_view((own, "none")),
        lambda: views.rename_view((own, "none"), (own, "x")),
        lambda: views.replace_view((own, "none"), COLUMNS, version("select 1")),
    ):
        with pytest.raises(NoSuchViewError, match=r"view ns_\w+\.none"):
            call()
    assert not views.view_exists((own, "none"))
    with pytest.raises(NoSuchNamespaceError):
        views.list_views((own, "none"))
    make(views, own)
    with pytest.raises(AlreadyExistsError, match=r"view ns_\w+\.v"):
        make(views, own)
    with pytest.raises(AlreadyExistsError):
        views.create_table((own, "v"), COLUMNS)
    views.create_table((own, "t"), COLUMNS)
    with pytest.raises(AlreadyExistsError):
        make(views, own, "t")


def test_a_definition_that_can_not_be_is_refused(views: Catalog, own: str) -> None:
    for wrong, match in (
        (ViewVersion([], ("db",)), "needs a representation"),
        (version("select 1", spark="select 2"), "two representations of dialect 'spark'"),
    ):
        with pytest.raises(InvalidArgumentError, match=match):
            views.create_view((own, "v"), COLUMNS, wrong)
    assert views.list_views(own) == []


@WITH_LOCAL_FILES
def test_catalogs_without_views_say_so(kind: Kind, catalog: Catalog, namespace: str) -> None:
    if kind.keeps_views:
        assert catalog.list_views(namespace) == []
        return
    with pytest.raises(UnsupportedError, match="catalog 'test' keeps no views"):
        make(catalog, namespace)
    with pytest.raises(UnsupportedError, match="keeps no views"):
        catalog.list_views(namespace)


def test_a_replacement_whose_answer_is_lost_is_looked_for(places: dict[str, Place]) -> None:
    place = places["rest-fixture"]
    namespace = place.new_namespace(place.open())
    with fault_proxy(place.properties["uri"]) as proxy:
        catalog = load_catalog("test", uri=proxy.uri, fsync=False)
        make(catalog, namespace)
        conflict = '{"error": {"message": "moved", "type": "CommitFailedException", "code": 409}}'
        for number, (fault, error) in enumerate(
            (
                (lose_answer(), None),
                (drop(), CommitStateUnknownError),
                (reply(500), CommitStateUnknownError),
                (reply(409, conflict), CommitConflictError),
            )
        ):
            proxy.forget()
            proxy.plan("POST", "/v$", *[fault] * 3)
            wanted = version(f"select {number}", trino=f"select {number}")
            if error is None:
                replaced = catalog.replace_view((namespace, "v"), COLUMNS, wanted)
                assert replaced.current_version().representations == tuple(wanted.representations)
            else:
                with pytest.raises(error, match=r"view ns_\w+\.v"):
                    catalog.replace_view((namespace, "v"), COLUMNS, wanted)
            assert proxy.count("POST") == 1
        assert len(catalog.load_view((namespace, "v")).versions) == 2
