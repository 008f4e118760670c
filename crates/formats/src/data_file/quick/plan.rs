//! What the columns of lines are, and what a cell of them says whatever stands in the others.

use std::sync::Arc;

use regtrade_model::{
    Area, Code, Concept, ConfStatus, Dataflow, Item, Kind, ObsStatus, Period, Side,
};

use crate::{
    csv::{Line, Number},
    mapping::{
        Given, Mapping, Translated,
        codes::{LARGEST_UNIT_MULT, MOST_DECIMALS, is_item_of, is_known},
        target::Target,
    },
    sdmx::csv::{self, Reader},
};

use super::super::{cells::parse_period, take::Taker};

/// What lines of one structure are read by.
pub(super) struct Plan {
    mapping: Arc<Mapping>,
    /// What stands between cells.
    pub(super) mark: u8,
    pub(super) columns: Vec<Column>,
    /// What targets are that have no column.
    pub(super) constants: Vec<(Target, String)>,
    /// How often the structure had changed when the plan was made.
    pub(super) structures: u64,
}

/// What a column is.
pub(super) enum Column {
    /// Read over.
    Any,
    /// As in the line that the plan was made of: of which structure it is, and what is to be done with it.
    Same(Box<[u8]>),
    /// None that a line has something in.
    Empty,
    /// One that gives a target.
    Gives(Target, Gives),
}

/// What a column gives: the number of the component in the mapping, and where its ids stand.
pub(super) struct Gives {
    number: usize,
    column: csv::Column,
}

/// What a cell says.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// Nothing: it is empty, or what it says is the same in all lines.
    Nothing,
    Area(Area),
    Item(Item),
    Code(Code),
    Concept(Concept),
    Period(Period),
    Multiple(i32),
    /// Of a level: the multiple that the unit says.
    Unit(Option<i32>),
    Decimals(u32),
    Status(ObsStatus),
    Conf(ConfStatus),
}

impl Plan {
    /// The plan of lines like one that was just read; `None` where that was no observation of a whole data set, or what is
    /// asked of its columns is more than a plan can do.
    pub(super) fn of(line: Line<'_>, reader: &Reader<'_>, taker: &Taker<'_>) -> Option<Self> {
        let (mapping, columns) = taker.basis()?;
        let (header, mark) = (&reader.header, reader.mark());
        let structure = [
            header.structures.kind,
            Some(header.structures.id.at),
            header.action,
        ];
        let mut targets = vec![];
        let mut column = |(at, cell): (usize, &[u8])| {
            if structure.contains(&Some(at)) {
                return Some(Column::Same(cell.into()));
            }
            if at >= header.width.named {
                return Some(Column::Empty);
            }
            let mut components = header.components.iter().enumerate();
            let Some((component, column)) = components.find(|(_, column)| column.at == at) else {
                return Some(Column::Any);
            };
            let Some(number) = columns.number(component) else {
                return Some(Column::Empty);
            };
            let Some(given) = mapping.given(number) else {
                return Some(Column::Any);
            };
            let target = given.target;
            let is_simple = target.has_codes() || !given.has_skips();
            (is_simple && !targets.contains(&target)).then(|| targets.push(target))?;
            let column = *column;
            Some(Column::Gives(target, Gives { number, column }))
        };
        let text = text_of(line.bytes);
        let cells = text.split(|&byte| byte == mark).enumerate();
        let columns: Vec<_> = cells.map(&mut column).collect::<Option<_>>()?;
        let constants = mapping.constants.iter();
        let plan = Self {
            mapping: Arc::clone(mapping),
            mark,
            columns,
            constants: constants
                .filter(|(target, _)| !targets.contains(target))
                .map(|(target, text)| (*target, text.clone()))
                .collect(),
            structures: reader.structures(),
        };
        let is_sound = |(target, text): &(Target, String)| {
            let is_looked_up = matches!(target, Target::Product | Target::Unit);
            is_looked_up || plan.constant(*target, None, text).is_some()
        };
        plan.constants.iter().all(is_sound).then_some(plan)
    }

    /// Our dataflow.
    pub(super) fn dataflow(&self) -> Dataflow {
        self.mapping.dataflow
    }

    /// Whether a target has a column.
    pub(super) fn has_column(&self, target: Target) -> bool {
        let is = |column: &Column| matches!(column, Column::Gives(of, _) if *of == target);
        self.columns.iter().any(is)
    }

