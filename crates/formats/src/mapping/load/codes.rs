//! The codes of a component: what each of them is, said once.

use std::collections::{BTreeMap, HashMap};

use regtrade_model::Dataflow;

use super::{
    super::{Meaning, codes as lists, concordance, target::Target},
    Loader,
    text::Place,
};
use crate::Rule;

/// The codes of a component, as far as they were read.
pub(super) struct Codes {
    target: Option<Target>,
    dataflow: Option<Dataflow>,
    meanings: HashMap<String, Meaning>,
    /// The first code of each target.
    first: BTreeMap<String, String>,
}

impl Codes {
    pub(super) fn new(target: Option<Target>, dataflow: Option<Dataflow>) -> Self {
        Self {
            target,
            dataflow,
            meanings: HashMap::new(),
            first: BTreeMap::new(),
        }
    }

    pub(super) fn finish(self) -> HashMap<String, Meaning> {
        self.meanings
    }

    pub(super) fn has_skips(&self) -> bool {
        self.meanings
            .values()
            .any(|meaning| *meaning == Meaning::Skip)
    }

    /// Reports a code that was said already.
    pub(super) fn check_once(&self, loader: &mut Loader<'_>, code: &str, place: Place) -> bool {
        let is_new = !self.meanings.contains_key(code);
        if !is_new {
            let explanation = format!("the code ‘{code}’ is given twice; take one out");
            loader.report(place, Rule::MappingCodeTwice, code, explanation);
        }
        is_new
    }

    pub(super) fn skip(&mut self, loader: &mut Loader<'_>, code: &str, place: Place) {
        if self.check_once(loader, code, place) {
            self.meanings.insert(code.to_owned(), Meaning::Skip);
        }
    }

    /// A code, and what it is of ours.
    pub(super) fn add(
        &mut self,
        loader: &mut Loader<'_>,
        code: &str,
        ours: &str,
        is_synonym: bool,
        place: Place,
    ) {
        if !self.check_once(loader, code, place) {
            return;
        }
        self.meanings
            .insert(code.to_owned(), Meaning::Code(ours.to_owned()));
        let (Some(target), Some(dataflow)) = (self.target, self.dataflow) else {
            return;
        };
        if !target.has_codes() || target == Target::Unit {
            let explanation = format!(
                "{} has no codes that others could be mapped to",
                target.id()
            );
            loader.report(place, Rule::MappingMalformed, code, explanation);
        } else if !lists::is_known(dataflow, target, None, ours) {
            loader.report_code(place, ours, target, dataflow);
        } else if !is_synonym && target.is_dimension() {
            if let Some(first) = self.first.get(ours) {
                let explanation = format!(
                    "‘{first}’ and ‘{code}’ are both {ours}: a file that has both says one thing twice; call one of them a synonym if that is meant"
                );
                loader.report(place, Rule::MappingTwoToOne, code, explanation);
            } else {
                self.first.insert(ours.to_owned(), code.to_owned());
            }
        }
    }

    /// All codes of a concordance that is shipped.
    pub(super) fn concordance(&mut self, loader: &mut Loader<'_>, name: &str, place: Place) {
        let Some(pairs) = concordance::concordance(name) else {
            let explanation = format!(
                "there is no concordance ‘{name}’; there is {}",
                concordance::NAMES
            );
            loader.report(place, Rule::MappingKeyUnknown, name, explanation);
            return;
        };
        for pair in pairs {
            self.add(loader, &pair.code, &pair.ours, pair.is_synonym, place);
        }
    }

    /// All codes of ours that a pattern chooses: `2* = BE2*` makes 21 of BE21.
    pub(super) fn pattern(
        &mut self,
        loader: &mut Loader<'_>,
        pattern: &str,
        ours: &str,
        place: Place,
    ) {
        let start = |text: &str| {
            let start = text.strip_suffix('*')?;
            (!start.contains('*')).then(|| start.to_owned())
        };
        let (Some(theirs), Some(start)) = (start(pattern), start(ours)) else {
            let explanation = format!(
                "‘{pattern}’ and ‘{ours}’ are no pattern; both end in *, which stands for the same rest of the code"
            );
            loader.report(place, Rule::MappingMalformed, pattern, explanation);
            return;
        };
        let Some(target) = self.target else { return };
        let chosen = lists::starting_with(target, &start);
        if chosen.is_empty() {
            let explanation = format!("no code of {} starts with ‘{start}’", target.id());
            loader.report(place, Rule::MappingCodeUnknown, ours, explanation);
        }
        for code in chosen {
            let rest = code.get(start.len()..).unwrap_or_default();
            // A code that is named of its own goes before the pattern.
            let theirs = format!("{theirs}{rest}");
            if !rest.is_empty() && !self.meanings.contains_key(&theirs) {
                self.add(loader, &theirs, code, false, place);
            }
        }
    }
}
