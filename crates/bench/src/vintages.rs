//! What keeping every vintage costs: answers over a lake of many vintages against one of a single release that holds the
//! same figures, and the bytes that a release of a few years adds.

mod bytes;
mod history;
mod lakes;
mod questions;

use std::sync::Arc;

use clap::value_parser;
use regtrade_indicators::Reader;
use regtrade_lake::Lake;
use regtrade_model::AsOf;
use regtrade_service::ManualClock;

use crate::{
    error::BenchError,
    gateway::Gateway,
    measure::{Pair, time},
    report::{Format, Line, Report, Unit},
    synthetic::{Synthetic, YEARS},
};
use history::Shape;
use lakes::Made;
use questions::{Asked, Moment, Question};

/// How much more an answer over many vintages may cost than over one.
const BAR: f64 = 1.2;

/// How many years the releases after the first change.
const CHANGED: usize = 3;

/// Rows of an answer: as many as there are.
const ALL_ROWS: u32 = u32::MAX;

/// What is measured, over how much.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Rows of a year, where answers are timed
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = value_parser!(u32).range(30..=10_000))]
    rows: u32,
    /// Rows of a year, where bytes are held against their bar
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = value_parser!(u32).range(30..=10_000))]
    weighed_rows: u32,
    /// Vintages of the larger lakes
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(2..=1_000))]
    vintages: u32,
    /// How often each answer is timed, no more and no less
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// From which the figures are made
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How the numbers are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Exit code 1 where a bar is missed
    #[arg(long)]
    pub check: bool,
    /// Compare the answers and the bytes, and time nothing
    #[arg(long)]
    smoke: bool,
}

/// Runs the benchmark, and tells `say` how far it is.
///
/// # Errors
/// Where two lakes that hold the same figures answer differently, or something fails.
pub async fn run(arguments: &Arguments, say: &dyn Fn(&str)) -> Result<Report, BenchError> {
    let rows = usize::try_from(arguments.rows).unwrap_or(usize::MAX);
    let data = Synthetic::new(rows, arguments.seed)?;
    let mut report = Report::default();
    let (mut warm, mut cold) = (vec![], vec![]);
    for shape in Shape::ALL {
        say(&format!(
            "making lakes of {} vintages, {shape}",
            arguments.vintages
        ));
        let pairs = Compared::make(&data, shape, arguments.vintages).await?;
        for pair in &pairs {
            pair.compare_answers().await?;
            if !arguments.smoke {
                say(&format!("asking as of {}, {shape}", pair.moment));
                warm.extend(pair.warm(arguments.rounds).await?);
                cold.extend(pair.cold(arguments.rounds).await?);
            }
        }
    }
    if !arguments.smoke {
        let (count, years) = (arguments.vintages, YEARS);
        let numbers = ["1 vintage, ms", "many, ms"];
        let title = format!(
            "Answers as of, asked before: {count} vintages against one ({years} years of {rows} rows, medians of {} rounds)",
            arguments.rounds
        );
        report.add(title, numbers, warm);
        let title = "The first answer of a lake that was just opened (no bar)";
        report.add(title, numbers, cold);
    }
    say("weighing releases");
    let numbers = ["first release, bytes", "added, bytes"];
    let title = format!("Bytes that a release adds which changes {CHANGED} years of {YEARS}");
    let weighed = usize::try_from(arguments.weighed_rows).unwrap_or(usize::MAX);
    let mut lines = bytes::lines(&Synthetic::new(weighed, arguments.seed)?, true).await?;
    if !arguments.smoke && rows != weighed {
        lines.extend(bytes::lines(&data, false).await?);
    }
    report.add(title, numbers, lines);
    Ok(report)
}

/// A lake of one release and one of many, which hold the same as of a moment.
struct Compared {
    shape: Shape,
    moment: Moment,
    one: Made,
    many: Arc<Made>,
}

impl Compared {
    /// The lake of many vintages, compared as of its latest one and as of one in the middle.
    async fn make(data: &Synthetic, shape: Shape, vintages: u32) -> Result<[Self; 2], BenchError> {
        let many = Arc::new(Made::vintages(data, shape, vintages).await?);
        let pair = async |moment: Moment, vintage| {
            Ok::<_, BenchError>(Self {
                shape,
                moment,
                one: Made::single(data, shape, vintage).await?,
                many: Arc::clone(&many),
            })
        };
        let last = vintages - 1;
        let middle = vintages / 2;
        Ok([
            pair(Moment::Latest, last).await?,
            pair(Moment::At(history::published_at(middle)?), middle).await?,
        ])
    }

