//! Each of the 408 changes of one figure of the table of 2024 by one unit of its last place, against another solver.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{shipped, stepped, table_2024};
use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use num_traits::ToPrimitive;
use regtrade_audit::{CellKey, Finding, Verdict, audit, is_possible};
use regtrade_model::{Indicator, PrintedCell, exact::rational};

const AREAS: [&str; 4] = ["BE", "BE1", "BE2", "BE3"];
const FLOWS: [&str; 6] = ["P6", "P61", "P62", "P7", "P71", "P72"];
/// Millions that the other solver counts in, so that its numbers are of the order of one.
const UNIT: f64 = 1000.0;
const YEARS: [u16; 5] = [2019, 2021, 2022, 2023, 2024];

/// The smallest sum of misses, in millions, with which floats find levels: one unknown for each item, area and year,
/// nets and identities by equations, and for each end of an interval a variable for how far it is missed.
fn least_miss(cells: &[PrintedCell]) -> f64 {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut levels: BTreeMap<(String, String, u16), Variable> = BTreeMap::new();
    for year in YEARS {
        for area in AREAS {
            for item in FLOWS {
                let level = problem.add_var(0.0, (0.0, f64::INFINITY));
                levels.insert((item.into(), area.into(), year), level);
            }
        }
    }
    let at = |item: &str, area: &str, year: u16| levels[&(item.to_owned(), area.to_owned(), year)];
    for year in YEARS {
        for area in AREAS {
            for [whole, one, other] in [["P6", "P61", "P62"], ["P7", "P71", "P72"]] {
                let row = [
                    (at(whole, area, year), 1.0),
                    (at(one, area, year), -1.0),
                    (at(other, area, year), -1.0),
                ];
                problem.add_constraint(row, ComparisonOp::Eq, 0.0);
            }
        }
        // The totals of regions follow from goods and services.
        for item in ["P61", "P62", "P71", "P72"] {
            let row =
                AREAS.map(|area| (at(item, area, year), if area == "BE" { 1.0 } else { -1.0 }));
            problem.add_constraint(row, ComparisonOp::Eq, 0.0);
        }
    }
    for cell in cells {
        let value = rational(cell.value.unwrap()).to_f64().unwrap();
        let half = 0.5 * 0.1f64.powi(cell.decimals as i32);
        let (item, area, year) = (
            cell.item.as_str(),
            cell.area.as_str(),
            cell.period.last().year(),
        );
        if cell.indicator == Indicator::Net {
            let exports = at(&item.replace("B11", "P6"), area, year);
            let imports = at(&item.replace("B11", "P7"), area, year);
            for (end, op, sign) in [
                (value - half, ComparisonOp::Ge, 1.0),
                (value + half, ComparisonOp::Le, -1.0),
            ] {
                let missed = problem.add_var(1.0, (0.0, f64::INFINITY));
                problem.add_constraint(
                    [(exports, 1.0), (imports, -1.0), (missed, sign)],
                    op,
                    end / UNIT,
                );
            }
            continue;
        }
        let part = at(item, area, year);
        let of = |base: Variable, factor: &dyn Fn(f64) -> f64| {
            [
                (value - half, ComparisonOp::Ge, 1.0),
                (value + half, ComparisonOp::Le, -1.0),
            ]
            .map(|(end, op, sign)| {
                let row = if base == part {
                    vec![(part, 1.0 - factor(end))]
                } else {
                    vec![(part, 1.0), (base, -factor(end))]
                };
                (row, op, sign, 0.0)
            })
        };
        let rows = match cell.indicator {
            Indicator::Level => [
                (
                    vec![(part, 1.0)],
                    ComparisonOp::Ge,
                    1.0,
                    (value - half) / UNIT,
                ),
                (
                    vec![(part, 1.0)],
                    ComparisonOp::Le,
                    -1.0,
                    (value + half) / UNIT,
                ),
            ],
            Indicator::ShareOfCountry => of(at(item, "BE", year), &|p| p / 100.0),
            Indicator::ShareOfTotal => of(at(&item[..2], area, year), &|p| p / 100.0),
            Indicator::Growth => of(at(item, area, year - 1), &|p| 1.0 + p / 100.0),
            Indicator::Cagr => {
                let years = i32::from(cell.period.years().unwrap());
                let first = cell.period.first().unwrap().year();
                of(at(item, area, first), &|p| (1.0 + p / 100.0).powi(years))
            }
            other => panic!("{other} is not in this table"),
        };
        for (mut row, op, sign, right) in rows {
            row.push((problem.add_var(1.0, (0.0, f64::INFINITY)), sign));
            problem.add_constraint(row, op, right);
        }
    }
    problem.solve().unwrap().objective() * UNIT
}

