//! What was measured as lines of a report.

use std::time::Duration;

use super::{
    peer::{Done, Engine},
    question::{Form, Question, SERIES_MS},
    rounds::{Answers, Who},
};
use crate::{
    measure::{Pair, milliseconds, spread},
    report::{Line, Report, Table, Unit},
};

/// The most memory that taking a file in may need.
const MOST_PEAK: u64 = 1 << 30;
/// The most that idle services may have.
const MOST_IDLE: u64 = 150_000_000;
/// The longest until the first answer, in milliseconds.
const MOST_START: f64 = 1_000.0;
/// The most bytes of the lake, by those of the smallest file of a peer.
const MOST_BYTES: f64 = 0.8;

/// All that was measured on so many rows.
pub struct Size {
    pub rows: u64,
    pub answers: Vec<Answers>,
    /// Absent where the lake was there before.
    pub taken_in: Option<TakenIn>,
    /// The smallest file of a peer with the first vintage, and whose it is.
    pub smallest: Option<(Engine, u64)>,
    pub started: Started,
}

/// The first vintage, from a file to a lake.
pub struct TakenIn {
    pub rows: u64,
    pub time: Duration,
    pub peak_bytes: Option<u64>,
    /// All of the lake.
    pub bytes: u64,
    pub polars: Done,
}

/// Services that just started on a lake.
pub struct Started {
    /// From the start of the process to the first answer.
    pub first: Option<Duration>,
    pub resident_bytes: Option<u64>,
}

/// The report on all sizes. Of a smoke run there is nothing but what differs.
pub fn report(sizes: &[Size], smoke: bool) -> Report {
    let mut report = Report::default();
    for size in sizes {
        report.differences.extend(differences(size));
        if smoke {
            continue;
        }
        let rows = size.rows;
        report.add(
            format!("Answers on {rows} observations: the fastest peer of each form, and ours"),
            ["peer, ms", "ours, ms"],
            answer_lines(size),
        );
        report.add(
            format!("A file of {rows} observations, and the lake"),
            ["peer or most", "ours"],
            lake_lines(size),
        );
        report.add_table(all_times(size));
    }
    if sizes.len() > 1 {
        report.add_table(costs(sizes));
    }
    report
}

fn differences(size: &Size) -> impl Iterator<Item = String> {
    size.answers.iter().flat_map(|answers| {
        let about = format!("{}: {}", answers.question.title(), answers.who.name());
        let failure = answers.failure.iter();
        // A peer that cannot answer, for lack of memory for one, contradicts nothing.
        let failure = failure.filter(|_| answers.who == Who::Ours);
        let failure = failure.map(|failure| format!("no answer: {failure}"));
        let found = failure.chain(answers.differences.iter().cloned());
        found.map(move |found| format!("{about}: {found}"))
    })
}

fn answer_lines(size: &Size) -> Vec<Line> {
    let mut lines = vec![];
    for question in Question::ALL {
        let Some(ours) = of(size, question, Who::Ours) else {
            continue;
        };
        for form in question.forms() {
            let peers = Engine::ALL.map(|engine| of(size, question, Who::Peer(engine, *form)));
            let peers = peers.into_iter().flatten();
            let peers = peers.filter(|peer| !peer.times.is_empty());
            let fastest = peers.min_by(|a, b| median(&a.times).total_cmp(&median(&b.times)));
            let mut case = question.title().to_owned();
            if let Some(fastest) = fastest {
                case += &format!("; {}", fastest.who.name());
            }
            case += note(size, question);
            let mut pair = Pair::default();
            let others = fastest.map_or(&[][..], |fastest| &fastest.times);
            for (peer, ours) in others.iter().zip(&ours.times) {
                pair.note(*peer, *ours);
            }
            let ratios = pair.ratios();
            lines.push(Line {
                measure: "answer",
                case,
                first: median(others),
                second: median(&ours.times),
                unit: Unit::Milliseconds,
                ratio: ratios.median,
                quartiles: Some([ratios.lower_quartile, ratios.upper_quartile]),
                bar: Some(question.bar()),
            });
        }
        if question == Question::Series {
            lines.push(against(
                "one series by key (p50); at most",
                Unit::Milliseconds,
                SERIES_MS,
                Some(median(&ours.times)),
                1.0,
            ));
        }
    }
    lines
}

/// What makes the time of a question worth less than others.
fn note(size: &Size, question: Question) -> &'static str {
    let mut all = size.answers.iter().filter(|it| it.question == question);
    let ours = of(size, question, Who::Ours);
    if ours.is_some_and(|ours| ours.failure.is_some()) {
        "; not answered"
    } else if all.any(|answers| !answers.differences.is_empty()) {
        "; answers differ"
    } else {
        ""
    }
}

