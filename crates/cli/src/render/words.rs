//! The few words around the figures of a table, in four languages.

use regtrade_model::{Indicator, Language, Undefined, Unit};

/// The words around the figures.
pub struct Words {
    /// Before the id of the release.
    pub release: &'static str,
    /// Before the instant of publication.
    pub published: &'static str,
    /// Before the instant of loading.
    pub loaded: &'static str,
    /// Of a release that is not yet published.
    pub embargoed: &'static str,
    /// Before the reason why a release with findings was taken in.
    pub accepted: &'static str,
    /// What `°` stands for.
    pub computed: &'static str,
    /// What `†` stands for; the printed figures follow.
    pub print_differs: &'static str,
    /// Stands for a figure without a value.
    pub not_available: &'static str,
    /// The unit of levels.
    pub millions: &'static str,
    /// The unit of rates and shares.
    pub percent: &'static str,
    /// The unit of contributions.
    pub points: &'static str,
    reasons: [&'static str; 7],
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FR,
            Language::Nl => &NL,
            Language::De => &DE,
            Language::En => &EN,
        }
    }

    /// Why a figure has no value.
    pub fn reason(&self, reason: Undefined) -> &'static str {
        let [
            base_zero,
            base_negative,
            missing,
            not_applicable,
            suppressed,
            not_printed,
            not_covered,
        ] = self.reasons;
        match reason {
            Undefined::BaseZero => base_zero,
            Undefined::BaseNegative => base_negative,
            Undefined::Missing => missing,
            Undefined::NotApplicable => not_applicable,
            Undefined::Suppressed => suppressed,
            Undefined::NotPrinted => not_printed,
            Undefined::NotCovered => not_covered,
        }
    }

    /// The unit of an indicator.
    pub fn unit(&self, indicator: Indicator) -> &'static str {
        match indicator.unit() {
            Unit::Euro => self.millions,
            Unit::Percent => self.percent,
            Unit::PercentagePoints => self.points,
            Unit::PureNumber => "",
        }
    }
}

const FR: Words = Words {
    release: "Publication",
    published: "publiée le",
    loaded: "chargée le",
    embargoed: "sous embargo",
    accepted: "acceptée malgré ces constats",
    computed: "calculé à partir des niveaux ; sans marque : tel que publié",
    print_differs: "calculé autrement que publié ; publié :",
    not_available: "n.d.",
    millions: "(en € millions)",
    percent: "(en %)",
    points: "(en points de %)",
    reasons: [
        "la base est nulle",
        "la base est négative",
        "chiffre manquant",
        "sans objet",
        "confidentiel",
        "non publié dans cette édition",
        "non couvert",
    ],
};

const NL: Words = Words {
    release: "Publicatie",
    published: "gepubliceerd op",
    loaded: "geladen op",
    embargoed: "onder embargo",
    accepted: "aanvaard ondanks deze bevindingen",
    computed: "berekend uit de niveaus; zonder teken: zoals gepubliceerd",
    print_differs: "anders berekend dan gepubliceerd; gepubliceerd:",
    not_available: "n.b.",
    millions: "(in € miljoen)",
    percent: "(in %)",
    points: "(in procentpunten)",
    reasons: [
        "de basis is nul",
        "de basis is negatief",
        "ontbrekend cijfer",
        "niet van toepassing",
        "vertrouwelijk",
        "niet gepubliceerd in deze editie",
        "niet gedekt",
    ],
};

const DE: Words = Words {
    release: "Veröffentlichung",
    published: "veröffentlicht am",
    loaded: "geladen am",
    embargoed: "unter Sperrfrist",
    accepted: "trotz dieser Befunde angenommen",
    computed: "aus den Niveaus berechnet; ohne Zeichen: wie veröffentlicht",
    print_differs: "anders berechnet als veröffentlicht; veröffentlicht:",
    not_available: "k. A.",
    millions: "(in Mio. €)",
    percent: "(in %)",
    points: "(in Prozentpunkten)",
    reasons: [
        "die Basis ist null",
        "die Basis ist negativ",
        "fehlende Zahl",
        "nicht zutreffend",
        "vertraulich",
        "in dieser Ausgabe nicht veröffentlicht",
        "nicht erfasst",
    ],
};

const EN: Words = Words {
    release: "Release",
    published: "published",
    loaded: "loaded",
    embargoed: "under embargo",
    accepted: "accepted in spite of these findings",
    computed: "computed from the levels; without a mark: as published",
    print_differs: "computed otherwise than published; published:",
    not_available: "n.a.",
    millions: "(in € million)",
    percent: "(in %)",
    points: "(in percentage points)",
    reasons: [
        "the base is zero",
        "the base is negative",
        "figure missing",
        "not applicable",
        "confidential",
        "not published in this edition",
        "not covered",
    ],
};
