"""floe's catalogs of Apache Polaris.

from floe_polaris import PolarisCatalogConfig, create_catalog

catalog = create_catalog(
    PolarisCatalogConfig(
        uri="https://polaris.example.com/api/catalog",
        warehouse="lake",
        client_id="...",
        client_secret="...",
        scope="PRINCIPAL_ROLE:engineer",
    )
)
catalog.create_namespace("bronze.raw.events")
"""

from floe_polaris.catalog import (
    NamespaceInfo,
    PolarisCatalog,
    VendedCredentials,
    create_catalog,
)
from floe_polaris.config import PolarisCatalogConfig, RetryConfig, WideScopeWarning
from floe_polaris.plugin import PolarisCatalogPlugin

__all__ = [
    "NamespaceInfo",
    "PolarisCatalog",
    "PolarisCatalogConfig",
    "PolarisCatalogPlugin",
    "RetryConfig",
    "VendedCredentials",
    "WideScopeWarning",
    "create_catalog",
]
