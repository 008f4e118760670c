//! The bytes that a release adds which changes three years, handed in with those years alone or with all of them.

use super::{CHANGED, history::Shape, lakes::Made};
use crate::{
    error::BenchError,
    report::{Line, Unit},
    synthetic::{Synthetic, YEARS},
};

/// How much more than its share of the years a release may add.
const BAR: f64 = 1.2;

/// What is added, the log included, against the files of the first release without the log. Years of few rows are not
/// held against the bar: the record of a release and its commit have their size, however few rows it has.
pub async fn lines(data: &Synthetic, has_bar: bool) -> Result<Vec<Line>, BenchError> {
    let shape = Shape::Newest;
    let cases = [
        ("a file of the 3 years", shape.written(1)),
        ("a file of all 23 years; 20 are equal", Synthetic::periods()),
    ];
    let mut lines = vec![];
    for (case, periods) in cases {
        let mut made = Made::new()?;
        let first = made.take_in(data, shape, 0, &Synthetic::periods()).await?;
        let (all, first) = (made.bytes()?, made.bytes_of(&first)?);
        made.take_in(data, shape, 1, &periods).await?;
        let added = made.bytes()?.saturating_sub(all);
        let (first, added) = (number(first), number(added));
        lines.push(Line {
            measure: "bytes",
            case: format!("{} rows a year; {case}", data.rows()),
            first,
            second: added,
            unit: Unit::Bytes,
            ratio: added / first,
            quartiles: None,
            bar: has_bar.then_some(BAR * CHANGED as f64 / f64::from(YEARS)),
        });
    }
    Ok(lines)
}

/// Files are far smaller than what a float counts exactly.
fn number(bytes: u64) -> f64 {
    bytes as f64
}
