//! What contributions are, by example and for random cubes.

use num_traits::ToPrimitive as _;
use proptest::prelude::*;

use super::*;

fn level(value: i64) -> Level {
    Ok(Number::from(value) / Number::from(10))
}

fn series(whole: &[i64], parts: &[(&str, &[Option<i64>])]) -> Series {
    let years = (2019..).filter_map(Period::of_year);
    Series {
        years: years.take(whole.len()).collect(),
        whole: whole.iter().copied().map(level).collect(),
        parts: parts
            .iter()
            .map(|(code, values)| {
                let levels = values
                    .iter()
                    .map(|value| value.map_or(Err(Undefined::Missing), level));
                (code.parse().unwrap(), levels.collect())
            })
            .collect(),
        is_net: false,
    }
}

fn text(of: &Contribution) -> String {
    let value = of
        .value
        .map_or_else(|reason| reason.to_string(), |value| value.to_string());
    let code = of.code.as_ref().map(|code| format!("{code} "));
    format!("{}{value}", code.unwrap_or_default())
}

fn shown(found: &Contributions) -> Vec<String> {
    found.parts.iter().map(text).collect()
}

fn example() -> Series {
    series(
        &[1000, 900, 1210],
        &[
            ("SC", &[Some(300), Some(330), Some(400)]),
            ("SJ", &[Some(500), Some(400), Some(450)]),
            ("SK", &[Some(100), None, Some(200)]),
        ],
    )
}

#[test]
fn contributions_add_up_to_the_average_growth() {
    let example = example();
    let of = |method| contributions(&example, method, 0, 2);
    // From 100 to 121 in two years: 10 percent a year. The change of 21 is 10 of SC, -5 of SJ, 10 of SK, 6 of none.
    let found = of(ContributionMethod::CagrShare);
    assert_eq!(text(&found.total), "10.00");
    assert_eq!(shown(&found), ["SC 4.76", "SK 4.76", "SJ -2.38"]);
    assert_eq!(text(&found.uncovered), "2.86");
    assert_eq!(found.rounding.unwrap().to_string(), "0.00");
    assert_eq!(found.other, None);
    // The same change over 2 · 100.
    let found = of(ContributionMethod::Simple);
    assert_eq!(text(&found.total), "10.50");
    assert_eq!(shown(&found), ["SC 5.00", "SK 5.00", "SJ -2.50"]);
    // The mean of -10 and 34.44; what SK is in between is missing, so it is in the rest.
    let found = of(ContributionMethod::MeanOfAnnual);
    assert_eq!(text(&found.total), "12.22");
    assert_eq!(shown(&found), ["SC 5.39", "SJ -2.22", "SK MISSING"]);
    assert_eq!(text(&found.uncovered), "9.06");
    assert_eq!(found.rounding.unwrap().to_string(), "-0.01");
}

#[test]
fn each_year_has_its_own_contribution() {
    let example = example();
    let found = contributions(&example, ContributionMethod::CagrShare, 0, 1);
    let years = |of: &Contribution| -> Vec<String> {
        let text = |value: &Result<Decimal, Undefined>| match value {
            Ok(value) => value.to_string(),
            Err(reason) => reason.to_string(),
        };
        of.years.iter().map(text).collect()
    };
    assert_eq!(years(&found.total), ["-10.0", "34.4"]);
    assert_eq!(years(&found.parts[0]), ["3.0", "7.8"]);
    assert_eq!(
        years(&found.parts[1]),
        ["MISSING", "MISSING"],
        "of 2020 nothing is known"
    );
}

#[test]
fn the_largest_parts_are_shown_and_the_others_added_up() {
    let example = example();
    let found = contributions(&example, ContributionMethod::CagrShare, 1, 2);
    assert_eq!(shown(&found), ["SC 4.76"]);
    let other = found.other.unwrap();
    assert_eq!(
        (text(&other), other.levels),
        ("2.38".to_owned(), [level(600), level(650)])
    );
    let found = contributions(&example, ContributionMethod::MeanOfAnnual, 1, 2);
    assert_eq!(
        (found.left_out, found.parts.len()),
        (1, 1),
        "what has no value is not shown"
    );
}

#[test]
fn a_whole_that_ends_where_it_began_has_parts_all_the_same() {
    let example = series(
        &[100, 130, 100],
        &[
            ("A", &[Some(50), Some(0), Some(70)]),
            ("F", &[Some(50), Some(0), Some(30)]),
        ],
    );
    let found = contributions(&example, ContributionMethod::CagrShare, 0, 1);
    assert_eq!(text(&found.total), "0.0");
    assert_eq!(shown(&found), ["A 10.0", "F -10.0"]);
}

