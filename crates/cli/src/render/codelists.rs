//! Codelists, and the codes of one as a tree: with labels, and with what a vintage has of each.

use std::collections::HashMap;

use regtrade_model::{Language, Release};
use regtrade_proto::v1::{self, ReleaseState};
use serde_json::{Value, json};

use super::{analysis_words::AnalysisWords, csv, json, table};
use crate::exit::Exit;

const LIST_COLUMNS: [&str; 4] = ["codelist", "version", "codes", "name"];
const CODE_COLUMNS: [&str; 9] = [
    "codelist",
    "code",
    "parent",
    "level",
    "label",
    "memo",
    "observations",
    "first_period",
    "last_period",
];

/// The codes of a list.
pub struct Codes {
    /// The list.
    pub list: v1::Codelist,
    /// Parents before their children.
    pub codes: Vec<v1::CodelistCode>,
    /// The release that availability is told of.
    pub release: Option<(Release, ReleaseState)>,
}

fn text(label: Option<&v1::Label>, language: Language) -> &str {
    label.map_or("", |label| match language {
        Language::Fr => &label.fr,
        Language::Nl => &label.nl,
        Language::De => &label.de,
        Language::En => &label.en,
    })
}

fn each(label: Option<&v1::Label>) -> Value {
    let in_each = Language::ALL
        .iter()
        .map(|&language| (language.to_string(), json!(text(label, language))));
    in_each.collect::<serde_json::Map<_, _>>().into()
}

fn list(list: &v1::Codelist, language: Language) -> [String; 4] {
    [
        list.codelist.clone(),
        list.version.clone(),
        list.codes.to_string(),
        text(list.name.as_ref(), language).to_owned(),
    ]
}

/// The lists, a line each.
pub fn lists_table(lists: &[v1::Codelist], language: Language) -> String {
    table::plain(&LIST_COLUMNS, lists.iter().map(|one| list(one, language)))
}

/// The lists as csv.
///
/// # Errors
/// As of [`csv::write`].
pub fn lists_csv(lists: &[v1::Codelist], language: Language) -> Result<String, Exit> {
    let rows = lists.iter().map(|one| list(one, language));
    csv::write(Some(&LIST_COLUMNS), rows)
}

/// The lists as JSON, named in each language.
pub fn lists_json(lists: &[v1::Codelist]) -> String {
    json::text(&lists.iter().map(list_json).collect())
}

fn list_json(list: &v1::Codelist) -> Value {
    json!({
        "codelist": list.codelist,
        "version": list.version,
        "codes": list.codes,
        "name": each(list.name.as_ref()),
    })
}

/// The codes below each other, those of a code indented below it.
pub fn tree(codes: &Codes, language: Language) -> String {
    let words = AnalysisWords::of(language);
    let name = text(codes.list.name.as_ref(), language);
    let mut shown = table::bold(&format!("{} {name}", codes.list.codelist));
    shown.push('\n');
    let mut depths: HashMap<&str, usize> = HashMap::new();
    let mut rows = vec![];
    for code in &codes.codes {
        // Of a level alone the parents are not there: nothing is indented then.
        let depth = depths
            .get(code.parent.as_str())
            .map_or(0, |depth| depth + 1);
        depths.insert(&code.code, depth);
        let mut label = text(code.label.as_ref(), language).to_owned();
        if code.memo {
            label.push_str(&format!(" ({})", words.memo));
        }
        let members: Vec<String> = code.members.iter().map(member).collect();
        if !members.is_empty() {
            label.push_str(&format!(": {}", members.join(" ")));
        }
        let periods = match (code.first_period.as_str(), code.last_period.as_str()) {
            (first, last) if first == last => first.to_owned(),
            (first, last) => format!("{first} … {last}"),
        };
        let many = match code.observations {
            0 => String::new(),
            many => many.to_string(),
        };
        rows.push([
            format!("{}{}", "  ".repeat(depth), code.code),
            code.level.clone(),
            label,
            many,
            periods,
        ]);
    }
    let header = ["", "", "", words.observations, ""].map(str::to_owned);
    shown.push_str(&table::aligned(&header, rows, 3));
    if let Some((release, _)) = &codes.release {
        shown.push_str(&table::dim(&format!(
            "\n{}: {}\n",
            words.observations, release.id
        )));
    }
    shown
}

