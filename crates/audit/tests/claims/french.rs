//! What French sentences say in percent, and what is left aside, against the figures of the 2024 release.

use crate::support::{assert_outcomes, outcomes, verdicts};
use regtrade_audit::claims::ClaimOutcome::{
    DependsOnReading as Depends, False, NotDecidable as Open, NotUnderstood as Unclear, True,
};

#[test]
fn a_percentage_is_checked_for_its_region_flow_kind_and_year() {
    assert_outcomes(&[
        (
            "En Wallonie, les exportations de services ont augmenté de 8,4 % en 2024.",
            &[True],
        ),
        (
            "En Wallonie, les exportations de services ont augmenté de 8,5 % en 2024.",
            &[False],
        ),
        (
            "Les importations de biens ont diminué en Flandre de 2,1 %.",
            &[True],
        ),
        (
            "Les importations de biens ont augmenté en Flandre de 2,1 %.",
            &[False],
        ),
        (
            "Les importations flamandes de biens avaient reculé de 13,6 % en 2023.",
            &[True],
        ),
        (
            "Les exportations de biens et services avaient crû de 19,8 % en Wallonie en 2022.",
            &[True],
        ),
        ("Les exportations belges ont fléchi de 1,4 %.", &[True]),
        (
            "Le recul des exportations de biens a atteint 13,4 % en Région de Bruxelles-Capitale.",
            &[True],
        ),
        (
            "Les exportations de services ont augmenté de 9,9 % à Bruxelles en 2031.",
            &[Open],
        ),
    ]);
}

#[test]
fn percentages_in_a_row_go_to_their_own_regions_years_and_flows() {
    assert_outcomes(&[
        (
            "Les importations ont baissé de 0,5 % en Flandre et de 7,3 % à Bruxelles, alors qu'elles ont augmenté de 1,6 % en Wallonie.",
            &[True, True, True],
        ),
        (
            "Les exportations de biens se sont contractées : Wallonie (-5,0 %), Flandre (-1,2 %) et Bruxelles (-13,4 %).",
            &[True, True, True],
        ),
        (
            "En Flandre, en Wallonie et à Bruxelles, les importations de services ont progressé respectivement de 4,5 %, 7,7 % et 0,8 %.",
            &[True, True, True],
        ),
        (
            "À Bruxelles, les exportations ont baissé de 6,3 % et les importations de 7,3 %.",
            &[True, True],
        ),
        (
            "En Flandre, les exportations de biens ont diminué de 10,1 % en 2023 et de 1,2 % en 2024.",
            &[True, True],
        ),
        (
            "Les importations ont augmenté en Wallonie de 1,6 % et ont baissé en Flandre de 0,5 %.",
            &[True, True],
        ),
        (
            "Les importations belges de biens ont reculé dans chaque région, de 2,5 % en Wallonie et de 2,1 % en Flandre.",
            &[True, True, True],
        ),
        (
            "Les exportations de biens ont reculé de 5,0 % en Wallonie, contre 1,2 % en Flandre.",
            &[True, True],
        ),
        (
            "Les exportations de services ont progressé partout, de 1,7 % en Flandre et de 0,9 % à Bruxelles.",
            &[True, True, True],
        ),
    ]);
}

#[test]
fn what_a_sentence_leaves_out_comes_from_the_one_before() {
    assert_outcomes(&[
        (
            "Les **importations de biens** ont baissé partout. En Wallonie, elles se sont repliées de 2,5 %.",
            &[True, True],
        ),
        (
            "Les exportations de services ont augmenté partout. La hausse a été plus forte en Wallonie (8,4 %).",
            &[True, True, True],
        ),
        (
            "Quant à elles, elles ont reculé de 2,5 % en Wallonie.",
            &[Unclear],
        ),
        (
            "Les exportations de la branche chimique ont baissé. Elles ont reculé de 4,0 % en Wallonie.",
            &[Unclear],
        ),
        (
            "## Les services\n\nLes exportations ont augmenté de 8,4 % en Wallonie.",
            &[Depends],
        ),
    ]);
}

#[test]
fn shares_are_checked_against_the_printed_ones() {
    assert_outcomes(&[
        (
            "La Flandre représente 71,9 % des exportations belges.",
            &[True],
        ),
        (
            "La Flandre représente 70,9 % des exportations belges.",
            &[False],
        ),
        (
            "La part de la Flandre dans les importations de biens est de 74,7 %.",
            &[True],
        ),
        (
            "Les services représentent 53,5 % des exportations de Bruxelles.",
            &[True],
        ),
        (
            "Les services représentent 52,5 % des exportations de Bruxelles.",
            &[False],
        ),
        (
            "La part de la Wallonie dans les importations de biens est de 13,1 %.",
            &[False],
        ),
    ]);
}