#[test]
fn what_cannot_be_measured_says_why() {
    let of = |whole: &[i64], method| {
        let parts: Vec<Option<i64>> = whole.iter().map(|_| Some(1)).collect();
        let found = contributions(&series(whole, &[("A", &parts)]), method, 0, 1);
        assert_eq!(found.rounding, None);
        (text(&found.total), shown(&found), text(&found.uncovered))
    };
    let all = |reason: &str| {
        (
            reason.to_owned(),
            vec![format!("A {reason}")],
            reason.to_owned(),
        )
    };
    for &method in ContributionMethod::ALL {
        assert_eq!(of(&[0, 5], method), all("BASE_ZERO"), "{method}");
        assert_eq!(of(&[-1, 5], method), all("BASE_NEGATIVE"), "{method}");
    }
    assert_eq!(
        of(&[5, 0, 5], ContributionMethod::MeanOfAnnual),
        all("BASE_ZERO")
    );
    assert_eq!(
        of(&[5, -1], ContributionMethod::CagrShare),
        all("BASE_NEGATIVE")
    );
}

#[test]
fn a_net_changes_by_euro() {
    let net = Series {
        is_net: true,
        ..series(
            &[-100, 0, 50],
            &[
                ("A", &[Some(-120), Some(10), Some(20)]),
                ("F", &[Some(20), Some(-10), Some(30)]),
            ],
        )
    };
    for &method in ContributionMethod::ALL {
        let found = contributions(&net, method, 0, 1);
        assert_eq!(text(&found.total), "15.0", "millions over both years");
        assert_eq!(shown(&found), ["A 14.0", "F 1.0"]);
        assert_eq!(found.total.years[0].unwrap().to_string(), "10.0");
    }
}

#[test]
fn one_suppressed_part_takes_what_is_uncovered_with_it() {
    let mut example = series(
        &[100, 110],
        &[
            ("A", &[Some(40), Some(45)]),
            ("B", &[Some(30), Some(40)]),
            ("C", &[Some(30), None]),
        ],
    );
    let suppress =
        |series: &mut Series, part: usize| series.parts[part].1[1] = Err(Undefined::Suppressed);
    suppress(&mut example, 2);
    let found = contributions(&example, ContributionMethod::CagrShare, 0, 1);
    assert_eq!(shown(&found)[2], "C SUPPRESSED");
    assert_eq!(text(&found.uncovered), "SUPPRESSED");
    assert!(
        found.uncovered.levels.iter().all(Result::is_err),
        "the levels would tell, too"
    );
    assert_eq!(found.rounding, None);
    // Of two together only the sum is known.
    suppress(&mut example, 1);
    let found = contributions(&example, ContributionMethod::CagrShare, 0, 1);
    assert_eq!(text(&found.uncovered), "5.0");
}

#[test]
fn a_whole_without_breakdown_says_so() {
    let found = contributions(
        &series(&[100, 110], &[]),
        ContributionMethod::CagrShare,
        0,
        1,
    );
    assert_eq!(
        (text(&found.total), text(&found.uncovered)),
        ("10.0".to_owned(), "NOT_COVERED".to_owned())
    );
}

/// Series of some years, of a whole and parts that may be negative, zero or missing.
fn cubes() -> impl Strategy<Value = Series> {
    let value = prop_oneof![4 => -500..2000i64, 1 => Just(0i64)];
    let part = move |years: usize| {
        prop::collection::vec(prop::option::weighted(0.9, value.clone()), years)
    };
    (2..7usize)
        .prop_flat_map(move |years| {
            let whole = prop::collection::vec(prop_oneof![9 => 1..3000i64, 1 => -10..10i64], years);
            (whole, prop::collection::vec(part(years), 1..8))
        })
        .prop_map(|(whole, parts)| {
            let codes: Vec<String> = (0..parts.len()).map(|at| format!("P{at}")).collect();
            let parts: Vec<(&str, &[Option<i64>])> = codes
                .iter()
                .map(String::as_str)
                .zip(parts.iter().map(Vec::as_slice))
                .collect();
            series(&whole, &parts)
        })
}

fn methods() -> impl Strategy<Value = ContributionMethod> {
    prop::sample::select(ContributionMethod::ALL)
}

