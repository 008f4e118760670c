//! The few words around contributions, reconciliations and codelists, in four languages.

use regtrade_model::{Breakdown, Language};

/// The words.
pub struct AnalysisWords {
    /// Contributions to growth.
    pub contributions: &'static str,
    by: [&'static str; 5],
    /// The unit of a contribution to average annual growth.
    pub points_a_year: &'static str,
    /// The unit of a contribution to net exports.
    pub millions: &'static str,
    /// The parts that are not shown.
    pub others: &'static str,
    /// What of the whole is in none of the parts.
    pub uncovered: &'static str,
    /// The whole.
    pub total: &'static str,
    /// What rounding for display makes.
    pub rounding: &'static str,
    /// National accounts.
    pub accounts: &'static str,
    /// Foreign-trade statistics.
    pub statistics: &'static str,
    /// The first less the second.
    pub difference: &'static str,
    /// In percent of the second.
    pub in_percent: &'static str,
    /// What is known of the causes of the difference.
    pub causes: &'static str,
    /// How many months a year has.
    pub months: &'static str,
    /// Pro memoria.
    pub memo: &'static str,
    /// Observations.
    pub observations: &'static str,
}

impl AnalysisWords {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FR,
            Language::Nl => &NL,
            Language::De => &DE,
            Language::En => &EN,
        }
    }

    /// By which dimension.
    pub fn by(&self, by: Breakdown) -> &'static str {
        let [product, partner, group, activity, region] = self.by;
        match by {
            Breakdown::Product => product,
            Breakdown::Partner => partner,
            Breakdown::PartnerGroup => group,
            Breakdown::Activity => activity,
            Breakdown::Region => region,
        }
    }
}

const FR: AnalysisWords = AnalysisWords {
    contributions: "contributions à la croissance",
    by: [
        "par produit",
        "par pays partenaire",
        "par groupe de partenaires",
        "par activité",
        "par région",
    ],
    points_a_year: "points de % par an",
    millions: "en € millions",
    others: "autres",
    uncovered: "non couvert",
    total: "total",
    rounding: "dont arrondis de l'affichage",
    accounts: "comptes nationaux",
    statistics: "commerce extérieur",
    difference: "différence",
    in_percent: "en %",
    causes: "Causes connues de la différence",
    months: "mois",
    memo: "pour mémoire",
    observations: "observations",
};

const NL: AnalysisWords = AnalysisWords {
    contributions: "bijdragen tot de groei",
    by: [
        "per product",
        "per partnerland",
        "per groep van partners",
        "per activiteit",
        "per gewest",
    ],
    points_a_year: "procentpunt per jaar",
    millions: "in € miljoen",
    others: "overige",
    uncovered: "niet gedekt",
    total: "totaal",
    rounding: "waarvan afronding",
    accounts: "nationale rekeningen",
    statistics: "buitenlandse handel",
    difference: "verschil",
    in_percent: "in %",
    causes: "Bekende oorzaken van het verschil",
    months: "maanden",
    memo: "pro memorie",
    observations: "waarnemingen",
};

const DE: AnalysisWords = AnalysisWords {
    contributions: "Wachstumsbeiträge",
    by: [
        "nach Produkten",
        "nach Partnerländern",
        "nach Partnergruppen",
        "nach Wirtschaftszweigen",
        "nach Regionen",
    ],
    points_a_year: "Prozentpunkte pro Jahr",
    millions: "in Mio. €",
    others: "Übrige",
    uncovered: "nicht erfasst",
    total: "insgesamt",
    rounding: "davon Rundung",
    accounts: "VGR",
    statistics: "Außenhandelsstatistik",
    difference: "Differenz",
    in_percent: "in %",
    causes: "Bekannte Ursachen der Differenz",
    months: "Monate",
    memo: "nachrichtlich",
    observations: "Beobachtungen",
};

const EN: AnalysisWords = AnalysisWords {
    contributions: "contributions to growth",
    by: [
        "by product",
        "by partner country",
        "by group of partners",
        "by activity",
        "by region",
    ],
    points_a_year: "points a year",
    millions: "€ million",
    others: "others",
    uncovered: "not covered",
    total: "total",
    rounding: "of which rounding",
    accounts: "national accounts",
    statistics: "foreign trade",
    difference: "difference",
    in_percent: "in %",
    causes: "Known causes of the difference",
    months: "months",
    memo: "memo",
    observations: "observations",
};
