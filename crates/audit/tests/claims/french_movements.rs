//! What French sentences say of rises, falls and their order, against the figures of the 2024 release.

use crate::support::{assert_outcomes, cells, verdicts};
use regtrade_audit::claims::ClaimOutcome::{
    DependsOnReading as Depends, False, NotDecidable as Open, NotUnderstood as Unclear, True,
};
use regtrade_audit::claims::{LevelBound, check};
use regtrade_model::{Dataflow, Decimal, Indicator, TableDescription};

#[test]
fn the_sign_of_a_change_is_checked_in_every_region_that_is_meant() {
    assert_outcomes(&[
        (
            "Les importations de services ont progressé dans chaque région.",
            &[True],
        ),
        (
            "Les exportations ont diminué dans les trois régions en 2024.",
            &[True],
        ),
        (
            "Les importations ont diminué dans les trois régions en 2024.",
            &[False],
        ),
        (
            "En 2024, les exportations de biens ont continué de baisser dans toutes les régions.",
            &[True],
        ),
        (
            "En 2022, les exportations de biens ont continué de croître en Flandre.",
            &[Open],
        ),
        (
            "Les exportations de services ont continué de reculer en Wallonie.",
            &[False],
        ),
        (
            "Les importations de biens ont augmenté entre 2019 et 2024 en Flandre.",
            &[True],
        ),
        (
            "Les exportations ont baissé en Flandre entre 2022 et 2024.",
            &[True],
        ),
        ("Les importations de biens ont baissé.", &[True]),
    ]);
}

#[test]
fn trade_is_read_as_exports_as_imports_and_as_their_sum() {
    assert_outcomes(&[
        (
            "Le commerce de services a progressé partout en 2024.",
            &[True],
        ),
        ("Le commerce de biens a augmenté à Bruxelles.", &[False]),
        (
            "Les échanges internationaux de biens et services ont diminué en Wallonie.",
            &[Depends],
        ),
        (
            "Le commerce de biens a baissé de 12,6 % à Bruxelles.",
            &[Open],
        ),
        (
            "Le commerce de biens a baissé de 14 % à Bruxelles.",
            &[False],
        ),
        (
            "Le commerce de biens a baissé de 13 % à Bruxelles.",
            &[True],
        ),
    ]);
    let found =
        verdicts("Les échanges internationaux de biens et services ont diminué en Wallonie.");
    let readings: Vec<_> = found[0]
        .readings
        .iter()
        .map(|r| (r.words.as_str(), r.outcome))
        .collect();
    assert_eq!(
        readings,
        [
            ("exports", True),
            ("imports", False),
            ("exports plus imports", False)
        ]
    );
    assert!(
        found[0]
            .explanation
            .contains("exports plus imports: false for BE3"),
        "{}",
        found[0].explanation
    );
}

#[test]
fn slowed_is_worked_out_as_a_fall_and_as_lesser_growth() {
    assert_outcomes(&[
        (
            "Les exportations de biens ont ralenti en Flandre.",
            &[Depends],
        ),
        (
            "Les exportations de biens ont ralenti à Bruxelles.",
            &[True],
        ),
        (
            "Les importations de services ont ralenti à Bruxelles.",
            &[Depends],
        ),
        (
            "Les exportations de services ont ralenti en Wallonie.",
            &[False],
        ),
        (
            "La croissance des importations de services a ralenti en Wallonie.",
            &[True],
        ),
        (
            "La croissance des exportations de services a ralenti en Wallonie.",
            &[False],
        ),
    ]);
}

#[test]
fn comparisons_between_regions_years_and_flows_are_checked() {
    assert_outcomes(&[
        (
            "L'unique région où les exportations de biens ont augmenté est la Flandre.",
            &[False],
        ),
        (
            "L'unique région où les importations ont augmenté est la Wallonie.",
            &[True],
        ),
        (
            "La baisse des importations a été plus marquée à Bruxelles qu'en Flandre.",
            &[True],
        ),
        (
            "La baisse des importations a été plus marquée en Flandre qu'à Bruxelles.",
            &[False],
        ),
        (
            "La baisse des importations a été plus marquée à Bruxelles qu'en 2023.",
            &[True],
        ),
        (
            "Le recul des exportations de biens s'est accentué en Flandre par rapport à 2023.",
            &[False],
        ),
        (
            "Le recul des exportations de biens s'est atténué en Flandre par rapport à 2023.",
            &[True],
        ),
        (
            "En Flandre, les importations de services ont crû plus vite que les exportations de services.",
            &[True],
        ),
        (
            "Les exportations de services ont progressé plus vite que les importations à Bruxelles.",
            &[True],
        ),
        (
            "Les exportations de services ont progressé plus vite que les importations en Flandre.",
            &[False],
        ),
        (
            "La croissance la plus forte des exportations de services a été enregistrée en Wallonie, suivie de la Flandre.",
            &[True],
        ),
        (
            "La croissance la plus forte des exportations de services a été enregistrée en Flandre, suivie de la Wallonie.",
            &[False],
        ),
        (
            "À Bruxelles, la hausse des importations de services a été la plus faible.",
            &[True],
        ),
        (
            "La baisse des exportations a été plus marquée en Flandre que dans les autres régions.",
            &[False],
        ),
        (
            "La baisse des importations et la hausse des exportations ont été plus marquées à Bruxelles.",
            &[Unclear],
        ),
    ]);
}

