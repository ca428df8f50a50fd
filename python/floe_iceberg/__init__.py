"""floe's Iceberg tables: catalogs, tables, scans and writes in PyIceberg's shape.

from floe_iceberg import load_catalog

catalog = load_catalog("dev", uri="sqlite:///catalog.db", warehouse="warehouse")
catalog.create_namespace_if_not_exists("bronze")
table = catalog.create_table("bronze.events", schema=rows.schema)
table.append(rows)
table.scan("id > 3", selected_fields=("id",)).to_arrow()
"""

# floe_core comes first: it refuses to run beside the earlier floe. pyarrow follows, as the
# engine's libraries are in its wheel.
import floe_core  # noqa: F401, I001
import pyarrow as _pyarrow  # noqa: F401

from floe_iceberg.catalog import Catalog, load_catalog
from floe_iceberg.partitioning import PartitionField, PartitionSpec
from floe_iceberg.schema import Schema
from floe_iceberg.table import Table, TableScan

__all__ = [
    "Catalog",
    "PartitionField",
    "PartitionSpec",
    "Schema",
    "Table",
    "TableScan",
    "load_catalog",
]
