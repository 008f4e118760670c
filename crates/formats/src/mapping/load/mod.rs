//! From TOML to a mapping, or to all that is wrong with it.

mod codes;
mod text;

use std::collections::{BTreeMap, HashMap};

use regtrade_model::Dataflow;
use toml::de::DeValue;

use super::{
    Given, InvalidMapping, Mapping, Others, Role, StructurePattern, Unit, codes as lists,
    target::Target,
};
use crate::{Rule, issue::Issues};
use codes::Codes;
use text::{Entry, Place, Text};

/// The largest mapping, in bytes.
const MAXIMUM_BYTES: usize = 4 << 20;

/// Reads a mapping.
pub(super) fn load(name: &str, toml: &str) -> Result<Mapping, InvalidMapping> {
    let mut loader = Loader {
        text: Text::new(toml),
        issues: Issues::default(),
        has_skips: false,
    };
    let mapping = loader.mapping(toml);
    match (mapping, loader.issues) {
        (Some(mapping), issues) if issues.is_empty() => Ok(mapping),
        (_, issues) => Err(InvalidMapping {
            name: name.to_owned(),
            issues: issues.finish().0,
        }),
    }
}

struct Loader<'t> {
    text: Text<'t>,
    issues: Issues,
    has_skips: bool,
}

impl<'t> Loader<'t> {
    fn report(&mut self, place: Place, rule: Rule, found: &str, explanation: String) {
        let at = self.text.position(place);
        self.issues.report(at, rule, found, || explanation);
    }

    fn mapping(&mut self, toml: &'t str) -> Option<Mapping> {
        if toml.len() > MAXIMUM_BYTES {
            let explanation = format!("a mapping has at most {MAXIMUM_BYTES} bytes");
            self.report(0, Rule::FileTooLarge, "", explanation);
            return None;
        }
        let (root, errors) = toml::de::DeTable::parse_recoverable(toml);
        for error in &errors {
            let place = error.span().map_or(0, |span| span.start);
            let explanation = format!("the mapping is no TOML here: {}", error.message());
            self.report(place, Rule::MappingMalformed, "", explanation);
        }
        let root = text::entries(root.get_ref());
        let known = [
            "structures",
            "dataflow",
            "ignore",
            "constants",
            "components",
        ];
        self.check_keys(&root, &known);
        let dataflow = self.dataflow(&root);
        let structures = self.structures(&root);
        let mut components = BTreeMap::new();
        for ignored in self.list(&root, "ignore") {
            components.insert(ignored.key.to_owned(), Role::Ignored);
        }
        let constants = self.constants(&root, dataflow);
        let listed = root.iter().find(|entry| entry.key == "components");
        for entry in self.table(listed) {
            if let Some(given) = self.component(&entry, dataflow) {
                let before = components.insert(entry.key.to_owned(), Role::Gives(given));
                if before.is_some() {
                    let explanation = format!("{} is ignored already; take one out", entry.key);
                    self.report(entry.place, Rule::MappingCodeTwice, entry.key, explanation);
                }
            }
        }
        let mapping = Mapping {
            structures,
            dataflow: dataflow?,
            components: components.into_iter().collect(),
            constants,
            has_skips: self.has_skips,
        };
        self.check_targets(&mapping, listed.map_or(0, |entry| entry.place));
        Some(mapping)
    }

    /// That every target that each observation has comes from somewhere.
    fn check_targets(&mut self, mapping: &Mapping, place: Place) {
        let needed = |target: &Target| {
            (target.is_dimension() && target.is_of(mapping.dataflow)) || *target == Target::ObsValue
        };
        for &target in Target::ALL.iter().filter(|target| needed(target)) {
            if !mapping.is_given(target) && !mapping.constants.contains_key(&target) {
                let explanation = format!(
                    "no component gives {}, and it has no constant; add `COMPONENT = \"{}\"` under [components]",
                    target.id(),
                    target.id()
                );
                self.report(place, Rule::MappingMissing, "", explanation);
            }
        }
    }

