//! The issues of all files of a release: all are counted, and the first of them told in full.

use regtrade_proto::v1::Issue;

/// Issues that are told in full.
const MOST: usize = 1_000;

/// Issues, as they are found.
#[derive(Debug, Default)]
pub(super) struct Found {
    told: Vec<Issue>,
    count: usize,
}

impl Found {
    /// One more. It is only worded where it is told.
    pub(super) fn add(&mut self, issue: impl FnOnce() -> Issue) {
        self.count += 1;
        if self.told.len() < MOST {
            self.told.push(issue());
        }
    }

    /// Those of a file that was read, of which there are `count` in all.
    pub(super) fn read(&mut self, file: &str, issues: Vec<regtrade_formats::Issue>, count: usize) {
        self.count += count.saturating_sub(issues.len());
        for issue in issues {
            self.add(|| Issue {
                file: file.to_owned(),
                line: issue.line,
                column: issue.column,
                rule: issue.rule.to_string(),
                found: issue.found,
                explanation: issue.explanation,
            });
        }
    }

    /// Those that are only counted.
    pub(super) const fn more(&mut self, count: usize) {
        self.count += count;
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn into_told(self) -> Vec<Issue> {
        self.told
    }
}
