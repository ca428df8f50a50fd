"""Spark works on floe's catalog: each sees at once what the other one did."""

import pyarrow as pa
import pytest
from lake import Lake
from spark_peer import SparkError
from type_samples import ids

pytestmark = pytest.mark.slow  # Spark has to start


def rows(*ids_: int) -> pa.Table:
    texts = pa.array([f"text {id_}" for id_ in ids_], pa.string())
    return pa.table({"id": pa.array(ids_, pa.int64()), "text": texts})


def test_each_commits_to_the_others_table(lake: Lake) -> None:
    lake.floe.create("ours", rows().schema)
    lake.floe.append("ours", rows(1, 2))
    lake.spark.append("ours", rows(3))
    lake.floe.append("ours", rows(4))
    lake.pyiceberg.append("ours", rows(5))
    assert ids(lake.spark.read("ours")) == [1, 2, 3, 4, 5]
    assert ids(lake.floe.read("ours")) == [1, 2, 3, 4, 5]


def test_floe_appends_to_a_table_that_spark_made(lake: Lake) -> None:
    lake.spark.sql("CREATE TABLE theirs (id bigint, text string) PARTITIONED BY (bucket(2, id))")
    lake.spark.append("theirs", rows(1, 2))
    lake.floe.append("theirs", rows(3, 4))
    assert ids(lake.spark.read("theirs", "id > 1")) == [2, 3, 4]
    assert ids(lake.floe.read("theirs")) == [1, 2, 3, 4]


def test_what_spark_refuses_is_an_error_with_its_class(lake: Lake) -> None:
    with pytest.raises(SparkError, match="TABLE_OR_VIEW_NOT_FOUND"):
        lake.spark.read("missing")
