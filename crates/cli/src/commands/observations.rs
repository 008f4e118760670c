//! `observations`: levels by key and period, on screen or in a file.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Builder, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use regtrade_model::Figure;
use regtrade_proto::v1;
use rust_xlsxwriter::Workbook;

use crate::args::{Format, ObservationsArgs};
use crate::client::{Client, TIMEOUT, figures, language, release, releases};
use crate::exit::Exit;
use crate::output::{print, say};
use crate::render::{Answer, csv, json, table};

/// The columns of [`csv::FIGURE_COLUMNS`] that hold decimals.
const DECIMALS: std::ops::Range<usize> = 7..10;
/// Those that hold whole numbers.
const INTEGERS: std::ops::Range<usize> = 11..13;
/// The decimal type of values in Parquet.
const PRECISION: u8 = 38;
const SCALE: i8 = 10;

/// Into what the figures are written.
#[derive(Clone, Copy)]
enum Kind {
    Parquet,
    Csv,
    Xlsx,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, Exit> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("parquet") => Ok(Self::Parquet),
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Xlsx),
            _ => Err(Exit::Usage(format!(
                "{}: the name of the file must end in .parquet, .csv or .xlsx",
                path.display()
            ))),
        }
    }
}

/// Shows levels, or writes them to a file.
///
/// # Errors
/// Where no release is visible, the gateway does not answer, or the file cannot be written.
pub async fn run(args: &ObservationsArgs) -> Result<(), Exit> {
    let file = args.file.as_deref().map(|path| Ok((path, Kind::of(path)?)));
    let file = file.transpose()?;
    let client = Client::new(&args.client, TIMEOUT)?;
    let answer = ask(&client, args).await?;
    let rows = || answer.figures.iter().map(csv::figure);
    if let Some(accepted) = answer.accepted() {
        say(&accepted);
    }
    for doubt in answer.doubts() {
        say(&doubt);
    }
    if file.is_none() && matches!(args.client.output.format, Format::Table) {
        for (_, caveat) in &answer.caveats {
            say(&format!("- {caveat}"));
        }
    }
    let Some((path, kind)) = file else {
        return print(&match args.client.output.format {
            Format::Table => table::plain(&csv::FIGURE_COLUMNS, rows()),
            Format::Csv => csv::write(Some(&csv::FIGURE_COLUMNS), rows())?,
            Format::Json => json::text(&json::answer(&answer)),
        });
    };
    let bytes = match kind {
        Kind::Csv => csv::write(Some(&csv::FIGURE_COLUMNS), rows())?.into_bytes(),
        Kind::Parquet => parquet(&answer.figures)
            .map_err(|error| Exit::failed("the file cannot be made", &error))?,
        Kind::Xlsx => xlsx(&answer.figures)
            .map_err(|error| Exit::failed("the file cannot be made", &error))?,
    };
    std::fs::write(path, bytes).map_err(|error| Exit::file(path, "cannot be written", &error))?;
    say(&format!(
        "{} figures of {} in {}",
        answer.figures.len(),
        answer.release.id,
        path.display()
    ));
    Ok(())
}

async fn ask(client: &Client, args: &ObservationsArgs) -> Result<Answer, Exit> {
    let period = |period: Option<regtrade_model::Period>| {
        period.map(|period| period.to_string()).unwrap_or_default()
    };
    let mut request = v1::ListObservationsRequest {
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        key: args.key.clone(),
        from: period(args.from),
        to: period(args.to),
        language: language(args.lang),
        page_size: 0,
        page_token: String::new(),
    };
    let mut found: Option<Answer> = None;
    loop {
        let question = client.request(request.clone());
        let page = client
            .wait(client.indicators().list_observations(question))
            .await?;
        let more = figures(page.figures)?;
        match &mut found {
            Some(found) => found.figures.extend(more),
            None => {
                let (release, state) = release(page.release)?;
                // The pages that follow are of this vintage, whatever is published in between.
                request.as_of = page.as_of;
                let caveats = page.caveats.into_iter();
                found = Some(Answer {
                    release,
                    state,
                    figures: more,
                    caveats: caveats.map(|caveat| (caveat.id, caveat.text)).collect(),
                    uncertain: releases(page.uncertain)?,
                });
            }
        }
        match found {
            Some(found) if page.next_page_token.is_empty() => return Ok(found),
            _ => request.page_token = page.next_page_token,
        }
    }
}

fn parquet(figures: &[Figure]) -> Result<Vec<u8>, ParquetError> {
    let rows: Vec<_> = figures.iter().map(csv::figure).collect();
    let mut columns: Vec<(&str, ArrayRef, bool)> = vec![];
    for (at, name) in csv::FIGURE_COLUMNS.into_iter().enumerate() {
        let texts = rows.iter().map(|row| row[at].as_str());
        let array: ArrayRef = if DECIMALS.contains(&at) {
            let mut builder =
                Decimal128Builder::new().with_precision_and_scale(PRECISION, SCALE)?;
            for text in texts {
                builder.append_option(scaled(text)?);
            }
            Arc::new(builder.finish())
        } else if INTEGERS.contains(&at) {
            Arc::new(texts.map(|text| text.parse().ok()).collect::<Int32Array>())
        } else {
            Arc::new(StringArray::from_iter_values(texts))
        };
        columns.push((name, array, DECIMALS.contains(&at)));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

/// A decimal as a whole number of 10^-10; none where there is no value.
fn scaled(text: &str) -> Result<Option<i128>, ParquetError> {
    if text.is_empty() {
        return Ok(None);
    }
    let too_fine = || ParquetError::General(format!("{text} does not fit decimal(38,10)"));
    let value: regtrade_model::Decimal = text.parse().map_err(|_| too_fine())?;
    let value = value.normalize();
    let missing = u32::try_from(SCALE)
        .ok()
        .and_then(|places| places.checked_sub(value.scale()));
    let factor = missing.and_then(|missing| 10i128.checked_pow(missing));
    let stored = factor.and_then(|factor| value.mantissa().checked_mul(factor));
    stored.map(Some).ok_or_else(too_fine)
}

fn xlsx(figures: &[Figure]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, csv::FIGURE_COLUMNS)?;
    for (line, figure) in (1..).zip(figures) {
        for (column, text) in (0..).zip(csv::figure(figure)) {
            let at = usize::from(column);
            let is_number = DECIMALS.contains(&at) || INTEGERS.contains(&at);
            match text.parse::<f64>() {
                Ok(number) if is_number => sheet.write_number(line, column, number)?,
                _ => sheet.write_string(line, column, text)?,
            };
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_in_parquet() {
        let scaled = |text| scaled(text).map_err(|error| error.to_string());
        assert_eq!(scaled("62472.5"), Ok(Some(624_725_000_000_000)));
        assert_eq!(scaled("-0.1"), Ok(Some(-1_000_000_000)));
        assert_eq!(scaled(""), Ok(None));
        assert!(
            scaled("0.00000000001").is_err(),
            "an eleventh decimal would be lost"
        );
    }

    #[test]
    fn the_name_of_a_file_says_what_it_is() {
        assert!(Kind::of(Path::new("levels.parquet")).is_ok());
        assert!(Kind::of(Path::new("levels.txt")).is_err());
        assert!(Kind::of(Path::new("levels")).is_err());
    }
}