proptest! {
    #[test]
    fn parts_and_rest_are_the_total_exactly(cube in cubes(), method in methods(), top in 0..5usize) {
        let exact = Exact::of(&cube, &Growth::of(&cube, method), top);
        let Ok(total) = exact.total.amount else {
            prop_assert!(exact.parts.iter().all(|part| part.amount.is_err()));
            return Ok(());
        };
        let amount = |component: &Component| component.amount.clone().ok();
        let parts = exact.parts.iter().filter_map(amount).fold(Number::zero(), |a, b| a + b);
        let rest = exact.other.iter().chain([&exact.uncovered]).filter_map(amount);
        prop_assert_eq!(rest.fold(parts, |a, b| a + b), total);
        // The levels of the first and last year add up, too, where all parts have them.
        if exact.left_out == 0 && exact.parts.iter().all(|part| part.levels.iter().all(Result::is_ok)) {
            for at in [0, cube.years.len() - 1] {
                let of = |component: &Component| component.levels[at].clone().unwrap();
                let shown = exact.parts.iter().chain(&exact.other).chain([&exact.uncovered]);
                let sum = shown.map(of).fold(Number::zero(), |a, b| a + b);
                prop_assert_eq!(sum, cube.whole[at].clone().unwrap());
            }
        }
    }

    #[test]
    fn what_is_shown_adds_up_with_the_rounding(cube in cubes(), method in methods(), top in 0..5usize, decimals in 0..4u32) {
        let found = contributions(&cube, method, top, decimals);
        let Some(rounding) = found.rounding else {
            prop_assert!(found.total.value.is_err());
            return Ok(());
        };
        let all = found.parts.iter().chain(&found.other).chain([&found.uncovered]);
        let values: Vec<Decimal> = all.filter_map(|of| of.value.ok()).collect();
        prop_assert_eq!(values.iter().sum::<Decimal>() + rounding, found.total.value.unwrap());
        // Each of the figures is off by half a unit at most.
        let half = Decimal::new(5, decimals + 1);
        prop_assert!(rounding.abs() <= half * Decimal::from(values.len() + 1));
    }

    #[test]
    fn the_parts_are_ranked_and_the_top_is_their_beginning(cube in cubes(), method in methods(), top in 1..9usize) {
        let all = contributions(&cube, method, 0, 6);
        let found = contributions(&cube, method, top, 6);
        let valued: Vec<&Contribution> = all.parts.iter().filter(|part| part.value.is_ok()).collect();
        prop_assert!(valued.windows(2).all(|pair| pair[0].value.unwrap().abs() >= pair[1].value.unwrap().abs()));
        prop_assert!(all.parts[valued.len()..].iter().all(|part| part.value.is_err()), "last");
        let expected: Vec<&Contribution> = valued.iter().copied().take(top).collect();
        prop_assert_eq!(found.parts.iter().collect::<Vec<_>>(), expected);
        prop_assert_eq!(found.other.is_some(), valued.len() > top);
        prop_assert_eq!(found.left_out, all.parts.len() - valued.len());
        prop_assert_eq!((found.total, found.uncovered), (all.total, all.uncovered));
    }

    #[test]
    fn all_methods_agree_on_one_year(cube in cubes()) {
        let take = |levels: &Vec<Level>| levels[..2].to_vec();
        let one = Series {
            years: cube.years[..2].to_vec(),
            whole: take(&cube.whole),
            parts: cube.parts.iter().map(|(code, levels)| (code.clone(), take(levels))).collect(),
            is_net: false,
        };
        prop_assume!(one.whole[1].as_ref().is_ok_and(|last| !last.is_negative()));
        let [share, mean, simple] = [ContributionMethod::CagrShare, ContributionMethod::MeanOfAnnual, ContributionMethod::Simple]
            .map(|method| contributions(&one, method, 0, 3));
        prop_assert_eq!(&share, &mean);
        prop_assert_eq!(&share, &simple);
        // And with the contribution of that year.
        for of in share.parts.iter().chain([&share.total]) {
            if of.value.is_ok() {
                prop_assert_eq!(of.years[0], of.value);
            }
        }
    }

    /// The share of an average is what floats say it is, as far as they can say.
    #[test]
    fn a_contribution_is_near_what_floats_make_of_it(cube in cubes()) {
        let found = contributions(&cube, ContributionMethod::CagrShare, 0, 4);
        let float = |level: &Level| level.as_ref().ok().and_then(|level| level.to_rational().to_f64());
        let ends = |levels: &[Level]| Some((float(levels.first()?)?, float(levels.last()?)?));
        let Some((first, last)) = ends(&cube.whole) else { return Ok(()) };
        prop_assume!(first > 0.0 && last >= 0.0);
        let years = (cube.years.len() - 1) as f64;
        let cagr = 100.0 * ((last / first).powf(1.0 / years) - 1.0);
        for part in found.parts.iter().filter(|part| part.value.is_ok()) {
            let (a, b) = ends(&cube.parts.iter().find(|(code, _)| Some(code) == part.code.as_ref()).unwrap().1).unwrap();
            let expected = if first == last { 100.0 * (b - a) / (years * first) } else { cagr * (b - a) / (last - first) };
            let shown = part.value.unwrap().to_f64().unwrap();
            prop_assert!((shown - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{shown} and {expected}");
        }
    }
}

#[test]
fn shares_of_an_average_are_shares_of_one() {
    let example = example();
    let exact = Exact::of(
        &example,
        &Growth::of(&example, ContributionMethod::CagrShare),
        0,
    );
    assert_eq!(exact.total.amount, Ok(Number::from(1)));
}
