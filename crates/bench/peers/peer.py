"""An engine that a user would pick instead, kept open: questions come as lines of JSON, and so do answers.

    python peer.py ENGINE FOLDER

A request is an object on one line. `do` says what is wanted: `write` makes the engine's own Parquet file of an SDMX-CSV,
`summarise` the summary tables of that file, `convert` a file as it is, `ask` a question, `version` what it is. The answer is an object on one
line: {"seconds": …, "rows": N}, and then N lines of one row each: its key, and its cells. A cell is a text (an exact
number: euro), a number (a rate, not rounded) or null. What fails is {"error": "…"}.

The seconds are those until the answer is there as a table of the engine or of Arrow. What turns it into lines is not
counted.
"""

import importlib
import json
import os
import platform
import resource
import sys
import time


def main(engine: str, folder: str) -> None:
    # What the engine itself prints must not come between the lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    peer = importlib.import_module(f"{engine}_peer").Peer(folder)
    for line in sys.stdin:
        try:
            answer, rows = answered(peer, json.loads(line))
        except Exception as error:  # noqa: BLE001: whatever it is, the benchmark says it
            text = " ".join(f"{type(error).__name__}: {error}".split())
            answer, rows = {"error": text[:500]}, []
        out.write(json.dumps(answer) + "\n")
        for row in rows:
            out.write(json.dumps(row) + "\n")
        out.flush()


def answered(peer, request: dict):
    what = request.pop("do")
    if what == "version":
        return {"version": f"{peer.version()} on Python {platform.python_version()}"}, []
    begin = time.perf_counter()
    if what == "ask":
        question = request.pop("question")
        table = getattr(peer, question)(**request)
        seconds = time.perf_counter() - begin
        rows = sorted(ROWS[question](peer.rows(table)))
        return {"seconds": seconds, "rows": len(rows)}, rows
    getattr(peer, what)(**request)
    return {"seconds": time.perf_counter() - begin, "rows": 0, "peak_bytes": peak_bytes()}, []


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def exact(euro) -> str | None:
    return None if euro is None else str(euro)


def month(period: int) -> str:
    return f"{period // 100}-{period % 100:02}"


def key_indicators(table):
    """Of one row for each region: both levels of the last year, and what follows from them."""
    for area, exports, imports, exports_growth, imports_growth, exports_cagr, imports_cagr, coverage in table:
        for item, level, growth, cagr in (
            ("P61", exports, exports_growth, exports_cagr),
            ("P71", imports, imports_growth, imports_cagr),
        ):
            yield [f"{item}|{area}|LEVEL|2024", exact(level)]
            yield [f"{item}|{area}|GROWTH|2024", growth]
            yield [f"{item}|{area}|CAGR|2019-2024", cagr]
        yield [f"B111|{area}|NET|2024", exact(exports - imports)]
        yield [f"P61|{area}|COVERAGE|2024", coverage]


def contributions(table):
    """Of a code, two levels, rates, and the levels of the whole, which become a row of their own."""
    whole = None
    for code, first, last, share, *rest in table:
        count = len(rest) // 2
        rates, whole = rest[:count], rest[count:]
        yield [code, exact(first), exact(last), share, *rates]
    if whole is not None:
        growth = 100 * ((whole[-1] / whole[0]) ** (1 / count) - 1)
        annual = [100 * (after - before) / before for before, after in zip(whole, whole[1:])]
        yield ["total", exact(whole[0]), exact(whole[-1]), growth, *annual]


def totals(table):
    for item, area, period, euro in table:
        yield [f"{item}|{area}|{month(period)}", exact(euro)]


def cells(table):
    for item, area, product, partner, period, *values in table:
        key = f"{item}|{area}|{product}|{partner}|{month(period)}"
        yield [key, *map(exact, values)]


ROWS = {
    "key_indicators": key_indicators,
    "contributions": contributions,
    "totals": totals,
    "filtered": cells,
    "series": cells,
    "revisions": cells,
}


if __name__ == "__main__":
    main(*sys.argv[1:3])