fn lake_lines(size: &Size) -> Vec<Line> {
    let mut lines = vec![];
    if let Some(taken_in) = &size.taken_in {
        let a_second = |time: Duration| {
            #[expect(clippy::cast_precision_loss, reason = "rows are shown roughly")]
            let rows = taken_in.rows as f64 / time.as_secs_f64();
            rows.round()
        };
        let polars = &taken_in.polars;
        lines.push(against(
            &format!(
                "SDMX-CSV to the committed lake; Polars to Parquet (ms; {} and {} rows a second)",
                a_second(taken_in.time),
                a_second(polars.time)
            ),
            Unit::Milliseconds,
            milliseconds(polars.time),
            Some(milliseconds(taken_in.time)),
            1.0,
        ));
        lines.push(against(
            &format!(
                "peak memory of the services meanwhile (bytes; Polars {})",
                polars.peak_bytes
            ),
            Unit::Bytes,
            bytes(MOST_PEAK),
            taken_in.peak_bytes.map(bytes),
            1.0,
        ));
        if let Some((engine, smallest)) = size.smallest {
            lines.push(against(
                &format!("bytes of the lake; the file of {}", engine.name()),
                Unit::Bytes,
                bytes(smallest),
                Some(bytes(taken_in.bytes)),
                MOST_BYTES,
            ));
        }
    }
    lines.push(against(
        "from the start of the services to the first answer (ms)",
        Unit::Milliseconds,
        MOST_START,
        size.started.first.map(milliseconds),
        1.0,
    ));
    lines.push(against(
        "memory of the idle services after it (bytes; all three in one process)",
        Unit::Bytes,
        bytes(MOST_IDLE),
        size.started.resident_bytes.map(bytes),
        1.0,
    ));
    lines
}

/// A line of two numbers that were taken once.
fn against(case: &str, unit: Unit, first: f64, second: Option<f64>, bar: f64) -> Line {
    let second = second.unwrap_or(f64::NAN);
    Line {
        measure: "lake",
        case: case.to_owned(),
        first,
        second,
        unit,
        ratio: second / first,
        quartiles: None,
        bar: Some(bar),
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes are shown roughly")]
fn bytes(count: u64) -> f64 {
    count as f64
}

/// The medians of all who were asked.
fn all_times(size: &Size) -> Table {
    let peers = Engine::ALL
        .into_iter()
        .flat_map(|engine| [Form::Plain, Form::Summaries].map(|form| Who::Peer(engine, form)));
    let all = [Who::Ours].into_iter().chain(peers);
    let is_asked = |who: &Who| size.answers.iter().any(|answers| answers.who == *who);
    let all: Vec<Who> = all.filter(is_asked).collect();
    let heads = all.iter().map(|who| who.name());
    let row = |question: Question| {
        let times = all.iter().map(|who| {
            of(size, question, *who).map_or_else(String::new, |answers| {
                match (&answers.failure, &answers.times[..]) {
                    (Some(_), _) | (None, []) => "none".to_owned(),
                    (None, times) => format!("{:.2}", median(times)),
                }
            })
        });
        [question.title().to_owned()]
            .into_iter()
            .chain(times)
            .collect()
    };
    let asked = Question::ALL.into_iter();
    let asked = asked.filter(|question| of(size, *question, Who::Ours).is_some());
    Table {
        title: format!("Medians on {} observations, in ms", size.rows),
        heads: [String::new()].into_iter().chain(heads).collect(),
        rows: asked.map(row).collect(),
    }
}

/// What ours cost, size by size.
fn costs(sizes: &[Size]) -> Table {
    let heads = sizes.iter().map(|size| format!("{} rows", size.rows));
    let mut rows: Vec<Vec<String>> = vec![];
    let mut add = |what: &str, of: &dyn Fn(&Size) -> Option<String>| {
        let cells = sizes.iter().map(|size| of(size).unwrap_or_default());
        rows.push([what.to_owned()].into_iter().chain(cells).collect());
    };
    for question in Question::ALL {
        add(&format!("{}, ms", question.title()), &|size| {
            let ours = of(size, question, Who::Ours)?;
            (!ours.times.is_empty()).then(|| format!("{:.2}", median(&ours.times)))
        });
    }
    add("SDMX-CSV to the lake, s", &|size| {
        let taken_in = size.taken_in.as_ref()?;
        Some(format!("{:.1}", taken_in.time.as_secs_f64()))
    });
    add("peak memory meanwhile, bytes", &|size| {
        Some(size.taken_in.as_ref()?.peak_bytes?.to_string())
    });
    add("bytes of the lake", &|size| {
        Some(size.taken_in.as_ref()?.bytes.to_string())
    });
    add("start to the first answer, ms", &|size| {
        Some(format!("{:.0}", milliseconds(size.started.first?)))
    });
    Table {
        title: "What ours cost".to_owned(),
        heads: [String::new()].into_iter().chain(heads).collect(),
        rows,
    }
}

fn of(size: &Size, question: Question, who: Who) -> Option<&Answers> {
    let mut all = size.answers.iter();
    all.find(|answers| answers.question == question && answers.who == who)
}

/// In milliseconds.
fn median(times: &[Duration]) -> f64 {
    spread(times.iter().map(|time| milliseconds(*time))).median
}
