//! The words around revisions, in four languages.

use regtrade_model::{Indicator, Language, RevisionClass};

/// The words around revisions.
pub struct RevisionWords {
    /// Before the two editions.
    pub revisions: &'static str,
    /// Above the statistics.
    pub statistics: &'static str,
    /// The unit of the block of levels, and of its changes.
    pub in_millions: &'static str,
    /// The unit of the block of rates, and of their changes.
    pub in_percent: &'static str,
    /// Above changes.
    pub change: &'static str,
    /// Above the intervals.
    pub between: &'static str,
    /// Above the intervals of means.
    pub mean_between: &'static str,
    /// How intervals are to be read.
    pub reading: &'static str,
    /// Where there is nothing to show.
    pub nothing: &'static str,
    /// Before the counts of what is shown.
    pub cells: &'static str,
    /// Before the counts of what is not.
    pub not_shown: &'static str,
    /// Of a release that was taken back.
    pub withdrawn: &'static str,
    /// Below the statistics: what the columns are.
    pub columns: [&'static str; 3],
    /// Before the number of series that have no values to compare.
    pub bounds_alone: &'static str,
    /// Before the releases.
    pub vintages: &'static str,
    classes: [&'static str; 8],
    meanings: [&'static str; 8],
    indicators: [&'static str; 10],
}

impl RevisionWords {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Fr => &FR,
            Language::Nl => &NL,
            Language::De => &DE,
            Language::En => &EN,
        }
    }

    /// The name of a class.
    pub fn class(&self, class: RevisionClass) -> &'static str {
        of_class(self.classes, class)
    }

    /// What the mark of a class says.
    pub fn meaning(&self, class: RevisionClass) -> &'static str {
        of_class(self.meanings, class)
    }

    /// A short name of an indicator.
    pub fn indicator(&self, indicator: Indicator) -> &'static str {
        let [
            level,
            net,
            of_country,
            of_total,
            growth,
            cagr,
            coverage,
            contribution,
            herfindahl,
            rca,
        ] = self.indicators;
        match indicator {
            Indicator::Level => level,
            Indicator::Net => net,
            Indicator::ShareOfCountry => of_country,
            Indicator::ShareOfTotal => of_total,
            Indicator::Growth => growth,
            Indicator::Cagr => cagr,
            Indicator::Coverage => coverage,
            Indicator::Contribution => contribution,
            Indicator::Herfindahl => herfindahl,
            Indicator::Rca => rca,
        }
    }
}

