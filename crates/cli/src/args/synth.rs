//! `synth`: which synthetic data, and how much.

use std::path::PathBuf;

use clap::Args;
use regtrade_model::{Concept, Dataflow};

use super::parse::parse_dataflow;

const EXAMPLES: &str = "\
Examples:
  regtrade synth regtrd -o detail.csv                          services by type, partners, activities, of 2019 to 2024
  regtrade synth regtrd --vintage 1 -o later.csv.gz            the same a year later, the last three years revised
  regtrade synth exttrade --rows 10000000 -o trade.csv.gz      ten million observations by month, product and partner
  regtrade synth exttrade --rows 10000000 --no-country --no-margins --concept NAT --nested -o detail.csv
                                                               the detail alone, as the benchmark has it
  regtrade ingest detail.csv --edition demo

The totals of the regional breakdown agree with the printed release of 2024; all that lies below them is drawn. Files
are marked by the agency SYNTH, and so is each release that is made of them.";

/// `synth`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SynthArgs {
    /// regtrd (regional breakdown, by year) or exttrade (foreign trade, by month)
    #[arg(value_name = "DATAFLOW", value_parser = parse_dataflow)]
    pub dataflow: Dataflow,
    /// Which of all possible details; the same seed makes the same file everywhere
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// 0 is the first vintage; each other number a later one
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub vintage: u32,
    /// Of exttrade: about how many observations; a million, if it is not given
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(10_000..=100_000_000))]
    pub rows: Option<u64>,
    /// Of exttrade: after this concept alone, NAT or COM
    #[arg(long, value_name = "CONCEPT")]
    pub concept: Option<Concept>,
    /// Of exttrade: the regions without their country
    #[arg(long)]
    pub no_country: bool,
    /// Of exttrade: products with partners, without sums over either
    #[arg(long)]
    pub no_margins: bool,
    /// Of exttrade: products of eight digits that share subheadings and headings, as in the Combined Nomenclature
    #[arg(long)]
    pub nested: bool,
    /// Of regtrd: how many partner countries, the largest first; 40, if it is not given
    #[arg(long, value_name = "NUMBER", conflicts_with = "rows")]
    pub partners: Option<usize>,
    /// The file: SDMX-CSV 2.0, compressed where the name ends in .gz
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: PathBuf,
}
