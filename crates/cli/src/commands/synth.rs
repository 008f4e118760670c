//! `synth`: synthetic data in a file, marked as such.

use std::convert::Infallible;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use indicatif::{ProgressBar, ProgressStyle};
use regtrade_formats::write::{Structure, sdmx_csv};
use regtrade_model::{Dataflow, Instant, Observation};
use regtrade_synth::{ExttradeOptions, RegtrdOptions, exttrade, regtrd};

use crate::args::SynthArgs;
use crate::exit::Exit;
use crate::files::{Failed, whole};
use crate::output::say;

/// Writes synthetic data.
///
/// # Errors
/// Where the file is not named as one that can be written, or cannot be written.
pub fn run(args: &SynthArgs) -> Result<(), Exit> {
    let name = args.file.to_string_lossy().to_lowercase();
    let compressed = name.ends_with(".csv.gz");
    let file = args.file.display();
    if !compressed && !name.ends_with(".csv") {
        return Err(Exit::Usage(format!(
            "{file}: the name of the file must end in .csv or .csv.gz"
        )));
    }
    let count = match args.dataflow {
        Dataflow::Regtrd if args.rows.is_some() => {
            return Err(Exit::Usage(
                "--rows is for exttrade; the size of regtrd is a matter of --partners".into(),
            ));
        }
        Dataflow::Regtrd if of_exttrade(args) => {
            return Err(Exit::Usage(
                "--concept, --no-country, --no-margins and --nested are for exttrade".into(),
            ));
        }
        Dataflow::Regtrd => {
            let default = RegtrdOptions::default();
            let rows = regtrd(&RegtrdOptions {
                seed: args.seed,
                vintage: args.vintage,
                partners: args.partners.unwrap_or(default.partners),
                ..default
            });
            write(&args.file, compressed, args.dataflow, rows)
        }
        Dataflow::Exttrade if args.partners.is_some() => {
            return Err(Exit::Usage(
                "--partners is for regtrd; the size of exttrade is a matter of --rows".into(),
            ));
        }
        Dataflow::Exttrade => {
            let default = ExttradeOptions::default();
            let rows = exttrade(&ExttradeOptions {
                seed: args.seed,
                vintage: args.vintage,
                rows: args.rows.unwrap_or(default.rows),
                margins: !args.no_margins,
                country: !args.no_country,
                concept: args.concept,
                nested: args.nested,
                ..default
            });
            write(&args.file, compressed, args.dataflow, rows)
        }
    }?;
    say(&format!(
        "{count} synthetic observations in {file}; they are no statistics"
    ));
    Ok(())
}

fn of_exttrade(args: &SynthArgs) -> bool {
    args.concept.is_some() || args.no_country || args.no_margins || args.nested
}

/// Writes observations as SDMX-CSV of the agency SYNTH, and says how many they are.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(
    path: &Path,
    compressed: bool,
    dataflow: Dataflow,
    rows: impl Iterator<Item = Observation>,
) -> Result<u64, Exit> {
    let structure = Structure {
        dataflow,
        synthetic: true,
        // The same options make the same file at any time.
        prepared: Instant::default(),
    };
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} observations, {per_sec}")
    {
        bar.set_style(style);
    }
    let rows = bar.wrap_iter(rows).map(Ok::<_, Infallible>);
    let written = whole(path, |out| -> Result<u64, Failed> {
        if !compressed {
            return Ok(sdmx_csv(out, &structure, rows)?);
        }
        let mut packed = GzEncoder::new(out, Compression::default());
        let count = sdmx_csv(&mut packed, &structure, rows)?;
        packed.finish()?.flush()?;
        Ok(count)
    });
    bar.finish_and_clear();
    written.map_err(|error| Exit::no(format!("{}: {error}", path.display())))
}
