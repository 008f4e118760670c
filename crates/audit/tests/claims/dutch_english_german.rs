//! What Dutch, English and German sentences claim, against the figures of the 2024 release.

use crate::support::assert_outcomes;
use regtrade_audit::claims::ClaimOutcome::{
    DependsOnReading as Depends, False, NotDecidable as Open, NotUnderstood as Unclear, True,
};

#[test]
fn dutch_sentences_are_checked() {
    assert_outcomes(&[
        (
            "De uitvoer van goederen is in Wallonië met 5,0 % gedaald.",
            &[True],
        ),
        (
            "De uitvoer van goederen is in Wallonië met 5,0 % gestegen.",
            &[False],
        ),
        (
            "De goedereninvoer daalde met 12,1 % in Brussel, met 2,1 % in Vlaanderen en met 2,5 % in Wallonië.",
            &[True, True, True],
        ),
        ("De invoer van diensten nam in alle gewesten toe.", &[True]),
        ("De invoer nam in de drie gewesten af.", &[False]),
        (
            "Het enige gewest waar de invoer in 2024 is gestegen, is Wallonië.",
            &[True],
        ),
        (
            "De Vlaamse uitvoer van diensten groeide in 2023 met 5,2 %.",
            &[True],
        ),
        ("De handel in diensten is in elk gewest gegroeid.", &[True]),
        (
            "De uitvoer van goederen is in Vlaanderen vertraagd.",
            &[Depends],
        ),
        (
            "De daling van de invoer was sterker in Brussel dan in Vlaanderen.",
            &[True],
        ),
        (
            "De daling van de invoer was sterker in Vlaanderen dan in Brussel.",
            &[False],
        ),
        (
            "De uitvoer van auto's is in Brussel met 30 % gedaald.",
            &[Open],
        ),
        (
            "De uitvoer van goederen is in Vlaanderen niet met 4 % gestegen.",
            &[Unclear],
        ),
        (
            "De uitvoer van bloemen is in Vlaanderen met 4 % gestegen.",
            &[Unclear],
        ),
    ]);
}

#[test]
fn english_sentences_are_checked() {
    assert_outcomes(&[
        ("Exports of goods fell by 13.4 % in Brussels.", &[True]),
        ("Exports of goods rose by 13.4 % in Brussels.", &[False]),
        (
            "Imports of services grew in all regions: 7.7 % in Wallonia, 4.5 % in Flanders and 0.8 % in Brussels.",
            &[True, True, True, True],
        ),
        (
            "The only region where imports rose is Wallonia (1.6 %).",
            &[True, True],
        ),
        ("Imports fell in the three regions.", &[False]),
        (
            "Imports of services grew faster than exports of services in each region between 2019 and 2024.",
            &[True],
        ),
        ("Goods exports slowed in Flanders.", &[Depends]),
        ("International trade fell in Wallonia.", &[Depends]),
        (
            "Exports of services rose in Flanders. They grew by 5.2 % in 2023 in Flanders.",
            &[True, True],
        ),
        (
            "The fall in imports of goods was more marked in Brussels than in 2023.",
            &[True],
        ),
        (
            "The fall in imports of goods was more marked in Flanders than in 2023.",
            &[False],
        ),
        ("Exports to Flanders fell by 9 %.", &[Unclear]),
        ("Exports of machines fell by 9 % in Flanders.", &[Unclear]),
        ("In Flanders, exports fell faster than imports.", &[Open]),
    ]);
}

#[test]
fn german_sentences_are_checked() {
    assert_outcomes(&[
        (
            "Die Ausfuhren von Waren sind in Wallonien um 5,0 % zurückgegangen.",
            &[True],
        ),
        (
            "Die Ausfuhren von Waren sind in Wallonien um 5,0 % gestiegen.",
            &[False],
        ),
        (
            "Die Wareneinfuhren sanken um 2,1 % in Flandern und um 12,1 % in Brüssel.",
            &[True, True],
        ),
        (
            "Die Dienstleistungseinfuhren nahmen in allen Regionen zu.",
            &[True],
        ),
        (
            "Die Einfuhren gingen in den drei Regionen zurück.",
            &[False],
        ),
        (
            "Der Dienstleistungshandel ist in jeder Region gewachsen.",
            &[True],
        ),
        (
            "Die Warenausfuhren haben sich in Flandern verlangsamt.",
            &[Depends],
        ),
        (
            "Der Rückgang der Einfuhren war in Brüssel stärker als in Flandern.",
            &[True],
        ),
        (
            "Der Rückgang der Einfuhren war in Flandern stärker als in Brüssel.",
            &[False],
        ),
        (
            "Die Ausfuhren stiegen in Flandern um 4,7 % pro Jahr zwischen 2019 und 2024.",
            &[True],
        ),
        (
            "Die Ausfuhren von Autos sanken in Brüssel um 30 %.",
            &[Open],
        ),
        (
            "Die Ausfuhren von Blumen sanken in Brüssel um 30 %.",
            &[Unclear],
        ),
    ]);
}
