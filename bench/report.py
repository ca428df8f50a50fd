"""Shows what was measured: a line per work on the terminal, a table in docs/benchmarks.md."""

from typing import Any

from bench.works import WORKS, Work

__all__ = ["as_markdown", "as_text"]


def _numbers(engine: dict[str, Any]) -> str:
    return f"{engine['wall']:.3g} s, {engine['cpu']:.3g} s cpu, {engine['peak'] / 1e6:.0f} MB"


def _verdicts(work: Work, found: dict[str, Any]) -> list[str]:
    """Return for each promise what was found, and whether it holds."""
    texts = []
    engines = found["engines"]
    for limit in work.limits:
        ratio = limit.ratio(engines["floe"][limit.measure], engines[limit.peer][limit.measure])
        state = "aim" if ratio >= limit.aim else "holds" if ratio >= limit.must else "MISSED"
        texts.append(
            f"{ratio:.2f}× {limit.peer}'s {limit.measure} speed "
            f"(must {limit.must:.2f}, aim {limit.aim:.2f}): {state}"
        )
    for figure in work.figures:
        value = figure.value(engines["floe"])
        bound = "at least" if figure.at_least else "at most"
        state = "holds" if figure.holds(value) else "MISSED"
        texts.append(f"{value:.3g} {figure.unit} (must be {bound} {figure.must:g}): {state}")
    if "size_ratio" in found:
        state = "holds" if found["size_ratio"] <= 1.05 else "MISSED"
        texts.append(f"{found['size_ratio']:.3f}× the smallest size (must 1.05): {state}")
    if "requests" in found:
        ours, theirs = found["requests"]["floe"], found["requests"]["pyiceberg"]
        text = f"{ours} requests, {theirs} of pyiceberg"
        if not work.may_ask_more:
            text += f" (must be no more): {'holds' if ours <= theirs else 'MISSED'}"
        texts.append(text)
    for way in ("sent", "received"):
        if way in found:
            ours, theirs = (found[way][engine] / 1e6 for engine in ("floe", "pyiceberg"))
            texts.append(f"{ours:.3g} MB {way}, {theirs:.3g} MB of pyiceberg")
    return texts


def as_text(work: Work, found: dict[str, Any]) -> str:
    """Return some lines for the terminal."""
    lines = [work.title]
    lines += [f"  {name:<10} {_numbers(engine)}" for name, engine in found["engines"].items()]
    lines += [f"  {verdict}" for verdict in _verdicts(work, found)]
    return "\n".join(lines)


def as_markdown(report: dict[str, Any]) -> str:
    """Return docs/benchmarks.md."""
    machine, versions = report["machine"], report["versions"]
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench ARGS=--docs`; the numbers are in [benchmarks.json](benchmarks.json), "
        "how they are measured in [bench/README.md](../bench/README.md). Ratios count: seconds are "
        "of one machine.",
        "",
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}; floe "
        f"{versions['floe-lakehouse']}, PyIceberg {versions['pyiceberg']}, pyarrow "
        f"{versions['pyarrow']}; TPC-H scale factor {report['scale']:g}; median of "
        f"{report['rounds']} rounds, each in a fresh process, page cache warm.",
        "",
        "| work | floe | PyIceberg | pyarrow | iceberg-rust | limit | what must hold |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for work in WORKS:
        found = report["works"].get(work.name)
        if found is None:
            continue
        cells = [
            _numbers(found["engines"][name]) if name in found["engines"] else "-"
            for name in ("floe", "pyiceberg", "pyarrow", "rust", "limit")
        ]
        lines.append(
            f"| {work.title} | {' | '.join(cells)} | {'<br>'.join(_verdicts(work, found)) or '-'} |"
        )
    return "\n".join(lines) + "\n"