/// A member, with the years from and to which it is one.
fn member(member: &v1::Membership) -> String {
    match (member.from.as_str(), member.to.as_str()) {
        ("", "") => member.code.clone(),
        (from, to) => format!("{}({from}–{to})", member.code),
    }
}

/// The codes as csv, in one language.
///
/// # Errors
/// As of [`csv::write`].
pub fn text_csv(codes: &Codes, language: Language) -> Result<String, Exit> {
    let row = |code: &v1::CodelistCode| {
        [
            codes.list.codelist.clone(),
            code.code.clone(),
            code.parent.clone(),
            code.level.clone(),
            text(code.label.as_ref(), language).to_owned(),
            code.memo.to_string(),
            code.observations.to_string(),
            code.first_period.clone(),
            code.last_period.clone(),
        ]
    };
    csv::write(Some(&CODE_COLUMNS), codes.codes.iter().map(row))
}

/// The codes as JSON, in each language, with the members of groups.
pub fn text_json(codes: &Codes) -> String {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let code = |code: &v1::CodelistCode| {
        let members = code.members.iter().map(|member| {
            json!({
                "code": member.code,
                "from": optional(&member.from),
                "to": optional(&member.to),
            })
        });
        json!({
            "code": code.code,
            "parent": optional(&code.parent),
            "level": optional(&code.level),
            "label": each(code.label.as_ref()),
            "memo": code.memo,
            "members": members.collect::<Vec<_>>(),
            "observations": code.observations,
            "first_period": optional(&code.first_period),
            "last_period": optional(&code.last_period),
        })
    };
    let release = codes.release.as_ref();
    json::text(&json!({
        "codelist": list_json(&codes.list),
        "codes": codes.codes.iter().map(code).collect::<Vec<_>>(),
        "release": release.map(|(release, state)| json::release(release, *state)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str, parent: &str, observations: u64) -> v1::CodelistCode {
        let label = v1::Label {
            fr: format!("{code} en français"),
            en: format!("{code} in English"),
            ..Default::default()
        };
        v1::CodelistCode {
            code: code.into(),
            parent: parent.into(),
            level: "NUTS".into(),
            label: Some(label),
            memo: code == "BE_DG",
            observations,
            first_period: "2019".into(),
            last_period: "2024".into(),
            ..Default::default()
        }
    }

    fn sample() -> Codes {
        let mut euro = code("EA", "", 0);
        euro.members = vec![v1::Membership {
            code: "HR".into(),
            from: "2023".into(),
            to: String::new(),
        }];
        Codes {
            list: v1::Codelist {
                codelist: "CL_AREA".into(),
                ..Default::default()
            },
            codes: vec![
                code("BE", "", 7),
                code("BE3", "BE", 3),
                code("BE_DG", "BE3", 0),
                euro,
            ],
            release: None,
        }
    }

    #[test]
    fn a_code_stands_indented_below_its_parent_and_says_what_there_is_of_it() {
        let lines = tree(&sample(), Language::Fr);
        let line = |code: &str| {
            let found = lines
                .lines()
                .find(|line| line.trim_start().starts_with(code));
            found.unwrap_or_else(|| panic!("{lines}"))
        };
        assert!(line("BE ").starts_with("BE "));
        assert!(line("BE3").starts_with("  BE3 "));
        assert!(line("BE_DG").starts_with("    BE_DG "));
        assert!(line("BE_DG").contains("BE_DG en français (pour mémoire)"));
        assert!(line("BE3").ends_with("3  2019 … 2024"), "{}", line("BE3"));
        assert!(line("EA").contains("EA en français: HR(2023–)"));
    }

    #[test]
    fn csv_has_the_label_of_the_language_and_json_all_of_them() {
        let csv = text_csv(&sample(), Language::En).unwrap();
        assert!(
            csv.contains("\nCL_AREA,BE3,BE,NUTS,BE3 in English,false,3,2019,2024\n"),
            "{csv}"
        );
        let json: Value = serde_json::from_str(&text_json(&sample())).unwrap();
        assert_eq!(json["codes"][1]["label"]["fr"], "BE3 en français");
        assert_eq!(json["codes"][3]["members"][0]["from"], "2023");
        assert_eq!(json["codes"][0]["parent"], Value::Null);
    }
}
