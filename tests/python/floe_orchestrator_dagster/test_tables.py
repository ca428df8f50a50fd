import dagster as dg
import pyarrow as pa
import pytest

ROWS = pa.table({"id": [1, 2], "name": ["a", "b"]})


@pytest.mark.requirement("S-FR-024")
@pytest.mark.requirement("S-FR-026")
@pytest.mark.parametrize(
    ("key", "table"),
    [
        (["customers"], "public.customers"),
        (["bronze", "customers"], "bronze.customers"),
        (["gold", "metrics", "daily"], "gold.metrics_daily"),
    ],
)
def test_an_asset_is_stored_in_the_table_of_its_key(warehouse, key, table):
    @dg.asset(key=key)
    def stored():
        return ROWS

    assert warehouse.materialize([stored]).success
    assert warehouse.table(table).scan().to_arrow().equals(ROWS)
