//! The values of a TOML document as the loader asks for them, each with the place where it stands.

use regtrade_model::{Dataflow, Indicator};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{super::target::Target, Loader, lists};
use crate::Rule;

/// A byte of the document.
pub(super) type Place = usize;

/// The document, to find lines in.
pub(super) struct Text<'t>(&'t str);

impl<'t> Text<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self(text)
    }

    /// Line and character of a place, from 1.
    pub(super) fn position(&self, place: Place) -> (u32, u32) {
        crate::text::position(self.0.as_bytes(), place)
    }
}

/// A key with its value, or an item of a list, which is its own key.
#[derive(Clone, Copy)]
pub(super) struct Entry<'t> {
    pub(super) key: &'t str,
    pub(super) place: Place,
    pub(super) value: &'t DeValue<'t>,
    pub(super) value_place: Place,
}

/// The entries of a table, in the order in which they stand.
pub(super) fn entries<'t>(table: &'t DeTable<'t>) -> Vec<Entry<'t>> {
    let entry = |(key, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
        let key: &'t Spanned<std::borrow::Cow<'t, str>> = key;
        Entry {
            key: key.get_ref(),
            place: key.span().start,
            value: value.get_ref(),
            value_place: value.span().start,
        }
    };
    let mut entries: Vec<_> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.place);
    entries
}

impl Loader<'_> {
    fn report_kind(&mut self, entry: &Entry<'_>, kind: &str) {
        let explanation = format!(
            "{} is a {} and has to be {kind}",
            entry.key,
            entry.value.type_str()
        );
        self.report(
            entry.value_place,
            Rule::MappingMalformed,
            entry.key,
            explanation,
        );
    }

    /// The entries of a table; none where there is no such key.
    pub(super) fn table<'e>(&mut self, entry: Option<&Entry<'e>>) -> Vec<Entry<'e>> {
        match entry.map(|entry| (entry, entry.value)) {
            None => vec![],
            Some((_, DeValue::Table(table))) => entries(table),
            Some((entry, _)) => {
                self.report_kind(entry, "a table");
                vec![]
            }
        }
    }

    /// The texts of a list; none where there is no such key.
    pub(super) fn list<'e>(&mut self, fields: &[Entry<'e>], name: &str) -> Vec<Entry<'e>> {
        let Some(field) = fields.iter().find(|field| field.key == name) else {
            return vec![];
        };
        let DeValue::Array(items) = field.value else {
            self.report_kind(field, "a list of texts");
            return vec![];
        };
        let mut list = vec![];
        for item in items.iter() {
            let place = item.span().start;
            let entry = Entry {
                key: field.key,
                place,
                value: item.get_ref(),
                value_place: place,
            };
            match item.get_ref() {
                DeValue::String(text) => list.push(Entry { key: text, ..entry }),
                _ => self.report_kind(&entry, "a list of texts"),
            }
        }
        list
    }

    pub(super) fn string<'e>(&mut self, entry: &Entry<'e>) -> Option<&'e str> {
        let text = entry.value.as_str();
        if text.is_none() {
            self.report_kind(entry, "a text in quotation marks");
        }
        text
    }

    /// Reports the keys of a table that are none.
    pub(super) fn check_keys(&mut self, fields: &[Entry<'_>], known: &[&str]) {
        for field in fields.iter().filter(|field| !known.contains(&field.key)) {
            let explanation = format!(
                "‘{}’ is nothing that can be said here; there is {}",
                field.key,
                known.join(", ")
            );
            self.report(field.place, Rule::MappingKeyUnknown, field.key, explanation);
        }
    }

    /// A component of ours.
    pub(super) fn target(
        &mut self,
        text: &str,
        place: Place,
        dataflow: Option<Dataflow>,
    ) -> Option<Target> {
        let is_of = |target: &Target| dataflow.is_none_or(|dataflow| target.is_of(dataflow));
        let target = Target::of(text).filter(is_of);
        if target.is_none() {
            let known: Vec<_> = Target::ALL
                .iter()
                .copied()
                .filter(|target| is_of(target))
                .collect();
            let known: Vec<_> = known.into_iter().map(Target::id).collect();
            let explanation = format!(
                "‘{text}’ is no component of our dataflow, which has {}",
                known.join(", ")
            );
            self.report(place, Rule::MappingKeyUnknown, text, explanation);
        }
        target
    }

    pub(super) fn indicator(&mut self, field: &Entry<'_>) -> Option<Indicator> {
        const KNOWN: [Indicator; 5] = [
            Indicator::Level,
            Indicator::ShareOfCountry,
            Indicator::ShareOfTotal,
            Indicator::Growth,
            Indicator::Coverage,
        ];
        let text = self.string(field)?;
        let known = KNOWN.into_iter().find(|known| known.as_str() == text);
        if known.is_none() {
            let words: Vec<_> = KNOWN.iter().map(|known| known.as_str()).collect();
            let explanation = format!(
                "‘{text}’ is no indicator of a unit; write {}, or list the unit in `skip`",
                words.join(", ")
            );
            self.report(
                field.value_place,
                Rule::MappingCodeUnknown,
                text,
                explanation,
            );
        }
        known
    }

    pub(super) fn unit_mult(
        &mut self,
        field: &Entry<'_>,
        indicator: Option<Indicator>,
    ) -> Option<i32> {
        let number = field.value.as_integer().map(|number| number.as_str());
        let number = number.and_then(|number| number.parse::<u32>().ok());
        let is_level = indicator.is_none_or(|indicator| indicator == Indicator::Level);
        match number.filter(|number| *number <= lists::LARGEST_UNIT_MULT) {
            Some(number) if is_level => i32::try_from(number).ok(),
            Some(_) => {
                let explanation =
                    "unit_mult is of levels, which are in euro; take it out".to_owned();
                self.report(field.place, Rule::MappingMalformed, "", explanation);
                None
            }
            None => {
                let explanation = format!(
                    "unit_mult is a whole number from 0 to {}: 6 for millions of euro",
                    lists::LARGEST_UNIT_MULT
                );
                self.report(field.value_place, Rule::MappingMalformed, "", explanation);
                None
            }
        }
    }
}
