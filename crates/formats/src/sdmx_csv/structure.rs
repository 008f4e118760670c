//! What comes before the key of a row: of which dataflow it is, and what it is to do.

use regtrade_model::Dataflow;

use crate::{Rule, issue::Issues};

use super::{
    cells::{Cells, Reported},
    header::Component,
};

/// The ACTION of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActionCode {
    Information,
    Append,
    Merge,
    Replace,
    Delete,
}

impl ActionCode {
    /// The action of a row; none is I.
    pub(super) fn of(cells: &Cells<'_, '_>, issues: &mut Issues) -> Result<Self, Reported> {
        match cells.text(Component::Action) {
            None | Some("I") => Ok(Self::Information),
            Some("A") => Ok(Self::Append),
            Some("M") => Ok(Self::Merge),
            Some("R") => Ok(Self::Replace),
            Some("D") => Ok(Self::Delete),
            Some(_) => Err(cells.report(
                Component::Action,
                Rule::ActionUnknown,
                issues,
                |found| {
                    format!(
                        "‘{found}’ is no action; write I in all rows of a whole data set, or A (append), M (merge), R (replace) or D (delete)"
                    )
                },
            )),
        }
    }
}

/// Of which structure the rows are.
#[derive(Default)]
pub(super) struct Structure {
    /// The structure of the row before, and whether it is the one that is taken in.
    before: Option<(String, bool)>,
}

impl Structure {
    /// Checks of which dataflow the row is. Rows that follow each other with the same fault are reported once.
    pub(super) fn check(
        &mut self,
        cells: &Cells<'_, '_>,
        issues: &mut Issues,
    ) -> Result<(), Reported> {
        let (kind, id) = match cells.columns.at(Component::Dataflow) {
            Some(_) => (None, Component::Dataflow),
            None => (Some(Component::Structure), Component::StructureId),
        };
        let text = cells.text(id).unwrap_or_default();
        let word = kind.map(|kind| cells.text(kind).unwrap_or_default().to_ascii_lowercase());
        let said = format!("{} {text}", word.as_deref().unwrap_or_default());
        match &self.before {
            Some((before, true)) if *before == said => return Ok(()),
            Some((before, false)) if *before == said => return Err(Reported),
            _ => {}
        }
        let kinds = ["dataflow", "datastructure", "dataprovision"];
        let known = word.as_deref().is_none_or(|word| kinds.contains(&word));
        let result = if !known {
            let kind = kind.unwrap_or(id);
            Err(cells.report(kind, Rule::StructureUnknown, issues, |found| {
                format!("‘{found}’ is no kind of structure; write dataflow")
            }))
        } else if text.is_empty() {
            Err(cells.report(id, Rule::StructureUnknown, issues, |_| {
                "the row does not say of which dataflow it is; write BE2:REGTRD(1.0)".to_owned()
            }))
        } else if dataflow_of(text) != Some(Dataflow::Regtrd) {
            Err(cells.report(id, Rule::StructureOther, issues, |found| {
                format!("the row is of ‘{found}’, and data files are taken in of the dataflow REGTRD alone, such as BE2:REGTRD(1.0)")
            }))
        } else {
            Ok(())
        };
        self.before = Some((said, result.is_ok()));
        result
    }
}

/// The dataflow of `AGENCY:ID(VERSION)`, of which agency and version may be left out.
fn dataflow_of(text: &str) -> Option<Dataflow> {
    let id = text.rsplit_once(':').map_or(text, |(_, id)| id);
    let id = match id.split_once('(') {
        Some((id, version)) => version.ends_with(')').then_some(id)?,
        None => id,
    };
    id.parse().ok()
}
