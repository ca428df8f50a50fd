"""Definitions that are checked when they load, rather than when an asset is stored."""

from typing import Any

import dagster as dg

from floe_core.errors import InvalidArgumentError
from floe_orchestrator_dagster._outputs import check_partitions
from floe_orchestrator_dagster._settings import AssetSettings
from floe_orchestrator_dagster.io_manager import IcebergIOManager

__all__ = ["check_definitions", "create_definitions"]

_Place = tuple[str, str, tuple[str, ...]]


def create_definitions(**arguments: Any) -> dg.Definitions:
    """Make `dagster.Definitions` of the same arguments, and check them.

    Raises what `check_definitions()` does, so that a code location with such a mistake does
    not load.
    """
    definitions = dg.Definitions(**arguments)
    check_definitions(definitions)
    return definitions


def check_definitions(definitions: dg.Definitions) -> None:
    """Check every asset that an IcebergIOManager stores.

    Raises:
        InvalidArgumentError: Two assets that map to one table, or wrong metadata.
        UnsupportedError: Metadata or partitions that this version can't follow.
    """
    resources = definitions.resources or {}
    owners: dict[_Place, AssetSettings] = {}
    for key, asset in sorted(definitions.get_repository_def().assets_defs_by_key.items()):
        manager = resources.get(asset.get_io_manager_key_for_asset_key(key))
        if not asset.is_materializable or not isinstance(manager, IcebergIOManager):
            continue
        spec = asset.get_asset_spec(key)
        settings = manager.settings_of(key, spec.metadata)
        if spec.partitions_def is not None:
            check_partitions(settings, spec.partitions_def)
        place = (_shown(manager.catalog_uri), _shown(manager.catalog_name), settings.table)
        if place in owners:
            message = (
                f"{owners[place].label} and {settings.label} are both stored in table "
                f"{settings.table_name}; rename one, or set iceberg_table or iceberg_namespace "
                "in its metadata"
            )
            raise InvalidArgumentError(message, details={"table": settings.table_name})
        owners[place] = settings


def _shown(value: str) -> str:
    return value.env_var_name if isinstance(value, dg.EnvVar) else value
