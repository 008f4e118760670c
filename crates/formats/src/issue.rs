//! Issues: what is wrong with a file, where, and by which rule.

use std::fmt;

/// How many issues of a file are kept in full; the rest is only counted.
const KEPT: usize = 1_000;

/// How many characters of a cell an issue repeats.
const SHOWN: usize = 80;

/// Something in a file that keeps it from being taken in.
///
/// Its text is `LINE:COLUMN: explanation [rule]`; whoever knows the name of the file puts it in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Line, from 1.
    pub line: u32,
    /// Cell of the line, from 1, the label being the first. For the `file.…` rules on bytes (`file.binary`,
    /// `file.encoding`, `file.line-ends`) it is the character of the line, from 1, a byte-order mark not counted.
    pub column: u32,
    /// The rule that is broken.
    pub rule: Rule,
    /// The text of the cell without its markup, cut at 80 characters; empty where there is none.
    pub found: String,
    /// What is wrong, and what to do about it.
    pub explanation: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            rule,
            explanation,
            ..
        } = self;
        write!(f, "{line}:{column}: {explanation} [{rule}]")
    }
}

/// Gives each rule its id and its description, in one list that cannot get out of step.
macro_rules! rules {
    ($($rule:ident => $id:literal, $description:literal;)+) => {
        /// A rule that a file can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: ", $description)] $rule,)+
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// The id, which does not change from version to version.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id),+ }
            }

            /// What the rule asks for, in one sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$rule => $description),+ }
            }
        }
    };
}