fn of_class(words: [&'static str; 8], class: RevisionClass) -> &'static str {
    let [
        changed,
        unchanged,
        within,
        status,
        added,
        new_period,
        deleted,
        not_printed,
    ] = words;
    match class {
        RevisionClass::Changed => changed,
        RevisionClass::Unchanged => unchanged,
        RevisionClass::WithinRounding => within,
        RevisionClass::StatusOnly => status,
        RevisionClass::Added => added,
        RevisionClass::NewPeriod => new_period,
        RevisionClass::Deleted => deleted,
        RevisionClass::NotPrinted => not_printed,
    }
}

const FR: RevisionWords = RevisionWords {
    revisions: "Révisions",
    statistics: "Statistiques des révisions, de la première valeur de chaque période à la dernière",
    in_millions: "en € millions",
    in_percent: "en %, changements en points de %",
    change: "changement",
    between: "changement réel entre",
    mean_between: "entre",
    reading: "Le changement réel se situe entre ces deux valeurs, compte tenu des arrondis.",
    nothing: "Aucune révision à montrer.",
    cells: "Cellules",
    not_shown: "Non montrées (--all)",
    withdrawn: "retirée",
    columns: [
        "n : périodes comparées ; R : dernière valeur moins première ; entre : moyenne vraie, arrondis compris",
        "MAR : moyenne de |R| ; RMAR : somme de |R| / somme de |dernière valeur|, en % ; RMSR : moyenne quadratique",
        "↑ : part révisée à la hausse, en % ; ≈ : R indiscernable de l'arrondi ; p : dès dix périodes",
    ],
    bounds_alone: "Séries connues par leurs seules bornes, non montrées",
    vintages: "Publications",
    classes: [
        "changées",
        "inchangées",
        "indiscernables de l'arrondi",
        "statut seul",
        "ajoutées",
        "nouvelle période",
        "supprimées",
        "non reprises",
    ],
    meanings: [
        "la valeur est autre",
        "la même valeur",
        "indiscernable de l'arrondi",
        "même valeur, autre statut",
        "nouveau, d'une période déjà connue",
        "nouvelle période, pas une révision",
        "supprimé",
        "plus imprimé, ce qui ne dit rien de sa valeur",
    ],
    indicators: [
        "niveau",
        "solde",
        "part de la Belgique",
        "part du total",
        "variation annuelle",
        "croissance moyenne",
        "couverture",
        "contribution",
        "indice de Herfindahl",
        "avantage comparatif",
    ],
};

const NL: RevisionWords = RevisionWords {
    revisions: "Herzieningen",
    statistics: "Statistieken van de herzieningen, van de eerste waarde van elke periode tot de laatste",
    in_millions: "in € miljoen",
    in_percent: "in %, wijzigingen in procentpunten",
    change: "wijziging",
    between: "ware wijziging tussen",
    mean_between: "tussen",
    reading: "De ware wijziging ligt tussen deze twee waarden, rekening houdend met afronding.",
    nothing: "Geen herzieningen om te tonen.",
    cells: "Cellen",
    not_shown: "Niet getoond (--all)",
    withdrawn: "ingetrokken",
    columns: [
        "n: vergeleken perioden; R: laatste waarde min eerste; tussen: ware gemiddelde, met afronding",
        "MAR: gemiddelde van |R|; RMAR: som van |R| / som van |laatste waarde|, in %; RMSR: kwadratisch gemiddelde",
        "↑: aandeel naar boven herzien, in %; ≈: R niet van afronding te onderscheiden; p: vanaf tien perioden",
    ],
    bounds_alone: "Reeksen die alleen door grenzen bekend zijn, niet getoond",
    vintages: "Publicaties",
    classes: [
        "gewijzigd",
        "ongewijzigd",
        "niet van afronding te onderscheiden",
        "alleen status",
        "toegevoegd",
        "nieuwe periode",
        "geschrapt",
        "niet overgenomen",
    ],
    meanings: [
        "de waarde is anders",
        "dezelfde waarde",
        "niet van afronding te onderscheiden",
        "zelfde waarde, andere status",
        "nieuw, van een reeds bekende periode",
        "nieuwe periode, geen herziening",
        "geschrapt",
        "niet meer gedrukt, wat niets zegt over de waarde",
    ],
    indicators: [
        "niveau",
        "saldo",
        "aandeel in België",
        "aandeel in totaal",
        "jaarlijkse verandering",
        "gemiddelde groei",
        "dekking",
        "bijdrage",
        "Herfindahl-index",
        "comparatief voordeel",
    ],
};

const DE: RevisionWords = RevisionWords {
    revisions: "Revisionen",
    statistics: "Statistik der Revisionen, vom ersten Wert jedes Zeitraums zum letzten",
    in_millions: "in Mio. €",
    in_percent: "in %, Änderungen in Prozentpunkten",
    change: "Änderung",
    between: "wahre Änderung zwischen",
    mean_between: "zwischen",
    reading: "Die wahre Änderung liegt zwischen diesen beiden Werten, Rundung eingerechnet.",
    nothing: "Keine Revisionen zu zeigen.",
    cells: "Zellen",
    not_shown: "Nicht gezeigt (--all)",
    withdrawn: "zurückgezogen",
    columns: [
        "n: verglichene Zeiträume; R: letzter Wert minus erster; zwischen: wahrer Mittelwert, mit Rundung",
        "MAR: Mittel von |R|; RMAR: Summe |R| / Summe |letzter Wert|, in %; RMSR: quadratisches Mittel",
        "↑: Anteil nach oben revidiert, in %; ≈: R nicht von Rundung zu unterscheiden; p: ab zehn Zeiträumen",
    ],
    bounds_alone: "Reihen, die nur durch Grenzen bekannt sind, nicht gezeigt",
    vintages: "Veröffentlichungen",
    classes: [
        "geändert",
        "unverändert",
        "nicht von Rundung zu unterscheiden",
        "nur Status",
        "hinzugefügt",
        "neuer Zeitraum",
        "gelöscht",
        "nicht übernommen",
    ],
    meanings: [
        "der Wert ist ein anderer",
        "derselbe Wert",
        "nicht von Rundung zu unterscheiden",
        "derselbe Wert, anderer Status",
        "neu, von einem schon bekannten Zeitraum",
        "neuer Zeitraum, keine Revision",
        "gelöscht",
        "nicht mehr gedruckt, was nichts über den Wert sagt",
    ],
    indicators: [
        "Niveau",
        "Saldo",
        "Anteil an Belgien",
        "Anteil am Ganzen",
        "Veränderung",
        "mittleres Wachstum",
        "Deckung",
        "Beitrag",
        "Herfindahl-Index",
        "komparativer Vorteil",
    ],
};

const EN: RevisionWords = RevisionWords {
    revisions: "Revisions",
    statistics: "Statistics of revisions, from the first value of each period to the last",
    in_millions: "in € million",
    in_percent: "in %, changes in percentage points",
    change: "change",
    between: "true change between",
    mean_between: "between",
    reading: "The true change lies between these two values, rounding taken into account.",
    nothing: "No revisions to show.",
    cells: "Cells",
    not_shown: "Not shown (--all)",
    withdrawn: "withdrawn",
    columns: [
        "n: periods compared; R: last value less the first; between: the true mean, rounding taken into account",
        "MAR: mean of |R|; RMAR: sum of |R| / sum of |last value|, in %; RMSR: root mean square of R",
        "↑: share revised upwards, in %; ≈: R not distinguishable from rounding; p: from ten periods on",
    ],
    bounds_alone: "Series that are known by bounds alone, not shown",
    vintages: "Releases",
    classes: [
        "changed",
        "unchanged",
        "not distinguishable from rounding",
        "status only",
        "added",
        "new period",
        "deleted",
        "not printed again",
    ],
    meanings: [
        "the value is another",
        "the same value",
        "not distinguishable from rounding",
        "the same value, another status",
        "new, of a period that was known",
        "new period, no revision",
        "deleted",
        "not printed again, which says nothing of its value",
    ],
    indicators: [
        "level",
        "net",
        "share of Belgium",
        "share of total",
        "annual change",
        "average growth",
        "coverage",
        "contribution",
        "Herfindahl index",
        "comparative advantage",
    ],
};
