//! Units of headings: percent, or a multiple of the euro, in words of four languages.

use regtrade_model::Unit;

/// Why a unit cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitError {
    /// A word that is not understood, or a combination that is no unit.
    Unknown,
    /// A "billion", which is 10^9 in English and 10^12 in the other languages.
    TwoReadings,
}

/// Reads a unit and its multiplier (UNIT_MULT: 6 for millions) from the brackets of a heading, whose key this is a part of.
///
/// `english` says whether the heading is an English one for sure.
pub(super) fn parse(text: &str, english: bool) -> Result<(Unit, i32), UnitError> {
    let text = text
        .replace("per cent", "%")
        .replace("pour cent", "%")
        .replace("percentage points", "pp")
        .replace("points de pourcentage", "pp")
        .replace("d'", " ")
        .replace('€', " € ")
        .replace('%', " % ");
    let (mut unit, mut multipliers) = (None, vec![]);
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        let named = match word.trim_matches('.') {
            "" | "in" | "en" | "of" | "de" | "des" | "van" | "von" => continue,
            "€" | "eur" | "euro" | "euros" | "euro's" => Unit::Euro,
            "%" | "percent" | "procent" | "prozent" => Unit::Percent,
            "pp" | "procentpunt" | "procentpunten" | "prozentpunkte" | "prozentpunkten" => {
                Unit::PercentagePoints
            }
            "thousand" | "thousands" | "mille" | "milliers" | "duizend" | "duizenden"
            | "tausend" | "tsd" => {
                multipliers.push(3);
                continue;
            }
            "million" | "millions" | "miljoen" | "miljoenen" | "millionen" | "mio" | "mln"
            | "mn" | "m" => {
                multipliers.push(6);
                continue;
            }
            "milliard" | "milliards" | "miljard" | "miljarden" | "milliarde" | "milliarden"
            | "mrd" | "mld" | "md" | "mds" | "bn" => {
                multipliers.push(9);
                continue;
            }
            "billion" | "billions" if english => {
                multipliers.push(9);
                continue;
            }
            "billion" | "billions" | "billionen" | "biljoen" | "biljoenen" => {
                return Err(UnitError::TwoReadings);
            }
            _ => return Err(UnitError::Unknown),
        };
        if unit.replace(named).is_some() {
            return Err(UnitError::Unknown);
        }
    }
    match (unit, multipliers.as_slice()) {
        (Some(unit), []) => Ok((unit, 0)),
        (Some(Unit::Euro), [multiplier]) => Ok((Unit::Euro, *multiplier)),
        // "Thousand million" is how English avoids the billion.
        (Some(Unit::Euro), [3, 6]) => Ok((Unit::Euro, 9)),
        _ => Err(UnitError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_money() {
        for (text, multiplier) in [
            ("en € millions", 6),
            ("en millions d'euros", 6),
            ("en millions de €", 6),
            ("in € miljoen", 6),
            ("in miljoenen euro", 6),
            ("in miljoenen euro's", 6),
            ("€ million", 6),
            ("eur million", 6),
            ("in millions of euros", 6),
            ("in mio. €", 6),
            ("in millionen euro", 6),
            ("mio. eur", 6),
            ("€m", 6),
            ("en milliards d'euros", 9),
            ("in miljard euro", 9),
            ("in mrd. €", 9),
            ("in milliarden euro", 9),
            ("€ bn", 9),
            ("thousand million euro", 9),
            ("en milliers d'euros", 3),
            ("in duizend euro", 3),
            ("in tausend €", 3),
            ("thousand euros", 3),
            ("€", 0),
            ("in euro", 0),
        ] {
            assert_eq!(parse(text, false), Ok((Unit::Euro, multiplier)), "{text}");
        }
    }

    #[test]
    fn percent_and_percentage_points() {
        for text in [
            "en %",
            "%",
            "in %",
            "per cent",
            "en pour cent",
            "in procent",
            "in prozent",
        ] {
            assert_eq!(parse(text, false), Ok((Unit::Percent, 0)), "{text}");
        }
        for text in [
            "en points de pourcentage",
            "percentage points",
            "in prozentpunkten",
        ] {
            assert_eq!(
                parse(text, false),
                Ok((Unit::PercentagePoints, 0)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_billion_is_read_in_english_alone() {
        assert_eq!(parse("€ billion", true), Ok((Unit::Euro, 9)));
        for text in [
            "€ billion",
            "en billions d'euros",
            "in biljoen euro",
            "in billionen euro",
        ] {
            assert_eq!(parse(text, false), Err(UnitError::TwoReadings), "{text}");
        }
    }

    #[test]
    fn what_is_no_unit() {
        for text in [
            "",
            "in",
            "millions",
            "in us-$ million",
            "gbp million",
            "€ %",
            "million million €",
            "million %",
            "€ trillion",
            "prix courants",
            "2015 = 100",
        ] {
            assert_eq!(parse(text, false), Err(UnitError::Unknown), "{text}");
        }
    }
}