    fn case(&self, question: Question) -> String {
        format!("{}; as of {}; {question}", self.shape, self.moment)
    }

    /// Both lakes must give the same figures, whichever release they name as their source.
    async fn compare_answers(&self) -> Result<(), BenchError> {
        let (one, many) = self.asked().await?;
        for question in Question::ALL {
            let of_one = question.ask(&one).await?.without_releases();
            let of_many = question.ask(&many).await?.without_releases();
            if of_one.is_empty() || of_one != of_many {
                return Err(BenchError::OtherAnswer(self.case(question)));
            }
        }
        Ok(())
    }

    /// Whom to ask, and as of which release.
    async fn asked(&self) -> Result<(Asked, Asked), BenchError> {
        Ok((
            self.one.asked(self.moment).await?,
            self.many.asked(self.moment).await?,
        ))
    }

    /// The cost of each question by a reader that was asked before.
    async fn warm(&self, rounds: u32) -> Result<Vec<Line>, BenchError> {
        let (one, many) = self.asked().await?;
        let mut pairs = Question::ALL.map(|question| (question, Pair::default()));
        for round in 0..=rounds {
            for (question, pair) in &mut pairs {
                let times = by_turns(round, time(question.ask(&one)), time(question.ask(&many)));
                let (of_one, of_many) = times.await?;
                // The first round is the one that makes them warm.
                if round > 0 {
                    pair.note(of_one, of_many);
                }
            }
        }
        let line = |(question, pair)| self.line("warm", question, &pair, Some(BAR));
        Ok(pairs.into_iter().map(line).collect())
    }

    /// The cost of a question by a reader that was just made, over a lake that was just opened.
    async fn cold(&self, rounds: u32) -> Result<Vec<Line>, BenchError> {
        let (one, many) = self.asked().await?;
        let mut pairs = [Question::LakeYear, Question::All].map(|q| (q, Pair::default()));
        for round in 0..rounds {
            for (question, pair) in &mut pairs {
                let one = self.one.opened_anew(&one)?;
                let many = self.many.opened_anew(&many)?;
                let times = by_turns(round, time(question.ask(&one)), time(question.ask(&many)));
                let (of_one, of_many) = times.await?;
                pair.note(of_one, of_many);
            }
        }
        let line = |(question, pair)| self.line("cold", question, &pair, None);
        Ok(pairs.into_iter().map(line).collect())
    }

    fn line(
        &self,
        measure: &'static str,
        question: Question,
        pair: &Pair,
        bar: Option<f64>,
    ) -> Line {
        let (first, second) = pair.medians();
        let ratios = pair.ratios();
        Line {
            measure,
            case: self.case(question),
            first,
            second,
            unit: Unit::Milliseconds,
            ratio: ratios.median,
            quartiles: Some([ratios.lower_quartile, ratios.upper_quartile]),
            bar,
        }
    }
}

/// Does two things, the first one first in every other round.
async fn by_turns<A, B, E>(
    round: u32,
    one: impl Future<Output = Result<A, E>>,
    other: impl Future<Output = Result<B, E>>,
) -> Result<(A, B), E> {
    if round.is_multiple_of(2) {
        let one = one.await?;
        Ok((one, other.await?))
    } else {
        let other = other.await?;
        Ok((one.await?, other))
    }
}

impl Made {
    /// The lake as it is open, and a release of it.
    async fn asked(&self, moment: Moment) -> Result<Asked, BenchError> {
        let as_of = moment.resolved(&self.lake).await?;
        Ok(self.asked_of(self.lake.clone(), moment, as_of))
    }

    /// The lake opened once more, with nothing read of it yet.
    fn opened_anew(&self, asked: &Asked) -> Result<Asked, BenchError> {
        let lake = Lake::at(&self.location())?;
        Ok(self.asked_of(lake, asked.moment, asked.as_of.clone()))
    }

    fn asked_of(&self, lake: Lake, moment: Moment, as_of: AsOf) -> Asked {
        let clock = Arc::new(ManualClock::new(self.now));
        Asked {
            reader: Reader::new(lake.clone(), Arc::clone(&clock) as _, ALL_ROWS),
            lake,
            // What answers cost is not to be seen where they are kept.
            gateway: Gateway::new(self.location(), clock, 0),
            moment,
            as_of,
        }
    }
}
