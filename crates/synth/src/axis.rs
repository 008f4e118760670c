//! The codes of a dimension in the order of their text, which is the order of keys.

use regtrade_model::Code;

/// Codes, each once, sorted; a code is named by its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Axis(Vec<Code>);

impl Axis {
    pub(crate) fn new(mut codes: Vec<Code>) -> Self {
        codes.sort();
        codes.dedup();
        Self(codes)
    }

    pub(crate) fn place(&self, code: &str) -> Option<usize> {
        self.0.binary_search_by(|own| own.as_str().cmp(code)).ok()
    }

    pub(crate) fn code(&self, place: usize) -> Option<&Code> {
        self.0.get(place)
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }
}