rules! {
    FileTooLarge => "file.too-large", "A press table is at most 1 MiB, a list of figures at most 64 MiB.";
    FileEmpty => "file.empty", "A file has text in it.";
    FileBinary => "file.binary", "A file is text, without control characters.";
    FileEncoding => "file.encoding", "A file is encoded in UTF-8.";
    FileLineEnds => "file.line-ends", "Lines end in LF or CR LF.";
    FileTruncated => "file.truncated", "A file ends where its table ends.";
    LineTooLong => "line.too-long", "A line is at most 64 KiB.";
    HeaderMissing => "header.missing", "A table has a row of headings and, below it, a row of periods.";
    HeaderHeadingMissing => "header.heading-missing", "Every period stands under a heading.";
    HeaderPeriodMissing => "header.period-missing", "Every heading has periods under it, without a gap between them.";
    HeaderPeriodMalformed => "header.period-malformed", "A period is a year or a span of years.";
    HeaderPeriodTwice => "header.period-twice", "A period stands once under the headings of an indicator.";
    HeaderPeriodUnfit => "header.period-unfit", "Average growth is of a span of years, every other indicator of one year.";
    HeaderWithoutRows => "header.without-rows", "Rows of figures follow each header.";
    LabelUnknown => "label.unknown", "Every label is one of the description of the table.";
    LabelAmbiguous => "label.ambiguous", "A label stands for one code.";
    LabelMissing => "label.missing", "A row of figures starts with the label of an area.";
    UnitMissing => "unit.missing", "A heading ends in its unit, in brackets.";
    UnitUnknown => "unit.unknown", "A unit is percent, or a multiple of the euro.";
    UnitUnfit => "unit.unfit", "Levels are in euro, shares and rates in percent, and no unit contradicts its multiple.";
    UnitMixed => "unit.mixed", "All levels of a table have the same unit.";
    UnitTwoReadings => "unit.two-readings", "A unit means one multiple, whatever the language.";
    FigureWithoutHeader => "figure.without-header", "Figures stand under a header.";
    FigureWithoutSection => "figure.without-section", "Figures stand in the section of an item.";
    SectionWithFigures => "section.with-figures", "The label of an item stands alone in its row.";
    RowTruncated => "row.truncated", "A row has a cell for each column.";
    RowTooManyCells => "row.too-many-cells", "A row has no cell outside the columns.";
    NumberMalformed => "number.malformed", "A figure is a number or a mark for a missing one.";
    NumberTwoSigns => "number.two-signs", "A number has at most one sign.";
    NumberTooLarge => "number.too-large", "A number has at most 28 digits.";
    NumberTwoReadings => "number.two-readings", "A number has one reading.";
    NumberContradiction => "number.contradiction", "A table has one decimal mark.";
    KeyDuplicate => "key.duplicate", "A figure stands once in a file.";
    AreaMissing => "area.missing", "Every section has a row for every area.";
    AreaUnexpected => "area.unexpected", "No section has a row for an area that the others do not have.";
    ItemMissing => "item.missing", "A total comes with all its parts or with none, and parts come with their total.";
    HeaderUnknown => "header.unknown", "A data file or a list of figures starts with a line that names its columns.";
    ColumnUnknown => "column.unknown", "A file has no column that its format does not know.";
    ColumnMissing => "column.missing", "A file has every column that its rows need.";
    ColumnTwice => "column.twice", "A column stands once.";
    QuoteMalformed => "quote.malformed", "A cell with a quotation mark in it stands in quotation marks, and the marks inside are doubled.";
    StructureUnknown => "structure.unknown", "A structure is a dataflow, a datastructure or a dataprovision, and has an id.";
    StructureOther => "structure.other", "All rows of a data file are of dataflows that are mapped to one of ours.";
    ActionUnknown => "action.unknown", "An action is I, A, M, R or D.";
    ActionMixed => "action.mixed", "A data file is a whole data set (I) or a partial update (A, M, R, D).";
    DimensionMissing => "dimension.missing", "A row has one value for each dimension, unless it deletes.";
    CodeUnknown => "code.unknown", "A code is one of its list.";
    ItemDerived => "item.derived", "A balance is computed from its two items, and not handed in.";
    PeriodMalformed => "period.malformed", "A period is a year, or where the indicator allows it a span of years.";
    PeriodUnfit => "period.unfit", "Average growth is of a span of years, growth of a year or of a longer span, all else of one year.";
    FrequencyUnfit => "frequency.unfit", "The frequency is that of the period.";
    FrequencyNotKept => "frequency.not-kept", "The dataflow REGTRD is annual, EXTTRADE monthly.";
    NumberNan => "number.nan", "A value that is not there is an empty cell.";
    AttributeMissing => "attribute.missing", "A value has the attributes without which it could be read in two ways.";
    AttributeMalformed => "attribute.malformed", "UNIT_MULT is a whole number from 0 to 15, DECIMALS one from 0 to 28.";
    DecimalsUnfit => "decimals.unfit", "A printed value has as many decimals as the list says.";
    StatusContradiction => "status.contradiction", "An observation that has a value has no status of a missing one.";
    ConfStatusNotKept => "conf-status.not-kept", "Every published figure is free to publish (F).";
    IndicatorUnfit => "indicator.unfit", "An indicator is one that its item can have.";
    DeleteWithValues => "delete.with-values", "A row that deletes names dimensions alone.";
    DeleteNothing => "delete.nothing", "A row that deletes finds something to delete.";
    AppendExisting => "append.existing", "A row that appends brings an observation that is not there yet.";
    UpdateNothing => "update.nothing", "A partial update changes something.";
    StructureSynthetic => "structure.synthetic", "A data file is synthetic as a whole, or not at all.";
    RowsSkipped => "rows.skipped", "A mapping takes some row of a data file in.";
    MappingMalformed => "mapping.malformed", "A mapping is TOML, and what it says is of the kind that its place asks for.";
    MappingKeyUnknown => "mapping.key-unknown", "A mapping says nothing that its reader does not know.";
    MappingMissing => "mapping.missing", "A mapping says where each dimension of our dataflow, and the value, come from.";
    MappingCodeUnknown => "mapping.code-unknown", "A code that another is mapped to is one of our lists.";
    MappingCodeTwice => "mapping.code-twice", "A mapping says of a code once what it is.";
    MappingTwoToOne => "mapping.two-to-one", "Two codes are mapped to one only where one is called a synonym.";
    FileCompression => "file.compression", "A file is compressed with gzip, once and whole, or not at all.";
    FileUnreadable => "file.unreadable", "A file can be read to its end.";
    XmlMalformed => "xml.malformed", "A message in XML is well-formed.";
    XmlForbidden => "xml.forbidden", "A message in XML has no document type declaration, and no entities but the five of XML itself.";
    JsonMalformed => "json.malformed", "A message in JSON is well-formed.";
    JsonMemberTwice => "json.member-twice", "A member stands once in its object.";
    MessageUnknown => "message.unknown", "A data message is one of SDMX-ML 2.1 or 3.0, or of SDMX-JSON 1.0, 2.0 or 2.1.";
    MessageTooComplex => "message.too-complex", "The values, attributes, groups and levels of a message are within the bounds of this reader.";
    MessageError => "message.error", "A message does not say itself that an error has kept something out of it.";
    ElementUnknown => "element.unknown", "A data set has the elements that its format knows, with what they need.";
    ElementMisplaced => "element.misplaced", "What holds of many observations stands before them.";
    ValueSeveral => "value.several", "A component has one value, and no translations of it.";
    ValueConflict => "value.conflict", "What a message says of an observation at several levels agrees.";
    IndexMalformed => "index.malformed", "An index is the number, from 0, of one of the values that the message lists.";
    GroupAmbiguous => "group.ambiguous", "A component of a group identifies it in all its data set, or is one of its attributes in all of it.";
    GroupUnused => "group.unused", "The attributes of a group or a series are those of observations of the message.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Collects the issues of one file, and bounds what they cost.
#[derive(Debug, Default)]
pub struct Issues {
    kept: Vec<Issue>,
    count: usize,
}

impl Issues {
    /// Adds an issue. The explanation is only worded where the issue is kept.
    pub fn report(
        &mut self,
        (line, column): (u32, u32),
        rule: Rule,
        found: &str,
        explain: impl FnOnce() -> String,
    ) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Issue {
                line,
                column,
                rule,
                found: shown(found),
                explanation: explain(),
            });
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether no more issues are kept.
    pub fn is_full(&self) -> bool {
        self.kept.len() == KEPT
    }

    /// The issues in the order of the file, and how many there are in all.
    pub fn finish(mut self) -> (Vec<Issue>, usize) {
        self.kept.sort_by_key(|issue| (issue.line, issue.column));
        (self.kept, self.count)
    }
}

/// A text of the file as messages repeat it: trimmed, and cut at 80 characters.
pub(crate) fn shown(text: &str) -> String {
    text.trim().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own() {
        let mut ids: Vec<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Rule::ALL.len());
    }

    #[test]
    fn an_issue_says_where_what_and_by_which_rule() {
        let mut issues = Issues::default();
        issues.report((7, 3), Rule::NumberMalformed, " 1,2,3 ", || {
            "‘1,2,3’ is no number".to_owned()
        });
        let (kept, count) = issues.finish();
        assert_eq!(
            (kept[0].to_string().as_str(), kept[0].found.as_str(), count),
            ("7:3: ‘1,2,3’ is no number [number.malformed]", "1,2,3", 1)
        );
    }

    #[test]
    fn a_flood_of_issues_is_counted_and_not_kept() {
        let mut issues = Issues::default();
        for line in 0..5_000 {
            issues.report((line, 1), Rule::LabelUnknown, &"é".repeat(200), || {
                assert!(line < 1_000, "an issue was worded that is not kept");
                String::new()
            });
        }
        let (kept, count) = issues.finish();
        assert_eq!((kept.len(), count), (1_000, 5_000));
        assert_eq!(kept[0].found.chars().count(), 80);
    }
}