    fn dataflow(&mut self, root: &[Entry<'_>]) -> Option<Dataflow> {
        let Some(entry) = root.iter().find(|entry| entry.key == "dataflow") else {
            let explanation = "the mapping does not say of which dataflow of ours it is; write dataflow = \"REGTRD\" or \"EXTTRADE\"".to_owned();
            self.report(0, Rule::MappingMissing, "", explanation);
            return None;
        };
        let text = self.string(entry)?;
        let read = text.parse();
        if let Err(error) = &read {
            let explanation = format!("dataflow {error}");
            self.report(entry.value_place, Rule::MappingMalformed, text, explanation);
        }
        read.ok()
    }

    fn structures(&mut self, root: &[Entry<'_>]) -> Vec<StructurePattern> {
        let listed = self.list(root, "structures");
        if listed.is_empty() {
            let explanation = "the mapping does not say which structures it is of; write structures = [\"AGENCY:ID(VERSION)\"]".to_owned();
            self.report(0, Rule::MappingMissing, "", explanation);
        }
        let mut structures = vec![];
        for entry in listed {
            let read = || {
                let (agency, rest) = entry.key.split_once(':')?;
                let (id, version) = rest.strip_suffix(')')?.split_once('(')?;
                let is_name = |text: &str| !text.is_empty() && !text.contains([' ', ':', '(', ')']);
                let wild = |text: &str| text == "*" || (is_name(text) && !text.contains('*'));
                (wild(agency) && is_name(id) && !id.contains('*') && wild(version)).then(|| {
                    StructurePattern {
                        agency: agency.to_owned(),
                        id: id.to_owned(),
                        version: version.to_owned(),
                    }
                })
            };
            match read() {
                Some(pattern) if structures.contains(&pattern) => {
                    let explanation = format!("{} is listed already; take one out", entry.key);
                    self.report(entry.place, Rule::MappingCodeTwice, entry.key, explanation);
                }
                Some(pattern) => structures.push(pattern),
                None => {
                    let explanation = format!(
                        "‘{}’ is no structure; write AGENCY:ID(VERSION), with * for any agency or version",
                        entry.key
                    );
                    self.report(entry.place, Rule::MappingMalformed, entry.key, explanation);
                }
            }
        }
        structures
    }

    fn constants(
        &mut self,
        root: &[Entry<'_>],
        dataflow: Option<Dataflow>,
    ) -> BTreeMap<Target, String> {
        let listed = root.iter().find(|entry| entry.key == "constants");
        let mut constants = BTreeMap::new();
        for entry in self.table(listed) {
            let (Some(target), Some(code)) = (
                self.target(entry.key, entry.place, dataflow),
                self.string(&entry),
            ) else {
                continue;
            };
            let is_period =
                target == Target::TimePeriod && code.parse::<regtrade_model::Period>().is_ok();
            if let Some(dataflow) = dataflow
                && !is_period
                && !lists::is_known(dataflow, target, None, code)
            {
                self.report_code(entry.value_place, code, target, dataflow);
            }
            constants.insert(target, code.to_owned());
        }
        constants
    }

    /// What a component is, of which the entry says it in one word or in a table.
    fn component(&mut self, entry: &Entry<'_>, dataflow: Option<Dataflow>) -> Option<Given> {
        if let DeValue::String(target) = entry.value {
            return Some(Given {
                target: self.target(target, entry.value_place, dataflow)?,
                codes: HashMap::new(),
                others: Others::Ours,
                units: BTreeMap::new(),
            });
        }
        let fields = self.table(Some(entry));
        let field = |name: &str| fields.iter().find(|field| field.key == name);
        let known = [
            "gives",
            "codes",
            "synonyms",
            "patterns",
            "concordance",
            "skip",
            "others",
            "units",
        ];
        self.check_keys(&fields, &known);
        let target = match field("gives") {
            Some(gives) => {
                let text = self.string(gives)?;
                self.target(text, gives.value_place, dataflow)
            }
            None => {
                let explanation = format!(
                    "{} does not say what it gives; add gives = \"REF_AREA\" or another component of ours, or list it in `ignore`",
                    entry.key
                );
                self.report(entry.place, Rule::MappingMissing, entry.key, explanation);
                None
            }
        };
        let mut codes = Codes::new(target, dataflow);
        for (name, is_synonym) in [("codes", false), ("synonyms", true)] {
            for pair in self.table(field(name)) {
                if let Some(ours) = self.string(&pair) {
                    codes.add(self, pair.key, ours, is_synonym, pair.place);
                }
            }
        }
        if let Some(named) = field("concordance") {
            let name = self.string(named)?;
            codes.concordance(self, name, named.value_place);
        }
        for pattern in self.table(field("patterns")) {
            if let Some(ours) = self.string(&pattern) {
                codes.pattern(self, pattern.key, ours, pattern.place);
            }
        }
        for skipped in self.list(&fields, "skip") {
            codes.skip(self, skipped.key, skipped.place);
        }
        let units = self.units(field("units"), target, entry);
        for (code, place) in &units.places {
            codes.check_once(self, code, *place);
        }
        let others = self.others(field("others"));
        self.has_skips |= codes.has_skips() || others == Others::Skip;
        Some(Given {
            target: target?,
            codes: codes.finish(),
            others,
            units: units.units,
        })
    }

    fn others(&mut self, field: Option<&Entry<'_>>) -> Others {
        let Some(field) = field else {
            return Others::Refuse;
        };
        match self.string(field) {
            Some("same") => Others::Same,
            Some("skip") => Others::Skip,
            Some("refuse") | None => Others::Refuse,
            Some(other) => {
                let explanation = format!(
                    "‘{other}’ is nothing that becomes of other codes; write same, skip or refuse"
                );
                self.report(
                    field.value_place,
                    Rule::MappingMalformed,
                    other,
                    explanation,
                );
                Others::Refuse
            }
        }
    }

    fn units<'f>(
        &mut self,
        field: Option<&Entry<'f>>,
        target: Option<Target>,
        component: &Entry<'_>,
    ) -> Units<'f> {
        let mut units = Units::default();
        match (field, target) {
            (Some(field), Some(target)) if target != Target::Unit => {
                let explanation = format!(
                    "units are of a component that gives UNIT, and {} gives {}",
                    component.key,
                    target.id()
                );
                self.report(field.place, Rule::MappingMalformed, "", explanation);
            }
            (None, Some(Target::Unit)) => {
                let explanation = format!(
                    "{} gives UNIT and has no units; add a table `units`",
                    component.key
                );
                self.report(component.place, Rule::MappingMissing, "", explanation);
            }
            _ => {}
        }
        for entry in self.table(field) {
            let fields = self.table(Some(&entry));
            self.check_keys(&fields, &["indicator", "unit_mult"]);
            let indicator = match fields.iter().find(|field| field.key == "indicator") {
                Some(field) => self.indicator(field),
                None => {
                    let explanation = format!(
                        "the unit {} does not say what its figures are; add indicator = \"level\", \"growth\" or another",
                        entry.key
                    );
                    self.report(entry.place, Rule::MappingMissing, entry.key, explanation);
                    None
                }
            };
            let multiple = fields.iter().find(|field| field.key == "unit_mult");
            let unit_mult = multiple.and_then(|field| self.unit_mult(field, indicator));
            if let Some(indicator) = indicator {
                let unit = Unit {
                    indicator,
                    unit_mult,
                };
                units.units.insert(entry.key.to_owned(), unit);
            }
            units.places.push((entry.key, entry.place));
        }
        units
    }

    fn report_code(&mut self, place: Place, code: &str, target: Target, dataflow: Dataflow) {
        let explanation = format!("‘{code}’ is not {}", lists::described(target, dataflow));
        self.report(place, Rule::MappingCodeUnknown, code, explanation);
    }
}

/// The units of a component, and where each stands.
#[derive(Default)]
struct Units<'f> {
    units: BTreeMap<String, Unit>,
    places: Vec<(&'f str, Place)>,
}
