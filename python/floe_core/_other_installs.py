"""Detects the earlier floe's distributions, which own the same import names."""

from importlib.metadata import PackageNotFoundError, version

_EARLIER = ("floe-core", "floe-iceberg", "floe-catalog-polaris", "floe-orchestrator-dagster")


def refuse_earlier_floe() -> None:
    """Raise ImportError if a distribution of the earlier, pure-Python floe is installed.

    Its files and ours would overwrite one another under the same package names.
    """
    found = []
    for name in _EARLIER:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    if found:
        message = (
            f"{', '.join(found)} cannot be installed beside floe-lakehouse, which has the same "
            f"packages; run: pip uninstall {' '.join(_EARLIER)}, "
            "then: pip install --force-reinstall floe-lakehouse"
        )
        raise ImportError(message)
