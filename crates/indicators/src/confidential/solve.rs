//! Which unknowns a system of equations determines, decided in exact arithmetic over a prime field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// 2^61 − 1. Coefficients are −1, 0 and 1: a minor that is a multiple of this does not come up.
const PRIME: u128 = (1 << 61) - 1;

/// The most unknowns of equations that hang together and are solved; more are not decided.
const MOST_UNKNOWNS: usize = 2_000;

/// There are too many unknowns in equations that hang together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// A row of coefficients that are not zero, by unknown.
type Row = BTreeMap<u32, u64>;

/// The unknowns that have the same value in all solutions. Each equation is a list of unknowns with their signs; what
/// is known is left out, since it changes the solutions and not which unknowns are determined.
///
/// One solution of the homogeneous system is made at random: an unknown that is not zero in it is not determined. One
/// that is not determined is zero in it with a probability of 2^-61, and then taken for determined.
///
/// # Errors
/// [`TooMany`].
pub(super) fn determined(equations: &[Vec<(u32, i8)>]) -> Result<BTreeSet<u32>, TooMany> {
    let (mut found, rest) = peeled(equations);
    for component in components(&rest) {
        let unknowns: BTreeSet<u32> = component.iter().flatten().map(|(u, _)| *u).collect();
        if unknowns.len() > MOST_UNKNOWNS {
            return Err(TooMany);
        }
        found.extend(zeros(&component));
    }
    Ok(found)
}

/// What follows from equations with one unknown, one after the other, and the equations that are left.
fn peeled(equations: &[Vec<(u32, i8)>]) -> (BTreeSet<u32>, Vec<Vec<(u32, i8)>>) {
    let mut of: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, equation) in equations.iter().enumerate() {
        for (unknown, _) in equation {
            of.entry(*unknown).or_default().push(at);
        }
    }
    let mut found = BTreeSet::new();
    let mut left: Vec<usize> = equations.iter().map(Vec::len).collect();
    let mut single: Vec<usize> = (0..left.len()).filter(|&at| left[at] == 1).collect();
    while let Some(at) = single.pop() {
        let unknown = equations[at].iter().find(|(u, _)| !found.contains(u));
        let Some((unknown, _)) = unknown else {
            continue;
        };
        found.insert(*unknown);
        for &other in &of[unknown] {
            left[other] -= 1;
            if left[other] == 1 {
                single.push(other);
            }
        }
    }
    let rest = equations.iter().filter_map(|equation| {
        let open: Vec<_> = equation
            .iter()
            .filter(|(u, _)| !found.contains(u))
            .copied()
            .collect();
        (!open.is_empty()).then_some(open)
    });
    let rest = rest.collect();
    (found, rest)
}

/// The equations that hang together by their unknowns.
fn components(equations: &[Vec<(u32, i8)>]) -> Vec<Vec<Vec<(u32, i8)>>> {
    let mut of: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, equation) in equations.iter().enumerate() {
        for (unknown, _) in equation {
            of.entry(*unknown).or_default().push(at);
        }
    }
    let mut seen = vec![false; equations.len()];
    let mut components = vec![];
    for start in 0..equations.len() {
        let (mut component, mut todo) = (vec![], vec![start]);
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                component.push(equations[at].clone());
                todo.extend(equations[at].iter().flat_map(|(unknown, _)| &of[unknown]));
            }
        }
        if !component.is_empty() {
            components.push(component);
        }
    }
    components
}

