"""Compares the audit with a general solver (HiGHS, by scipy).

    audit_reference.py TABLE.csv FOLDER

reads the table of 2024 and, from the folder, `changes.csv` and `bounds.csv` as
`cargo run -p regtrade-audit --example reference -- TABLE.csv FOLDER` writes them. Everything is set up anew from the
definition of the indicators: one unknown for each item, area and year, identities as equations. Exits with 1 where a
verdict differs, or a bound by more than 0.1 million (0.001 points for a percentage).
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

FLOWS = ["P6", "P61", "P62", "P7", "P71", "P72"]
NETS = {"B11": ("P6", "P7"), "B111": ("P61", "P71"), "B112": ("P62", "P72")}
PARTS = {"P6": ("P61", "P62"), "P7": ("P71", "P72"), "B11": ("B111", "B112")}
AREAS = ["BE", "BE1", "BE2", "BE3"]
YEARS = [2019, 2021, 2022, 2023, 2024]
INDEX = {
    key: at
    for at, key in enumerate(
        (item, area, year) for item in FLOWS + list(NETS) for area in AREAS for year in YEARS
    )
}
BOUNDS = [(None if item in NETS else 0, None) for item, _, _ in INDEX]


def ratio_of(cell):
    """The part, the base and the function from percentage to factor of a rate or share."""
    item, area, indicator, period = cell
    last = int(period[-4:])
    part = (item, area, last)
    if indicator == "share_of_country":
        return part, (item, "BE", last), lambda p: p / 100
    if indicator == "share_of_total":
        return part, (item[:2], area, last), lambda p: p / 100
    if indicator == "growth":
        return part, (item, area, last - 1), lambda p: 1 + p / 100
    if indicator == "cagr":
        first = int(period[:4])
        return part, (item, area, first), lambda p: (1 + p / 100) ** (last - first)
    raise ValueError(indicator)


def equations():
    rows = []
    for area in AREAS:
        for year in YEARS:
            for whole, parts in PARTS.items():
                rows.append({(whole, area, year): 1, **{(part, area, year): -1 for part in parts}})
            for net, (exports, imports) in NETS.items():
                rows.append({(net, area, year): 1, (exports, area, year): -1, (imports, area, year): 1})
    for item in FLOWS + list(NETS):
        for year in YEARS:
            rows.append({(item, area, year): 1 if area == "BE" else -1 for area in AREAS})
    return rows


def inequalities(table):
    """Rows `combination <= right` of every printed figure."""
    rows = []
    for cell, (value, half) in table.items():
        if cell[2] in ("level", "net"):
            level = (cell[0], cell[1], int(cell[3]))
            rows.append(({level: 1}, value + half))
            rows.append(({level: -1}, -(value - half)))
        else:
            part, base, factor = ratio_of(cell)
            low, high = factor(value - half), factor(value + half)
            if part == base:
                rows.append(({part: 1 - high}, 0.0))
                rows.append(({part: low - 1}, 0.0))
            else:
                rows.append(({part: 1, base: -high}, 0.0))
                rows.append(({part: -1, base: low}, 0.0))
    return rows


def matrix(rows, more=0):
    found = lil_matrix((len(rows), len(INDEX) + more))
    for at, row in enumerate(rows):
        for key, by in row.items():
            found[at, INDEX[key]] += by
    return found


EQUAL = equations()


def least_violation(table):
    """The smallest sum by which inequalities must be missed, in millions."""
    rows = inequalities(table)
    slack = len(rows)
    at_most = matrix([row for row, _ in rows], slack)
    for at in range(slack):
        at_most[at, len(INDEX) + at] = -1
    cost = np.concatenate([np.zeros(len(INDEX)), np.ones(slack)])
    result = linprog(
        cost,
        A_ub=at_most.tocsr(),
        b_ub=[right for _, right in rows],
        A_eq=matrix(EQUAL, slack).tocsr(),
        b_eq=np.zeros(len(EQUAL)),
        bounds=BOUNDS + [(0, None)] * slack,
        method="highs",
    )
    assert result.status == 0, result.message
    return result.fun


class Bounder:
    def __init__(self, table):
        rows = inequalities(table)
        self.at_most = matrix([row for row, _ in rows]).tocsr()
        self.right = np.array([right for _, right in rows])
        self.equal = matrix(EQUAL).tocsr()

    def least(self, combination):
        cost = np.zeros(len(INDEX))
        for key, by in combination.items():
            cost[INDEX[key]] += by
        result = linprog(
            cost,
            A_ub=self.at_most,
            b_ub=self.right,
            A_eq=self.equal,
            b_eq=np.zeros(len(EQUAL)),
            bounds=BOUNDS,
            method="highs",
        )
        assert result.status == 0, result.message
        return result.fun, result.x

    def ratio(self, part, base, sign):
        """The least (sign 1) or greatest (sign -1) ratio, by Dinkelbach's method."""
        if part == base:
            return 1.0
        factor = None
        _, point = self.least({part: sign})
        for _ in range(30):
            new = point[INDEX[part]] / point[INDEX[base]]
            if factor is not None and abs(new - factor) < 1e-12:
                return new
            factor = new
            _, point = self.least({part: sign, base: -sign * factor})
        return factor


def percent(cell, factor):
    if cell[2] == "cagr":
        years = int(cell[3][-4:]) - int(cell[3][:4])
        return 100 * (factor ** (1 / years) - 1)
    return 100 * (factor - 1 if cell[2] == "growth" else factor)


def main():
    table_file, folder = sys.argv[1], Path(sys.argv[2])
    table = {}
    with open(table_file, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            key = (row["item"], row["ref_area"], row["indicator"], row["period"])
            table[key] = (float(row["value"]), 0.5 * 10.0 ** -int(row["decimals"]))
    wrong = 0
    changes = list(csv.DictReader(open(folder / "changes.csv", encoding="utf-8")))
    assert len(changes) == 2 * len(table), len(changes)
    refused = 0
    for row in changes:
        key = (row["item"], row["ref_area"], row["indicator"], row["period"])
        value, half = table[key]
        violation = least_violation({**table, key: (value + int(row["steps"]) * 2 * half, half)})
        impossible = violation > 1e-4
        refused += impossible
        if impossible != (row["verdict"] == "provably_inconsistent"):
            wrong += 1
            print("verdict:", row, "least violation", violation)
    bounder = Bounder(table)
    found = list(csv.DictReader(open(folder / "bounds.csv", encoding="utf-8")))
    worst = 0.0
    for row in found:
        key = (row["item"], row["ref_area"], row["indicator"], row["period"])
        lower, upper = float(row["lower"]), float(row["upper"])
        if key[2] in ("level", "net"):
            level = (key[0], key[1], int(key[3]))
            reference = bounder.least({level: 1})[0], -bounder.least({level: -1})[0]
            allowed = 0.1
            worst = max(worst, abs(lower - reference[0]), abs(upper - reference[1]))
        else:
            part, base, _ = ratio_of(key)
            reference = tuple(percent(key, bounder.ratio(part, base, sign)) for sign in (1, -1))
            allowed = 0.001
        if abs(lower - reference[0]) > allowed or abs(upper - reference[1]) > allowed:
            wrong += 1
            print("bound:", row, "reference", reference)
    print(f"{len(changes)} changes, {refused} impossible; {len(found)} bounds, levels within {worst:.4f}; {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
