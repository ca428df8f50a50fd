"""Who may do what: privileges of catalog roles, and what operations need."""

from typing import Any

from polaris_stand_in.entities import ADMIN, Catalog, State
from polaris_stand_in.errors import RefusalError
from polaris_stand_in.tokens import Caller

__all__ = ["PRIVILEGES", "authorize", "authorize_service"]

_METADATA = {
    "NAMESPACE": ("CREATE", "DROP", "LIST", "READ_PROPERTIES", "WRITE_PROPERTIES"),
    "TABLE": ("CREATE", "DROP", "LIST", "READ_PROPERTIES", "WRITE_PROPERTIES"),
    "VIEW": ("CREATE", "DROP", "LIST", "READ_PROPERTIES", "WRITE_PROPERTIES"),
}
_DATA = ("TABLE_READ_DATA", "TABLE_WRITE_DATA")
_ALL_METADATA = frozenset(
    f"{kind}_{action}" for kind, actions in _METADATA.items() for action in actions
)
_CATALOG = frozenset({"CATALOG_READ_PROPERTIES", "CATALOG_WRITE_PROPERTIES"})
# What a privilege has in it, besides itself.
_WITHIN: dict[str, frozenset[str]] = {
    "CATALOG_MANAGE_CONTENT": _ALL_METADATA | _CATALOG | frozenset(_DATA),
    "CATALOG_MANAGE_METADATA": _ALL_METADATA | _CATALOG,
    "CATALOG_MANAGE_ACCESS": frozenset({"CATALOG_READ_PROPERTIES"}),
    "CATALOG_WRITE_PROPERTIES": frozenset({"CATALOG_READ_PROPERTIES"}),
    "TABLE_READ_DATA": frozenset({"TABLE_READ_PROPERTIES", "TABLE_LIST"}),
    "TABLE_WRITE_DATA": frozenset(
        {"TABLE_READ_DATA", "TABLE_READ_PROPERTIES", "TABLE_WRITE_PROPERTIES", "TABLE_LIST"}
    ),
}
for _kind, _actions in _METADATA.items():
    _names = frozenset(f"{_kind}_{action}" for action in _actions)
    _WITHIN[f"{_kind}_FULL_METADATA"] = _names
    _WITHIN[f"{_kind}_WRITE_PROPERTIES"] = frozenset({f"{_kind}_READ_PROPERTIES", f"{_kind}_LIST"})
    for _action in ("CREATE", "READ_PROPERTIES"):
        _WITHIN[f"{_kind}_{_action}"] = frozenset({f"{_kind}_LIST"})

PRIVILEGES = frozenset(_WITHIN) | _ALL_METADATA | _CATALOG | frozenset(_DATA)

# The operations that need other than one privilege of their own name.
_NEEDED: dict[str, tuple[str, ...]] = {
    "LIST_NAMESPACES": ("NAMESPACE_LIST",),
    "CREATE_NAMESPACE": ("NAMESPACE_CREATE",),
    "LOAD_NAMESPACE_METADATA": ("NAMESPACE_READ_PROPERTIES",),
    "NAMESPACE_EXISTS": ("NAMESPACE_LIST",),
    "UPDATE_NAMESPACE_PROPERTIES": ("NAMESPACE_WRITE_PROPERTIES",),
    "DROP_NAMESPACE": ("NAMESPACE_DROP",),
    "LIST_TABLES": ("TABLE_LIST",),
    "CREATE_TABLE_DIRECT": ("TABLE_CREATE",),
    "CREATE_TABLE_STAGED": ("TABLE_CREATE",),
    "CREATE_TABLE_DIRECT_WITH_WRITE_DELEGATION": ("TABLE_CREATE", "TABLE_WRITE_DATA"),
    "CREATE_TABLE_STAGED_WITH_WRITE_DELEGATION": ("TABLE_CREATE", "TABLE_WRITE_DATA"),
    "REGISTER_TABLE": ("TABLE_CREATE",),
    "LOAD_TABLE": ("TABLE_READ_PROPERTIES",),
    "LOAD_TABLE_WITH_READ_DELEGATION": ("TABLE_READ_DATA",),
    "TABLE_EXISTS": ("TABLE_LIST",),
    "RENAME_TABLE": ("TABLE_DROP",),
    "UPDATE_TABLE": ("TABLE_WRITE_PROPERTIES",),
    "SET_TABLE_PROPERTIES": ("TABLE_WRITE_PROPERTIES",),
    "UPDATE_TABLE_FOR_STAGED_CREATE": ("TABLE_CREATE",),
    "COMMIT_TRANSACTION": ("TABLE_CREATE", "TABLE_WRITE_PROPERTIES"),
    "DROP_TABLE_WITHOUT_PURGE": ("TABLE_DROP",),
    "DROP_TABLE_WITH_PURGE": ("TABLE_DROP", "TABLE_WRITE_DATA"),
    "REPORT_READ_METRICS": ("TABLE_READ_DATA",),
    "REPORT_WRITE_METRICS": ("TABLE_WRITE_DATA",),
    "LIST_VIEWS": ("VIEW_LIST",),
    "CREATE_VIEW": ("VIEW_CREATE",),
    "LOAD_VIEW": ("VIEW_READ_PROPERTIES",),
    "VIEW_EXISTS": ("VIEW_LIST",),
    "REPLACE_VIEW": ("VIEW_WRITE_PROPERTIES",),
    "DROP_VIEW": ("VIEW_DROP",),
    "RENAME_VIEW": ("VIEW_DROP",),
    "GET_CATALOG": ("CATALOG_READ_PROPERTIES",),
}


def authorize(
    state: State,
    caller: Caller,
    operation: str,
    catalog: Catalog,
    target: tuple[str, ...] = (),
    name: str | None = None,
) -> None:
    """Raise 403 unless the caller may do the operation on the catalog, namespace or table.

    A grant on a catalog holds for all in it, one on a namespace for all below.
    """
    active = [
        (role, catalog.roles[role])
        for principal_role in caller.roles
        for role in state.principal_roles[principal_role].catalog_roles.get(catalog.name, [])
        if role in catalog.roles
    ]
    held: set[str] = set()
    for _, role in active:
        for grant in role.grants:
            if _covers(grant, target, name):
                privilege = str(grant["privilege"])
                held |= {privilege} | _WITHIN.get(privilege, frozenset())
    if not set(_NEEDED[operation]) <= held:
        _deny(caller, operation, [role for role, _ in active])


def authorize_service(caller: Caller, operation: str) -> None:
    """Raise 403 unless the caller may manage the service."""
    if ADMIN not in caller.roles:
        _deny(caller, operation, [])


def _covers(grant: dict[str, Any], target: tuple[str, ...], name: str | None) -> bool:
    kind = grant["type"]
    if kind == "catalog":
        return True
    levels = tuple(grant["namespace"])
    if kind == "namespace":
        return target[: len(levels)] == levels
    return levels == target and name is not None and name == grant.get(f"{kind}Name")


def _deny(caller: Caller, operation: str, catalog_roles: list[str]) -> None:
    roles = ", ".join(caller.roles)
    grants = ", ".join([*caller.roles, *catalog_roles])
    message = (
        f"Principal '{caller.principal.name}' with activated PrincipalRoles '[{roles}]' and "
        f"activated grants via '[{grants}]' is not authorized for op {operation}"
    )
    raise RefusalError(403, "ForbiddenException", message)