fn accusations(cells: &[PrintedCell]) -> Vec<Finding> {
    let findings = audit(cells, &shipped()).findings.into_iter();
    findings
        .filter(|f| f.verdict == Verdict::ProvablyInconsistent)
        .collect()
}

#[test]
fn another_solver_agrees_on_every_change_by_one_unit_of_the_last_place() {
    let table = table_2024();
    assert!(least_miss(&table) < 1e-6);
    let mut refused = 0;
    for at in 0..table.len() {
        for steps in [1, -1] {
            let changed = stepped(&table, at, steps);
            let key = CellKey::from(&table[at]);
            let miss = least_miss(&changed);
            let accused = accusations(&changed);
            assert_eq!(
                accused.is_empty(),
                miss < 1e-4,
                "{key} by {steps}: least miss {miss}"
            );
            refused += accused.len();
            let [finding] = accused.as_slice() else {
                assert!(
                    accused.is_empty(),
                    "{key} by {steps}: one error, one contradiction"
                );
                continue;
            };
            assert!(
                finding.cells.contains(&key),
                "{key} by {steps}: not in the set"
            );
            let mend = finding.mends.iter().find(|mend| mend.cell == key);
            let mend = mend.unwrap_or_else(|| panic!("{key} by {steps}: not among the mends"));
            assert_eq!(
                Some(mend.to),
                table[at].value,
                "{key} by {steps}: one unit back is enough"
            );
        }
    }
    assert_eq!(refused, 195, "what rounding allows of the 408 is allowed");
}

#[test]
fn no_figure_can_be_left_out_of_a_contradiction_and_every_mend_is_the_smallest() {
    let table = table_2024();
    for (key, steps) in [
        ("P6.BE1.growth.2022", 1),
        ("P71.BE2.growth.2024", -1),
        ("P72.BE.cagr.2019-2024", 1),
        ("B11.BE.net.2023", -9),
        ("P62.BE3.level.2024", 7),
        ("P7.BE.share_of_total.2024", 2),
    ] {
        let changed = stepped(&table, common::position(&table, key), steps);
        let accused = accusations(&changed);
        assert!(!accused.is_empty(), "{key} by {steps} is not noticed");
        let only = |keys: &[CellKey]| -> Vec<PrintedCell> {
            changed
                .iter()
                .filter(|cell| keys.contains(&CellKey::from(*cell)))
                .cloned()
                .collect()
        };
        for finding in &accused {
            assert!(
                !is_possible(&only(&finding.cells), &shipped()),
                "{key}: the set is possible"
            );
            for left_out in &finding.cells {
                let rest: Vec<CellKey> = finding
                    .cells
                    .iter()
                    .filter(|at| *at != left_out)
                    .cloned()
                    .collect();
                assert!(
                    is_possible(&only(&rest), &shipped()),
                    "{key}: {left_out} can be left out"
                );
                let at = common::position(&changed, &left_out.to_string());
                let mend = finding.mends.iter().find(|mend| mend.cell == *left_out);
                let printed_as = |value| {
                    let mut other = changed.clone();
                    other[at].value = value;
                    is_possible(&other, &shipped())
                };
                assert_eq!(
                    printed_as(None),
                    mend.is_some(),
                    "{key}: whether {left_out} mends it"
                );
                if let Some(mend) = mend {
                    let unit = regtrade_model::Decimal::new(1, changed[at].decimals);
                    let back = if mend.to > mend.from { -unit } else { unit };
                    assert!(
                        printed_as(Some(mend.to)),
                        "{key}: {mend:?} does not mend it"
                    );
                    assert!(
                        !printed_as(Some(mend.to + back)),
                        "{key}: {mend:?} is more than needed"
                    );
                }
            }
        }
    }
}
