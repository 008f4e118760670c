//! How long one question about the newest release of EXTTRADE takes, asked 21 times in a row:
//!
//!     cargo run --release -p regtrade-lake --example series -- LAKE M.BE2.P61._T.22015590.W1.NAT

#![allow(clippy::print_stdout, reason = "it says what it measured")]

use std::{collections::BTreeMap, error::Error, time::Instant};

use regtrade_lake::Lake;
use regtrade_model::{Dataflow, KeyPattern};

const TIMES: usize = 21;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let lake = Lake::at(&arguments.next().ok_or("which lake?")?)?;
    let releases = lake.releases().await?;
    let mut newest = releases.iter();
    let release = newest.find(|release| release.dataflow == Dataflow::Exttrade);
    let release = release.ok_or("there is no release of EXTTRADE")?;
    let slices: BTreeMap<_, _> = release.periods().map(|period| (period, release)).collect();
    for key in arguments {
        let pattern: KeyPattern = key.parse()?;
        let (mut times, mut rows) = (vec![], 0);
        for _ in 0..TIMES {
            let begun = Instant::now();
            rows = lake.observations(&slices, &pattern).await?.len();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        let first = times[0];
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[TIMES / 2]);
        println!("{key}: {rows} rows; first {first:.2} ms, median {median:.2}, least {least:.2}");
    }
    Ok(())
}
