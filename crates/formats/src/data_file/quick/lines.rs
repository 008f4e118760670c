//! Lines by a plan: what is the same as in the line before is not looked at again.

use std::{ops::Range, sync::Arc};

use regtrade_model::{
    Area, Code, CodedObservation, Concept, ConfStatus, Decimal, Indicator, Item, Kind, ObsStatus,
    Period,
};

use crate::{csv::Block, mapping::target::Target};

use super::{
    super::row::{default_status, is_of_missing},
    cells::{Cell, Known, Last, decimal, end_of},
    plan::{Column, Meaning, Plan, are_plain, is_text, text_of},
    stretches::Stretches,
};

/// The longest line that is read here, in bytes.
const LONGEST_LINE: usize = 4 << 10;

/// How many codes, and cells of a column, are remembered.
const MOST_KEPT: usize = 1 << 16;

/// Lines that are to be read: those of a block from a place on, of which the first has a number.
pub(super) struct Work {
    pub(super) block: Block,
    pub(super) at: usize,
    pub(super) number: u32,
    pub(super) plan: Arc<Plan>,
}

impl Work {
    /// All lines of a block.
    pub(super) fn all(block: Block, plan: Arc<Plan>) -> Self {
        Self {
            at: block.start,
            number: block.line,
            block,
            plan,
        }
    }
}

/// What lines say.
pub(super) struct Parsed {
    pub(super) work: Work,
    /// In the order of the lines, each with its number.
    pub(super) rows: Vec<(u32, CodedObservation)>,
    /// The codes of the rows: of activities, products and partners alike.
    pub(super) codes: Vec<Code>,
    pub(super) doubtful: Vec<Doubtful>,
}

/// A line that was not read.
pub(super) struct Doubtful {
    /// How many rows stand between it and the doubtful one before.
    pub(super) rows: usize,
    pub(super) at: usize,
    pub(super) line: u32,
}

/// What the columns said last, each of them.
#[derive(Default)]
struct Said {
    item: Option<Item>,
    area: Option<Area>,
    activity: Option<u32>,
    product: Option<u32>,
    partner: Option<u32>,
    concept: Option<Concept>,
    period: Option<Period>,
    of_unit: Option<i32>,
    unit_mult: Option<i32>,
    decimals: Option<u32>,
    status: Option<ObsStatus>,
    conf: Option<ConfStatus>,
}

/// What a cell says, its code by its number among those that are kept.
type Numbered = (u32, usize);

/// A column, as its lines have come so far.
struct Seen {
    last: Last,
    known: Known<usize>,
    /// How many lines of the block had not the cell of the line before.
    moves: usize,
}

/// Reads lines.
pub(super) struct Lines {
    pub(super) plan: Arc<Plan>,
    seen: Vec<Seen>,
    stretches: Stretches,
    /// Of a product that has no column.
    constant: Known<usize>,
    /// All that cells were found to say, and of a code the block that it came in last with its number there.
    meanings: Vec<(Meaning, Numbered)>,
    said: Said,
    /// The kind of the items that the product was looked up for.
    kind: Option<Kind>,
    blocks: usize,
    has_multiples: bool,
}

