//! What keys and values stand for: most of them are indices of values that the structure lists.

use super::{
    observations::Reader,
    structure::{Component, Values},
    tokens::Scalar,
};
use crate::{
    Rule,
    issue::{Issues, shown},
    sdmx::levels::{Level, Position},
};

impl Reader<'_, '_, '_> {
    /// Adds the dimensions of a key, which has an index for each, parted by colons. With `is_partial`, some can be left empty.
    pub(super) fn key(
        &mut self,
        level: &mut Level,
        dimensions: &[&Component],
        key: &str,
        at: Position,
        is_partial: bool,
        issues: &mut Issues,
    ) {
        let parts = key.split(':').count();
        if parts != dimensions.len() && !(dimensions.is_empty() && key.is_empty()) {
            issues.report(at, Rule::IndexMalformed, key, || {
                format!(
                    "the key ‘{}’ has {parts} parts, and there are {} dimensions; give the index of the value of each",
                    shown(key),
                    dimensions.len()
                )
            });
            return;
        }
        for (dimension, part) in dimensions.iter().zip(key.split(':')) {
            if part.is_empty() && is_partial {
                continue;
            }
            let values = dimension.values.as_deref().unwrap_or_default();
            if let Some(value) = indexed(values, part, &dimension.id, at, issues) {
                self.rows.hold(level, &dimension.id, value, at, issues);
            }
        }
    }

    /// Adds the attributes of a level.
    pub(super) fn attributes(
        &mut self,
        level: &mut Level,
        components: &[Component],
        values: &Values,
        issues: &mut Issues,
    ) {
        for (number, (value, at)) in values.iter().enumerate() {
            match components.get(number) {
                Some(component) => self.value(level, component, value, *at, issues),
                None => self.annotation(value, *at, issues),
            }
        }
    }

    /// Adds the value of a measure or an attribute: the one of its index, or the value itself.
    pub(super) fn value(
        &mut self,
        level: &mut Level,
        component: &Component,
        value: &Scalar,
        at: Position,
        issues: &mut Issues,
    ) {
        let id = &component.id;
        let text = match (value, &component.values) {
            (Scalar::Null, _) => return,
            (Scalar::Nested, _) => {
                issues.report(at, Rule::ValueSeveral, "", || {
                    format!(
                        "{} has several values or translations; give one value",
                        shown(id)
                    )
                });
                return;
            }
            (Scalar::Text(text) | Scalar::Number(text), None) => text,
            (Scalar::Number(index), Some(values)) => match indexed(values, index, id, at, issues) {
                Some(value) => value,
                None => return,
            },
            (Scalar::Text(text), Some(_)) => {
                issues.report(at, Rule::IndexMalformed, text, || {
                    format!(
                        "‘{}’ is a text, and {} has a list of values; write the index of the value there",
                        shown(text),
                        shown(id)
                    )
                });
                return;
            }
        };
        self.rows.hold(level, id, text, at, issues);
    }

    /// Checks what stands behind the last attribute: the index of an annotation, of which nothing is kept.
    pub(super) fn annotation(&self, value: &Scalar, at: Position, issues: &mut Issues) {
        let index = match value {
            Scalar::Null => return,
            Scalar::Number(index) => index.parse().ok(),
            Scalar::Text(_) | Scalar::Nested => None,
        };
        if index.is_none_or(|index: usize| index >= self.structure.annotations) {
            issues.report(at, Rule::IndexMalformed, "", || {
                "the value is of no measure or attribute of the structure, nor the index of an annotation; is an attribute missing in the structure?".to_owned()
            });
        }
    }
}

/// The value of an index. Where there is none, it is reported.
fn indexed<'v>(
    values: &'v [Option<String>],
    index: &str,
    id: &str,
    at: Position,
    issues: &mut Issues,
) -> Option<&'v str> {
    let is_number = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    let number = index.parse().ok().filter(|_| is_number);
    match number.and_then(|number: usize| values.get(number)) {
        Some(Some(value)) => Some(value),
        Some(None) => {
            issues.report(at, Rule::ValueSeveral, index, || {
                format!(
                    "the value {} of {} has no id and no single text; give it one",
                    shown(index),
                    shown(id)
                )
            });
            None
        }
        None => {
            issues.report(at, Rule::IndexMalformed, index, || {
                format!(
                    "‘{}’ is no index of {}, which has {} values in the structure; the first has the index 0",
                    shown(index),
                    shown(id),
                    values.len()
                )
            });
            None
        }
    }
}