    /// What a cell says of a target, of a product with the kind of the item that it is of; `None` where that is doubtful.
    pub(super) fn cell(
        &self,
        target: Target,
        gives: &Gives,
        kind: Option<Kind>,
        cell: &[u8],
    ) -> Option<Meaning> {
        let given = self.mapping.given(gives.number)?;
        let text = gives.text(cell)?;
        if text.is_empty() {
            let is_needed = target.is_dimension() || target == Target::Unit && given.needs_unit();
            return (!is_needed).then_some(Meaning::Nothing);
        }
        if self.mapping.has_skips && given.skips(text) {
            return None;
        }
        if target == Target::Unit {
            return unit(given, text);
        }
        match given.translate(self.dataflow(), text) {
            Translated::Code(ours) => self.constant(target, kind, ours),
            Translated::Skip | Translated::Unknown => None,
        }
    }

    /// What a text in our codes says of a target.
    pub(super) fn constant(
        &self,
        target: Target,
        kind: Option<Kind>,
        ours: &str,
    ) -> Option<Meaning> {
        let dataflow = self.dataflow();
        let number = |most: u32| {
            let digits = ours.bytes().all(|byte| byte.is_ascii_digit());
            let number = ours.parse().ok().filter(|number| *number <= most);
            number.filter(|_| digits)
        };
        let is_known = || is_known(dataflow, target, kind, ours).then_some(());
        let meaning = match target {
            // It stands for any code.
            _ if ours == "*" => return None,
            Target::Freq => (ours == dataflow.frequency()).then_some(Meaning::Nothing)?,
            Target::RefArea => Meaning::Area(is_known().and_then(|()| ours.parse().ok())?),
            Target::Item => {
                let item: Item = ours.parse().ok()?;
                (item.side() != Side::Net && is_item_of(dataflow, item)).then_some(())?;
                Meaning::Item(item)
            }
            Target::Activity | Target::Product | Target::CounterpartArea => {
                Meaning::Code(is_known().and_then(|()| ours.parse().ok())?)
            }
            Target::Concept => Meaning::Concept(ours.parse().ok()?),
            Target::TimePeriod => {
                let period = parse_period(ours).ok()?;
                (period.frequency() == dataflow.frequency()).then_some(Meaning::Period(period))?
            }
            Target::UnitMult => Meaning::Multiple(i32::try_from(number(LARGEST_UNIT_MULT)?).ok()?),
            Target::Decimals => Meaning::Decimals(number(MOST_DECIMALS)?),
            Target::ObsStatus => Meaning::Status(ours.parse().ok()?),
            Target::ConfStatus => Meaning::Conf(ours.parse().ok()?),
            Target::ObsValue | Target::Unit => return None,
        };
        Some(meaning)
    }
}

impl Gives {
    /// The id that stands in a cell.
    pub(super) fn text<'c>(&self, cell: &'c [u8]) -> Option<&'c str> {
        let text = std::str::from_utf8(cell).ok()?;
        Some(self.column.id(text.trim()))
    }

    /// The number that stands in a cell; `Some(None)` where that is empty.
    pub(super) fn number(&self, cell: &[u8]) -> Option<Option<Number>> {
        match self.text(cell)? {
            "" => Some(None),
            text => Number::parse(text).ok().map(Some),
        }
    }
}

fn unit(given: &Given, text: &str) -> Option<Meaning> {
    let unit = given.units.get(text)?;
    let is_level = unit.indicator == regtrade_model::Indicator::Level;
    is_level.then_some(Meaning::Unit(unit.unit_mult))
}

/// Whether bytes are text without control characters.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_odd = |byte: u8| byte < 0x20 && byte != b'\t' || byte == 0x7f;
    let odd = bytes.iter().fold(false, |odd, &byte| odd | is_odd(byte));
    !odd && (bytes.is_ascii() || std::str::from_utf8(bytes).is_ok())
}

/// Whether lines are ASCII without control characters but tabulators and ends of lines, so that each of them is text.
pub(super) fn are_plain(lines: &[u8]) -> bool {
    let is_odd = |byte: u8| byte < 0x20 && byte != b'\t' && byte != b'\n' || byte >= 0x7f;
    let odd = lines.iter().fold(false, |odd, &byte| odd | is_odd(byte));
    !odd
}

/// A line without its end.
pub(super) fn text_of(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
