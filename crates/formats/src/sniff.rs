//! Which reader a file is for, by its header line.

use crate::{csv::separator, figure_list, press_table, sdmx_csv};

/// The kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Read by [`press_table`].
    PressTable,
    /// Read by [`sdmx_csv`].
    SdmxCsv,
    /// Read by [`figure_list`].
    FigureList,
}

impl Kind {
    /// The size from which on a file of the kind is refused, in bytes.
    #[must_use]
    pub const fn maximum_bytes(self) -> usize {
        match self {
            Self::PressTable => press_table::MAXIMUM_BYTES,
            Self::SdmxCsv => sdmx_csv::MAXIMUM_BYTES,
            Self::FigureList => figure_list::MAXIMUM_BYTES,
        }
    }
}

/// Which kind of file this is, as far as its header line says. What has none that is known is for the reader of press
/// tables, which says what is wrong.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Kind {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
        Kind::SdmxCsv
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
            ("DATAFLOW,FREQ\n", Kind::SdmxCsv),
            ("\u{feff}STRUCTURE;STRUCTURE_ID;ACTION", Kind::SdmxCsv),
            ("\"STRUCTURE\"\t\"STRUCTURE_ID\"\r\n", Kind::SdmxCsv),
            ("STRUCTURE[;],STRUCTURE_ID", Kind::SdmxCsv),
            ("STRUCTURE[;]|STRUCTURE_ID", Kind::SdmxCsv),
            ("structure,structure_id", Kind::SdmxCsv),
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
