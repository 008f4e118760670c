//! Which reader a file is for, by its header line.

use crate::{
    csv::separator,
    figure_list, press_table,
    sdmx::format::{self, Format},
    text::BYTE_ORDER_MARK,
};

/// The kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Read by [`press_table`].
    PressTable,
    /// Read by [`data_file`](crate::data_file).
    DataFile,
    /// Read by [`figure_list`].
    FigureList,
}

impl Kind {
    /// The size from which on a file of the kind is refused, in bytes; `None` where it can have any.
    #[must_use]
    pub const fn maximum_bytes(self) -> Option<usize> {
        match self {
            Self::PressTable => Some(press_table::MAXIMUM_BYTES),
            Self::DataFile => None,
            Self::FigureList => Some(figure_list::MAXIMUM_BYTES),
        }
    }
}

/// Which kind of file this is, as far as its first kilobytes say: XML and JSON are data files, and all else says it in its
/// header line. What has none that is known is for the reader of press
/// tables, which says what is wrong.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Kind {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if format::of(bytes) != Format::Csv {
        return Kind::DataFile;
    }
    let mut lines = bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let header = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let cells: Vec<_> = header
        .split(separator(&header))
        .map(|cell| cell.trim().trim_matches('"').to_ascii_lowercase())
        .collect();
    let first = cells.first().map_or("", String::as_str);
    let has = |name: &str| cells.iter().any(|cell| cell == name);
    let is_first = |name: &str| {
        first
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', ':']))
    };
    if cells.len() > 1 && (is_first("structure") || is_first("dataflow")) {
        Kind::DataFile
    } else if has("item") && (has("indicator") || has("value") || has("period")) {
        Kind::FigureList
    } else {
        Kind::PressTable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_line_says_which_reader_a_file_is_for() {
        for (text, kind) in [
            ("DATAFLOW,FREQ\n", Kind::DataFile),
            ("\u{feff}STRUCTURE;STRUCTURE_ID;ACTION", Kind::DataFile),
            ("\"STRUCTURE\"\t\"STRUCTURE_ID\"\r\n", Kind::DataFile),
            ("STRUCTURE[;],STRUCTURE_ID", Kind::DataFile),
            ("STRUCTURE[;]|STRUCTURE_ID", Kind::DataFile),
            ("structure,structure_id", Kind::DataFile),
            ("\u{feff} <?xml version=\"1.0\"?>", Kind::DataFile),
            ("{\"data\": {}}", Kind::DataFile),
            (
                "item,ref_area,indicator,period,value,unit_mult,decimals,source\n",
                Kind::FigureList,
            ),
            (
                "\u{feff}# note: estimates\r\n\r\nperiod;value;item\n",
                Kind::FigureList,
            ),
            (
                "Trade by region\t\t\n\tIn absolute figures (€ million)\n",
                Kind::PressTable,
            ),
            ("# a title\n\tStructure\n", Kind::PressTable),
            ("Structure of trade\n", Kind::PressTable),
            ("", Kind::PressTable),
            ("\u{0}\u{1}", Kind::PressTable),
        ] {
            assert_eq!(sniff(text.as_bytes()), kind, "{text:?}");
        }
    }
}
