//! Random histories: what happens to a lake, in order, from a seed.

use regtrade_model::Instant;

/// Every history begins here.
pub fn beginning() -> Instant {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A number that is as good as random, from a seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    pub fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// One cell: a year, and Brussels or Flanders.
pub type Cell = (u16, &'static str);

pub const AREAS: [&str; 2] = ["BE1", "BE2"];
pub const YEARS: std::ops::RangeInclusive<u16> = 2021..=2024;

/// A row of a partial update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Not there before.
    Append(Cell, u64),
    /// There or not.
    Merge(Cell, u64),
    Replace(Cell, u64),
    /// All of a year, or one cell.
    Delete(u16, Option<&'static str>),
}

impl Change {
    /// The cell that the row gives a value.
    pub fn cell(&self) -> Option<Cell> {
        match self {
            Self::Append(cell, _) | Self::Merge(cell, _) | Self::Replace(cell, _) => Some(*cell),
            Self::Delete(..) => None,
        }
    }
}

/// When a release is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// As it is loaded.
    Now,
    /// Hours from now on; below zero, it is loaded late.
    Hours(i64),
}

/// Something that happens. Releases are named by the number of the step that handed them in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The clock goes on, by these minutes; by none, it stands still.
    Wait(i64),
    Whole {
        cells: Vec<(Cell, u64)>,
        when: When,
        correction: bool,
    },
    Partial {
        base: usize,
        changes: Vec<Change>,
        when: When,
    },
    Again(usize),
    Withdraw(usize),
    Reschedule(usize, i64),
}

/// A history of a seed.
pub fn history(seed: u64) -> Vec<Step> {
    let mut dice = Dice::of(seed);
    let mut steps = vec![];
    let mut releases: Vec<usize> = vec![];
    let many = 3 + dice.roll(5);
    for _ in 0..many {
        if !dice.one_in(4) {
            steps.push(Step::Wait(i64::try_from(dice.roll(3_000)).unwrap()));
        }
        let named = |dice: &mut Dice| {
            // The newest ones are the interesting ones.
            let back = usize::try_from(dice.roll(3)).unwrap();
            releases[releases.len().saturating_sub(1 + back)]
        };
        let step = match dice.roll(10) {
            _ if releases.is_empty() => whole(&mut dice),
            0..=3 => whole(&mut dice),
            4..=6 => Step::Partial {
                base: named(&mut dice),
                changes: (0..=dice.roll(3)).map(|_| change(&mut dice)).collect(),
                when: when(&mut dice),
            },
            7 => Step::Withdraw(named(&mut dice)),
            8 => Step::Reschedule(named(&mut dice), i64::try_from(dice.roll(60)).unwrap() - 6),
            _ => Step::Again(named(&mut dice)),
        };
        if matches!(step, Step::Whole { .. } | Step::Partial { .. }) {
            releases.push(steps.len());
        }
        steps.push(step);
    }
    // Every embargo that is left ends.
    steps.push(Step::Wait(60 * 80));
    steps
}

fn when(dice: &mut Dice) -> When {
    match dice.roll(5) {
        0 | 1 => When::Now,
        2 => When::Hours(-i64::try_from(dice.roll(200)).unwrap()),
        _ => When::Hours(i64::try_from(dice.roll(72)).unwrap()),
    }
}

fn whole(dice: &mut Dice) -> Step {
    let mut cells = vec![];
    for year in YEARS {
        for area in AREAS {
            if dice.one_in(2) {
                // Few values, so that equal slices come up.
                cells.push(((year, area), dice.roll(3)));
            }
        }
    }
    if cells.is_empty() {
        cells.push(((2024, "BE1"), dice.roll(3)));
    }
    Step::Whole {
        cells,
        when: when(dice),
        correction: dice.one_in(4),
    }
}

fn change(dice: &mut Dice) -> Change {
    let year = *YEARS.start() + u16::try_from(dice.roll(4)).unwrap();
    let area = AREAS[usize::try_from(dice.roll(2)).unwrap()];
    let (cell, value) = ((year, area), dice.roll(4));
    match dice.roll(5) {
        0 => Change::Append(cell, value),
        1 | 2 => Change::Merge(cell, value),
        3 => Change::Replace(cell, value),
        _ => Change::Delete(year, dice.one_in(2).then_some(area)),
    }
}

/// The file of a whole release, or of a partial update.
pub fn file(step: &Step) -> Option<String> {
    let mut text =
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
            .to_owned();
    let mut row = |action: &str, year: u16, area: &str, value: &str| {
        let mult = if action == "D" { "" } else { "6" };
        text += &format!("dataflow,BE2:REGTRD(1.0),{action},A,{area},P61,{year},{value},{mult}\n");
    };
    match step {
        Step::Whole { cells, .. } => {
            for ((year, area), value) in cells {
                row("I", *year, area, &value.to_string());
            }
        }
        Step::Partial { changes, .. } => {
            for change in changes {
                match change {
                    Change::Append((year, area), value) => {
                        row("A", *year, area, &value.to_string())
                    }
                    Change::Merge((year, area), value) => row("M", *year, area, &value.to_string()),
                    Change::Replace((year, area), value) => {
                        row("R", *year, area, &value.to_string());
                    }
                    Change::Delete(year, area) => row("D", *year, area.unwrap_or_default(), ""),
                }
            }
        }
        _ => return None,
    }
    Some(text)
}
