//! Of which structure a row is.

use crate::{
    Rule,
    csv::Row,
    issue::{Issues, shown},
    sdmx::message::{Sink, StructureKind, StructureRef},
};

use super::header::Header;

/// The structure of the row before.
#[derive(Default)]
pub(super) struct Structure {
    kind: String,
    id: String,
    /// Whether it was one.
    is_read: Option<bool>,
    /// How often it was another than before.
    pub(super) changes: u64,
}

impl Structure {
    /// Says of which structure the row is, where that is another than of the row before; `false` where the row does not say.
    /// Rows that follow each other with the same fault are reported once.
    pub(super) fn check(
        &mut self,
        row: &Row<'_>,
        header: &Header,
        sink: &mut dyn Sink,
        issues: &mut Issues,
    ) -> bool {
        let columns = header.structures;
        let kind = columns.kind.map_or("dataflow", |at| row.text(at));
        let id = columns.id.id(row.text(columns.id.at));
        if let Some(is_read) = self.is_read
            && self.kind == kind
            && self.id == id
        {
            return is_read;
        }
        (self.kind, self.id) = (kind.to_owned(), id.to_owned());
        self.changes += 1;
        let read = match kind_of(kind) {
            None => {
                let at = row.position(columns.kind.unwrap_or_default());
                issues.report(at, Rule::StructureUnknown, kind, || {
                    format!("‘{}’ is no kind of structure; write dataflow", shown(kind))
                });
                None
            }
            Some(_) if id.is_empty() || reference(StructureKind::Dataflow, id).id.is_empty() => {
                let at = row.position(columns.id.at);
                issues.report(at, Rule::StructureUnknown, "", || {
                    "the row does not say of which dataflow it is; write BE2:REGTRD(1.0)".to_owned()
                });
                None
            }
            Some(kind) => Some(reference(kind, id)),
        };
        if let Some(structure) = &read {
            sink.structure(structure, row.position(columns.id.at), issues);
        }
        self.is_read = Some(read.is_some());
        read.is_some()
    }
}

fn kind_of(word: &str) -> Option<StructureKind> {
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    match () {
        () if is("dataflow") => Some(StructureKind::Dataflow),
        () if is("datastructure") => Some(StructureKind::DataStructure),
        () if is("dataprovision") => Some(StructureKind::ProvisionAgreement),
        () => None,
    }
}

/// `AGENCY:ID(VERSION)`, of which agency and version may be left out.
fn reference(kind: StructureKind, text: &str) -> StructureRef {
    let (agency, rest) = text.split_once(':').unwrap_or(("", text));
    let version = rest.split_once('(');
    let version = version.and_then(|(id, version)| Some((id, version.strip_suffix(')')?)));
    let (id, version) = version.unwrap_or((rest, ""));
    StructureRef {
        kind,
        agency: agency.to_owned(),
        id: id.to_owned(),
        version: version.to_owned(),
    }
}