#[test]
fn rounding_decides_nothing_that_it_leaves_open() {
    assert_outcomes(&[
        // Both print -0.5, which may hide either order.
        (
            "En Flandre, les exportations ont baissé plus fortement que les importations.",
            &[Open],
        ),
        (
            "En Flandre, les exportations ont reculé plus vite que les importations.",
            &[Open],
        ),
        ("Les exportations ont baissé de 0,52 % en Flandre.", &[Open]),
        (
            "Les exportations ont baissé de 0,61 % en Flandre.",
            &[False],
        ),
        (
            "Les exportations de services ont augmenté de 8 % en Wallonie.",
            &[True],
        ),
        (
            "Les exportations de services ont augmenté de 9 % en Wallonie.",
            &[False],
        ),
        (
            "Les exportations ont augmenté de 4,7 % par an en moyenne entre 2019 et 2024 en Flandre.",
            &[True],
        ),
        (
            "Les exportations ont augmenté de 4,9 % par an en moyenne entre 2019 et 2024 en Flandre.",
            &[False],
        ),
        (
            "Le taux de croissance annuel moyen des exportations s'élève à 2,5 % à Bruxelles.",
            &[True],
        ),
        (
            "Le taux de croissance annuel moyen des exportations s'élève à 2,6 % à Bruxelles.",
            &[False],
        ),
        (
            "Les exportations ont augmenté de 4,7 % en Flandre depuis 2019.",
            &[Depends],
        ),
        (
            "Les exportations ont augmenté de 15 % en Flandre depuis 2019.",
            &[False],
        ),
        (
            "Les exportations ont augmenté de 26 % entre 2019 et 2024 en Flandre.",
            &[True],
        ),
    ]);
}

#[test]
fn bounds_of_levels_decide_what_the_print_leaves_open() {
    let text = "Les échanges internationaux ont reculé de 1,4 % en Belgique.";
    let bound = |item: &str, lower: &str, upper: &str| LevelBound {
        item: item.parse().unwrap(),
        area: "BE".parse().unwrap(),
        period: "2023".parse().unwrap(),
        lower: lower.parse().unwrap(),
        upper: upper.parse().unwrap(),
    };
    let with = |bounds: &[LevelBound]| {
        let description = TableDescription::shipped(Dataflow::Regtrd);
        check(text, &cells(), &description, bounds)[0].verdict
    };
    assert_eq!(with(&[]), Open);
    let near = [
        bound("P6", "498900", "498920"),
        bound("P7", "500800", "500820"),
    ];
    assert_eq!(with(&near), True);
    let far = [
        bound("P6", "498450", "498460"),
        bound("P7", "500360", "500370"),
    ];
    // Exports alone still print that figure.
    assert_eq!(with(&far), Depends);
}

#[test]
fn a_printed_zero_is_neither_a_rise_nor_a_fall() {
    let mut cells = cells();
    for cell in &mut cells {
        if cell.indicator == Indicator::Growth && cell.area.as_str() == "BE2" {
            cell.value = Some(Decimal::new(0, 1));
        }
    }
    let of = |text: &str| {
        let description = TableDescription::shipped(Dataflow::Regtrd);
        check(text, &cells, &description, &[])[0].verdict
    };
    assert_eq!(of("Les exportations ont baissé en Flandre."), Open);
    assert_eq!(of("Les exportations ont augmenté en Flandre."), Open);
    assert_eq!(of("Les exportations ont baissé à Bruxelles."), True);
}

#[test]
fn a_figure_that_is_not_available_decides_nothing() {
    let mut cells = cells();
    cells.iter_mut().for_each(|cell| cell.value = None);
    let description = TableDescription::shipped(Dataflow::Regtrd);
    let found = check(
        "Les exportations ont fléchi de 6,3 % à Bruxelles.",
        &cells,
        &description,
        &[],
    );
    assert_eq!(found[0].verdict, Open);
}