impl Lines {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let seen = plan.columns.iter().map(|_| Seen::new());
        Self {
            seen: seen.collect(),
            stretches: Stretches::default(),
            constant: Known::new(),
            meanings: vec![],
            said: Said::default(),
            kind: None,
            blocks: 0,
            has_multiples: plan.has_column(Target::UnitMult),
            plan,
        }
    }

    /// Reads lines, which are of the plan.
    pub(super) fn read(&mut self, work: Work) -> Parsed {
        let (mut at, mut number) = (work.at, work.number);
        let mut parsed = Parsed {
            rows: Vec::with_capacity((work.block.end - at) / 64),
            work,
            codes: vec![],
            doubtful: vec![],
        };
        // Once for all lines: threads that count who has it line by line wait for each other.
        let plan = Arc::clone(&self.plan);
        self.begin(&plan, &mut parsed.codes);
        let block = parsed.work.block.bytes.get(at..parsed.work.block.end);
        let are_plain = block.is_some_and(are_plain);
        let (mut lines, mut rows) = (0, 0);
        while let Some(line) = parsed.work.block.line(at, number) {
            let text = text_of(line.bytes);
            let end = at + text.len();
            let is_plain = (1..=LONGEST_LINE).contains(&text.len()) && (are_plain || is_text(text));
            let (bytes, codes) = (&parsed.work.block.bytes, &mut parsed.codes);
            let row = is_plain.then(|| self.line(&plan, bytes, at..end, codes));
            if let Some(row) = row.flatten() {
                parsed.rows.push((number, row));
            } else if !text.is_empty() {
                parsed.doubtful.push(Doubtful {
                    rows: parsed.rows.len() - rows,
                    at,
                    line: number,
                });
                rows = parsed.rows.len();
            }
            at += line.bytes.len();
            number = number.saturating_add(1);
            lines += 1;
        }
        let moves = self
            .seen
            .iter_mut()
            .map(|seen| std::mem::take(&mut seen.moves));
        self.stretches.plan(&plan.columns, moves, lines);
        parsed
    }

    /// Begins with lines whose codes are numbered anew.
    fn begin(&mut self, plan: &Plan, codes: &mut Vec<Code>) {
        self.blocks += 1;
        if self.meanings.len() > MOST_KEPT {
            self.meanings.clear();
            self.constant = Known::new();
            for seen in &mut self.seen {
                *seen = Seen::new();
            }
        }
        self.said = Said::default();
        self.kind = None;
        self.stretches.forget();
        for (column, seen) in plan.columns.iter().zip(&mut self.seen) {
            match column {
                Column::Same(text) => seen.last.keep(Cell::of(text)),
                Column::Empty => seen.last.keep(Cell::of(b"")),
                Column::Any | Column::Gives(..) => seen.last.forget(),
            }
        }
        for (target, text) in &plan.constants {
            // A product is looked up with the item that it is of.
            if *target != Target::Product
                && let Some(meaning) = plan.constant(*target, None, text)
            {
                let at = self.meanings.len();
                self.meanings.push((meaning, (0, 0)));
                self.say(*target, at, codes);
            }
        }
    }

    /// Reads a line; `None` where something in it is doubtful.
    fn line(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        Range { start: mut at, end }: Range<usize>,
        codes: &mut Vec<Code>,
    ) -> Option<CodedObservation> {
        let (mark, last) = (plan.mark, plan.columns.len() - 1);
        let mut value = None;
        let mut nth = 0;
        while let Some(column) = plan.columns.get(nth) {
            let is_last = nth == last;
            if let Some((stop, next)) = self.stretches.same(nth, bytes, at..end) {
                (at, nth) = (stop, next);
                continue;
            }
            let seen = self.seen.get_mut(nth)?;
            let is_end = |at: &usize| match is_last {
                true => *at == end,
                false => *at < end && bytes.get(*at) == Some(&mark),
            };
            if let Some(same) = seen.last.same(bytes, at).filter(is_end) {
                at = same + 1;
                nth += 1;
                self.stretches.end(nth, bytes, at.min(end));
                continue;
            }
            seen.moves += 1;
            let found = end_of(bytes, at, end, mark);
            let stop = match (is_last, found) {
                (false, Some(stop)) => stop,
                (true, None) => end,
                _ => return None,
            };
            let cell = Cell::at(bytes, at..stop)?;
            match column {
                Column::Any => {}
                Column::Same(_) | Column::Empty => return None,
                Column::Gives(Target::ObsValue, gives) => {
                    value = match decimal(cell.text) {
                        Some(value) => Some(value),
                        None => gives.number(cell.text)?.map(|number| number.value),
                    };
                }
                Column::Gives(Target::Product, _) => {
                    seen.last.keep(cell);
                    self.kind = None;
                }
                Column::Gives(target, gives) => {
                    let meanings = &mut self.meanings;
                    let found = seen.known.get(cell, 0, || {
                        let meaning = plan.cell(*target, gives, None, cell.text)?;
                        meanings.push((meaning, (0, 0)));
                        Some(meanings.len() - 1)
                    })?;
                    seen.last.keep(cell);
                    self.say(*target, found, codes);
                }
            }
            at = stop + 1;
            nth += 1;
            self.stretches.end(nth, bytes, at.min(end));
        }
        self.product(plan, codes)?;
        self.row(value)
    }

    /// Finds the product, where it or the kind of its item is another than in the line before.
    fn product(&mut self, plan: &Plan, codes: &mut Vec<Code>) -> Option<()> {
        let kind = self.said.item?.kind();
        if self.kind == Some(kind) {
            return Some(());
        }
        let mut columns = plan.columns.iter().zip(&mut self.seen);
        let column = columns.find_map(|(column, seen)| match column {
            Column::Gives(Target::Product, gives) => Some((gives, seen)),
            _ => None,
        });
        let meanings = &mut self.meanings;
        let found = match column {
            Some((gives, Seen { last, known, .. })) => {
                let cell = last.cell();
                known.get(cell, 1 + kind as u8, || {
                    let meaning = plan.cell(Target::Product, gives, Some(kind), cell.text)?;
                    meanings.push((meaning, (0, 0)));
                    Some(meanings.len() - 1)
                })?
            }
            None => {
                let mut constants = plan.constants.iter();
                let (_, text) = constants.find(|(target, _)| *target == Target::Product)?;
                self.constant
                    .get(Cell::of(text.as_bytes()), 1 + kind as u8, || {
                        let meaning = plan.constant(Target::Product, Some(kind), text)?;
                        meanings.push((meaning, (0, 0)));
                        Some(meanings.len() - 1)
                    })?
            }
        };
        self.say(Target::Product, found, codes);
        self.kind = Some(kind);
        Some(())
    }

    /// Takes what a column says.
    fn say(&mut self, target: Target, at: usize, codes: &mut Vec<Code>) {
        let Some((meaning, numbered)) = self.meanings.get_mut(at) else {
            return;
        };
        let said = &mut self.said;
        match meaning {
            Meaning::Area(area) => said.area = Some(*area),
            Meaning::Item(item) => said.item = Some(*item),
            Meaning::Concept(concept) => said.concept = Some(*concept),
            Meaning::Period(period) => said.period = Some(*period),
            Meaning::Multiple(multiple) => said.unit_mult = Some(*multiple),
            Meaning::Unit(multiple) => said.of_unit = *multiple,
            Meaning::Decimals(decimals) => said.decimals = Some(*decimals),
            Meaning::Status(status) => said.status = Some(*status),
            Meaning::Conf(conf) => said.conf = Some(*conf),
            Meaning::Code(code) => {
                if numbered.1 != self.blocks {
                    *numbered = (u32::try_from(codes.len()).unwrap_or(u32::MAX), self.blocks);
                    codes.push(code.clone());
                }
                let number = Some(numbered.0);
                match target {
                    Target::Activity => said.activity = number,
                    Target::Product => said.product = number,
                    _ => said.partner = number,
                }
            }
            Meaning::Nothing => match target {
                Target::Unit => said.of_unit = None,
                Target::UnitMult => said.unit_mult = None,
                Target::Decimals => said.decimals = None,
                Target::ObsStatus => said.status = None,
                Target::ConfStatus => said.conf = None,
                _ => {}
            },
        }
    }

    /// What the columns say together.
    fn row(&self, value: Option<Decimal>) -> Option<CodedObservation> {
        let said = &self.said;
        let status = match said.status {
            Some(status) if value.is_some() && is_of_missing(status) => return None,
            status => status.unwrap_or(default_status(value.is_some())),
        };
        let unit_mult = match (said.unit_mult, said.of_unit) {
            (Some(given), Some(of_unit)) if given != of_unit && self.has_multiples => return None,
            (given, of_unit) => given.or(of_unit)?,
        };
        let written = value.map_or(0, |value| value.scale());
        Some(CodedObservation {
            item: said.item?,
            ref_area: said.area?,
            activity: said.activity?,
            product: said.product?,
            counterpart_area: said.partner?,
            concept: said.concept,
            indicator: Indicator::Level,
            period: said.period?,
            value,
            decimals: said.decimals.unwrap_or(written),
            unit_mult,
            status,
            conf: said.conf.unwrap_or_default(),
        })
    }
}

impl Seen {
    fn new() -> Self {
        Self {
            last: Last::default(),
            known: Known::new(),
            moves: 0,
        }
    }
}
