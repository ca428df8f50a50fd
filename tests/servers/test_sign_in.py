"""What users read when they can't get in, of servers that really refuse them."""

import pytest
from catalog_kinds import KINDS, Place

from floe_core.errors import (
    CatalogAuthenticationError,
    CatalogConnectionError,
    FloeStorageError,
    InvalidArgumentError,
    NoSuchNamespaceError,
    NotFoundError,
    PermissionDeniedError,
    UnsupportedError,
)
from floe_iceberg import load_catalog

MARK = "marked-secret"
ANYWHERE = {"nessie", "seaweed", "polaris-stand-in"}
Expected = tuple[type[FloeStorageError], str]
# What is wrong (None: left out), and what each kind makes of it; "" is for all others.
MISTAKES: dict[str, tuple[dict[str, str | None], dict[str, Expected]]] = {
    "wrong id": (
        {"credential": f"nobody:{MARK}"},
        {"": (CatalogAuthenticationError, "secret of property credential (the id is 'nobody')")},
    ),
    "wrong secret": (
        {"credential": f"engineer:{MARK}"},
        {"": (CatalogAuthenticationError, "check the id and secret of property credential")},
    ),
    "wrong scope": (  # SeaweedFS takes any
        {"scope": "no-such-scope"},
        dict.fromkeys(
            ("nessie", "polaris-stand-in"),
            (CatalogAuthenticationError, "check property scope, which is 'no-such-scope'"),
        ),
    ),
    "wrong token": (
        {"credential": None, "token": MARK},
        {"": (CatalogAuthenticationError, "check property token: it may have expired")},
    ),
    "nobody": (
        {"credential": None},
        {
            "": (CatalogAuthenticationError, "who asks: set property credential, or token"),
            "seaweed": (PermissionDeniedError, "who asks: set property credential, or token"),
        },
    ),
    "wrong warehouse": (
        {"warehouse": "no-such-warehouse"},
        {
            "polaris-stand-in": (NotFoundError, "check properties uri and warehouse"),
            "nessie": (CatalogConnectionError, "Warehouse 'no-such-warehouse' is not known"),
            "seaweed": (NoSuchNamespaceError, "select one with warehouse="),
        },
    ),
    "wrong path": (
        {"uri": "{uri}/elsewhere"},
        {
            "": (NotFoundError, "check properties uri and warehouse"),
            # It takes the end of the path for a branch.
            "nessie": (InvalidArgumentError, "Named reference 'elsewhere' not found"),
        },
    ),
    "an S3 in place of a catalog": (
        {"uri": "{s3}"},
        {
            "seaweed": (UnsupportedError, "set property oauth2-server-uri to who does"),
            "nessie": (PermissionDeniedError, "and the right warehouse"),
        },
    ),
}
CASES = [
    (kind.name, mistake)
    for kind in KINDS
    if kind.name in ANYWHERE
    for mistake, (_, expected) in MISTAKES.items()
    if kind.name in expected or "" in expected
]


@pytest.mark.requirement("S-US1.3", "S-SC-006")
@pytest.mark.parametrize(("place", "mistake"), CASES, indirect=["place"])
def test_what_is_wrong_is_told(place: Place, mistake: str) -> None:
    wrong, expected = MISTAKES[mistake]
    error, words = expected.get(place.kind.name) or expected[""]
    own = {name: value for name, value in place.properties.items() if wrong.get(name, "") == ""}
    known = {"uri": own.get("uri", place.properties["uri"]), "s3": own.get("s3.endpoint", "")}
    own |= {name: value.format(**known) for name, value in wrong.items() if value is not None}
    with pytest.raises(error) as raised:
        load_catalog("test", **own).list_namespaces()
    assert type(raised.value) is error
    assert words in str(raised.value)
    assert "of catalog 'test' (http" in str(raised.value)
    assert MARK not in str(raised.value)
