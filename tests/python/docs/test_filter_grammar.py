import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from floe_core.errors import InvalidArgumentError
from floe_iceberg import Table, load_catalog

TEXT = (Path(__file__).parents[3] / "docs" / "filter-grammar.md").read_text()
EXAMPLES = re.findall(r"^\| `(.*)` \| (.*) \|$", TEXT[TEXT.index("| filter | keeps |") :], re.M)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The rows of the document, two to a file."""
    names: dict[str, Any] = {"pa": pa, "UTC": UTC, "date": date, "datetime": datetime}
    exec(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)[0], names)  # noqa: S102
    rows: pa.Table = names["rows"]
    folder = tmp_path_factory.mktemp("filters")
    catalog = load_catalog("docs", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder)
    catalog.create_namespace("db")
    table = catalog.create_table("db.t", rows.schema)
    table.append(rows.slice(0, 2))
    table.append(rows.slice(2))
    return table


def test_the_document_has_examples() -> None:
    assert len(EXAMPLES) > 30


@pytest.mark.parametrize(("text", "kept"), EXAMPLES)
def test_an_example_keeps_what_the_document_says(table: Table, text: str, kept: str) -> None:
    if kept.startswith("error: "):
        with pytest.raises(InvalidArgumentError, match=kept.removeprefix("error: ")):
            table.scan(text)
        return
    scan = table.scan(text, selected_fields=("id",))
    found = scan.to_arrow().column("id").to_pylist()
    assert sorted(found) == [int(number) for number in kept.split(", ")]
    assert scan.count() == len(found)