#[test]
fn what_is_not_safely_understood_is_never_held_against_the_text() {
    assert_outcomes(&[
        (
            "Les exportations de véhicules ont baissé de 40 % à Bruxelles.",
            &[Unclear],
        ),
        (
            "Les exportations de biens ont baissé de 3 % en Flandre au dernier trimestre.",
            &[Unclear],
        ),
        (
            "Les exportations de biens n'ont pas augmenté de 3 % en Flandre.",
            &[Unclear],
        ),
        (
            "Hors énergie, les exportations de biens ont augmenté de 3 % en Flandre.",
            &[Open],
        ),
        (
            "Hors médicaments, les exportations ont baissé de 9 % en Flandre, tandis que les importations ont augmenté de 9 % en Flandre.",
            &[Open, Unclear],
        ),
        (
            "Après une hausse de 3 % en 2023, les exportations ont baissé de 9 % en Flandre.",
            &[Unclear],
        ),
        (
            "En Flandre, les exportations ont baissé, mais elles restent plus fortes qu'en Wallonie.",
            &[True, Unclear],
        ),
        (
            "Les exportations et les importations ont baissé de 0,6 % en Flandre.",
            &[Unclear, Unclear],
        ),
        (
            "Les exportations de services ont progressé plus vite à Bruxelles que les importations en Flandre.",
            &[Unclear],
        ),
        (
            "Les exportations de biens ont baissé partout. Les importations de fleurs ont baissé. Elles ont reculé de 4,0 % en Wallonie.",
            &[True, Unclear],
        ),
        // One rate of two regions may be that of both together; "stronger" may be than before.
        (
            "Les exportations de la Flandre et de la Wallonie ont reculé de 0,6 %.",
            &[Unclear],
        ),
        (
            "À Bruxelles, la hausse des importations de services a été plus forte en 2023.",
            &[Unclear],
        ),
        (
            "Bruxelles a connu sa plus forte baisse d'exportations depuis 2019.",
            &[Unclear],
        ),
        (
            "Depuis 2025, les exportations ont augmenté de 3 % à Bruxelles.",
            &[Unclear],
        ),
        (
            "Le taux de croissance des exportations de services a baissé en Wallonie.",
            &[Unclear],
        ),
        (
            "Les exportations de biens devraient augmenter de 3 % en Flandre.",
            &[Unclear],
        ),
        ("Les exportations de biens 3 % Flandre.", &[Unclear]),
        (
            "Les exportations vers la France ont augmenté de 3 % en Flandre.",
            &[Open],
        ),
        (
            "En volume, les exportations de biens ont augmenté de 3 % à Bruxelles.",
            &[Open],
        ),
        (
            "Les exportations de biens ont augmenté de 3 points de pourcentage à Bruxelles.",
            &[Unclear],
        ),
        (
            "Dans certaines régions, les exportations ont augmenté de 3 %.",
            &[Unclear],
        ),
        (
            "Les exportations ont augmenté de 6,3 % à Bruxelles et de 7,3 %.",
            &[Unclear],
        ),
        (
            "Les exportations nettes ont baissé de 3 % en Wallonie.",
            &[Unclear],
        ),
        ("Les exportations ont baissé de 9,9 %.", &[Unclear]),
        (
            "Les exportations ont été plus élevées en Flandre.",
            &[Unclear],
        ),
        (
            "La baisse des exportations tient à la fermeture d'une usine.",
            &[],
        ),
        (
            "En Wallonie, la hausse des exportations provient surtout de la zone euro.",
            &[],
        ),
        ("Les chiffres sont établis selon le SEC 2010.", &[]),
        (
            "Les voyages ont augmenté plus vivement à Bruxelles.",
            &[Open],
        ),
        ("", &[]),
    ]);
}

#[test]
fn a_cause_told_with_a_figure_does_not_hide_it() {
    assert_eq!(
        outcomes(
            "En Wallonie, les exportations de biens ont baissé de 5,0 % en raison de la fermeture d'une usine."
        ),
        [True]
    );
    assert_eq!(
        outcomes(
            "En Wallonie, les exportations de biens ont baissé de 5,1 % en raison de la fermeture d'une usine."
        ),
        [False]
    );
    assert_eq!(
        outcomes(
            "Sous l'effet de la fermeture d'une usine, les exportations de biens ont baissé de 5,0 % en Wallonie."
        ),
        [True]
    );
    assert_eq!(
        outcomes(
            "En Wallonie, les exportations de biens ont baissé en raison de la chute de 12 % des prix."
        ),
        [Unclear]
    );
}

#[test]
fn a_verdict_names_sentence_line_claim_and_figures() {
    let text = "Titre\n\nRien à voir ici.\n**Les importations de biens** ont reculé de 12,1 % à Bruxelles.\n";
    let found = verdicts(text);
    let [verdict] = &found[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(verdict.line, 4);
    assert_eq!(
        verdict.sentence,
        "**Les importations de biens** ont reculé de 12,1 % à Bruxelles."
    );
    assert_eq!(verdict.claim, "growth of P71, BE1, 2024 = -12.1 %");
    assert_eq!(verdict.figures.len(), 1);
    assert_eq!(verdict.figures[0].key, "growth of P71, BE1, 2024");
    assert_eq!(verdict.figures[0].value, "-12.1 %");
    assert!(verdict.readings.is_empty());
}