/// The unknowns that are zero in a random solution of the homogeneous system.
fn zeros(equations: &[Vec<(u32, i8)>]) -> Vec<u32> {
    let mut equations: Vec<&Vec<(u32, i8)>> = equations.iter().collect();
    equations.sort_by_key(|equation| equation.len());
    let mut pivots: Vec<(u32, Row)> = vec![];
    let mut place: HashMap<u32, usize> = HashMap::new();
    for equation in &equations {
        let mut row = Row::new();
        for &(unknown, sign) in *equation {
            let sign = if sign < 0 { PRIME as u64 - 1 } else { 1 };
            add(&mut row, unknown, sign);
        }
        // Pivots in the order in which they were made: a later one has no unknown of an earlier one.
        let mut from = 0;
        while let Some(at) = row
            .keys()
            .filter_map(|u| place.get(u))
            .filter(|&&at| at >= from)
            .min()
        {
            let (unknown, pivot) = &pivots[*at];
            from = at + 1;
            let factor = PRIME as u64 - row[unknown];
            for (&other, &coefficient) in pivot {
                add(&mut row, other, times(factor, coefficient));
            }
        }
        let Some((&unknown, &coefficient)) = row.iter().next() else {
            continue;
        };
        let inverse = power(coefficient, PRIME as u64 - 2);
        row.values_mut().for_each(|c| *c = times(*c, inverse));
        place.insert(unknown, pivots.len());
        pivots.push((unknown, row));
    }
    let unknowns: BTreeSet<u32> = equations
        .iter()
        .copied()
        .flatten()
        .map(|(u, _)| *u)
        .collect();
    let mut values: HashMap<u32, u64> = unknowns
        .iter()
        .filter(|unknown| !place.contains_key(unknown))
        .map(|&unknown| (unknown, scattered(unknown)))
        .collect();
    for (unknown, row) in pivots.iter().rev() {
        let others = row.iter().filter(|(other, _)| *other != unknown);
        let sum = others.fold(0u64, |sum, (other, &coefficient)| {
            plus(
                sum,
                times(coefficient, values.get(other).copied().unwrap_or(0)),
            )
        });
        values.insert(*unknown, plus(0, PRIME as u64 - sum));
    }
    let zeros = values.into_iter().filter(|(_, value)| *value == 0);
    zeros.map(|(unknown, _)| unknown).collect()
}

fn add(row: &mut Row, unknown: u32, coefficient: u64) {
    let sum = plus(row.get(&unknown).copied().unwrap_or(0), coefficient);
    if sum == 0 {
        row.remove(&unknown);
    } else {
        row.insert(unknown, sum);
    }
}

fn plus(a: u64, b: u64) -> u64 {
    ((u128::from(a) + u128::from(b)) % PRIME) as u64
}

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % PRIME) as u64
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut power = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = times(power, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    power
}

/// A number that looks like a random one, the same each time (SplitMix64).
fn scattered(seed: u32) -> u64 {
    let mut bits = u64::from(seed)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    1 + ((u128::from(bits ^ (bits >> 31)) % (PRIME - 1)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(equations: &[&[(u32, i8)]]) -> Vec<u32> {
        let equations: Vec<_> = equations.iter().map(|e| e.to_vec()).collect();
        determined(&equations).unwrap().into_iter().collect()
    }

    #[test]
    fn an_unknown_is_determined_where_every_solution_has_the_same_value_of_it() {
        assert_eq!(of(&[&[(1, 1)]]), [1]);
        assert!(of(&[&[(1, 1), (2, 1)]]).is_empty());
        assert_eq!(
            of(&[&[(1, 1), (2, 1)], &[(2, 1)]]),
            [1, 2],
            "one after the other"
        );
        assert_eq!(
            of(&[&[(1, 1), (2, 1)], &[(1, 1), (2, -1)]]),
            [1, 2],
            "together"
        );
        // Three sums of two out of three determine all; four around a square determine none.
        assert_eq!(
            of(&[&[(1, 1), (2, 1)], &[(2, 1), (3, 1)], &[(1, 1), (3, 1)]]),
            [1, 2, 3]
        );
        let square: &[&[(u32, i8)]] = &[
            &[(1, 1), (2, 1)],
            &[(3, 1), (4, 1)],
            &[(1, 1), (3, 1)],
            &[(2, 1), (4, 1)],
        ];
        assert!(of(square).is_empty());
        // What appears on both sides with the same sign cancels out.
        assert_eq!(of(&[&[(1, 1), (2, 1), (3, 1)], &[(2, 1), (3, 1)]]), [1]);
    }

    #[test]
    fn too_many_unknowns_are_not_decided() {
        let many: Vec<(u32, i8)> = (0..3_000).map(|unknown| (unknown, 1)).collect();
        assert_eq!(determined(&[many]), Err(TooMany));
    }
}
