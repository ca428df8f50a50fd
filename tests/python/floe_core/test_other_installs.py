from pathlib import Path

import pytest
from children import run


def install(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.mark.parametrize("package", ["floe_core", "floe_iceberg"])
@pytest.mark.parametrize(
    "earlier", ["floe-core", "floe-iceberg", "floe-catalog-polaris", "floe-orchestrator-dagster"]
)
def test_import_beside_the_earlier_floe_says_what_to_uninstall(
    tmp_path: Path, package: str, earlier: str
) -> None:
    install(tmp_path, earlier, "0.1.0a1")
    done = run(f"import {package}", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {earlier} 0.1.0a1 cannot be installed beside")
    assert "pip uninstall floe-core floe-iceberg" in last
    assert "pip install --force-reinstall floe-lakehouse" in last


def test_all_earlier_distributions_are_named_at_once(tmp_path: Path) -> None:
    install(tmp_path, "floe-core", "0.1.0a1")
    install(tmp_path, "floe-iceberg", "0.1.0")
    done = run("import floe_core", PYTHONPATH=str(tmp_path))
    assert "ImportError: floe-core 0.1.0a1, floe-iceberg 0.1.0 cannot" in done.stderr


def test_our_own_distribution_is_no_other_install(tmp_path: Path) -> None:
    install(tmp_path, "floe-lakehouse-extras", "0.1.0")
    done = run("import floe_iceberg", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
