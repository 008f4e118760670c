//! Rows into a sheet of Excel, one row in memory at a time.

use std::fs::File;

use arrow::datatypes::DataType;
use regtrade_model::Dataflow;
use rust_xlsxwriter::Workbook;

use super::{Batches, Failed, rows};
use crate::render::csv;

/// Rows of a sheet, the header among them.
const ROWS: u32 = 1_048_576;

/// Writes the rows, and says how many they are.
///
/// # Errors
/// Where the rows break off, are more than a sheet holds, or the file cannot be written.
pub fn write(dataflow: Dataflow, batches: &mut Batches, out: &mut File) -> Result<u64, Failed> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory();
    sheet.write_row(0, 0, csv::figure_columns(dataflow))?;
    let mut line = 0;
    for batch in batches {
        let batch = rows::figures(&batch?)?;
        let fields = batch.schema_ref().fields();
        let is_number: Vec<bool> = fields
            .iter()
            .map(|field| *field.data_type() != DataType::Utf8)
            .collect();
        for row in rows::texts(&batch)? {
            line += 1;
            if line >= ROWS {
                let most = ROWS - 1;
                return Err(format!("a sheet holds {most} figures; choose fewer with --key, --from and --to, or write .parquet or .csv").into());
            }
            for ((column, text), is_number) in (0..).zip(row).zip(&is_number) {
                match text.parse::<f64>() {
                    Ok(number) if *is_number => sheet.write_number(line, column, number)?,
                    _ => sheet.write_string(line, column, text)?,
                };
            }
        }
    }
    book.save_to_writer(out)?;
    Ok(line.into())
}
