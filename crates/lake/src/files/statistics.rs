//! What the log says of the rows of a file.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use serde_json::{Value, json};

/// The columns whose least and greatest value is in the log.
pub(crate) const WITH_STATISTICS: [&str; 4] = ["content", "dataflow", "release", "time_period"];

/// How many rows there are, and the least and the greatest of some columns, as far as they were counted.
#[derive(Default)]
pub(crate) struct Statistics {
    pub(crate) rows: u64,
    ends: BTreeMap<&'static str, (String, String)>,
}

impl Statistics {
    /// Counts rows more.
    pub(crate) fn count(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for column in WITH_STATISTICS {
            let array = batch.column_by_name(column);
            let texts = array.and_then(|array| array.as_string_opt::<i32>());
            let ends = texts
                .into_iter()
                .flatten()
                .flatten()
                .fold(None, |ends, text| {
                    let (least, greatest) = ends.unwrap_or((text, text));
                    Some((least.min(text), greatest.max(text)))
                });
            let Some((least, greatest)) = ends else {
                continue;
            };
            self.widen(column, least, greatest);
        }
    }

    /// Takes the least and the greatest of more rows.
    pub(crate) fn widen(&mut self, column: &'static str, least: &str, greatest: &str) {
        let own = || (least.to_owned(), greatest.to_owned());
        let (first, last) = self.ends.entry(column).or_insert_with(own);
        if least < first.as_str() {
            *first = least.to_owned();
        }
        if greatest > last.as_str() {
            *last = greatest.to_owned();
        }
    }

    /// As the log has it.
    pub(crate) fn to_json(&self) -> Value {
        let (mut least, mut greatest, mut nulls) = (json!({}), json!({}), json!({}));
        for (column, (first, last)) in &self.ends {
            least[column] = first.as_str().into();
            greatest[column] = last.as_str().into();
            nulls[column] = 0.into();
        }
        json!({ "numRecords": self.rows, "minValues": least, "maxValues": greatest, "nullCount": nulls })
    }
}
