//! What every SDMX data format comes to: rows of components, of a structure, with what is to be done with them.
//!
//! A reader of a format pushes rows into a [`Sink`] as it meets them, and keeps nothing of them. What a row means to the
//! dataflow that is taken in is for the sink to say.

use std::io::{self, BufRead};

use crate::issue::Issues;

/// Bytes that can be read again from their beginning: formats in which the structure may follow the data are read twice.
pub trait Source {
    /// The bytes from their beginning.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>>;
}

impl Source for &[u8] {
    fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(*self))
    }
}

/// What a reference to a structure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StructureKind {
    /// A dataflow.
    Dataflow,
    /// A data structure definition.
    DataStructure,
    /// A provision agreement.
    ProvisionAgreement,
}

/// Of which structure rows are, as the message says: `AGENCY:ID(VERSION)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructureRef {
    /// What it is a reference to.
    pub kind: StructureKind,
    /// The agency that maintains it; empty where none is named.
    pub agency: String,
    /// Its id.
    pub id: String,
    /// Its version; empty where none is named.
    pub version: String,
}

/// What is to be done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionCode {
    /// I: it is there.
    Information,
    /// A: add it.
    Append,
    /// M: change what it gives.
    Merge,
    /// R: put it in the place of what is there.
    Replace,
    /// D: take away what it names.
    Delete,
}

/// A component of a row that has something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Which component: its number in the order in which the sink was told of them.
    pub component: usize,
    /// What it holds: the id of a code, or a value, without its name and without spaces around it. Not empty.
    pub text: &'a str,
    /// Where it stands: the line, from 1.
    pub line: u32,
    /// In csv the cell of the line from 1, in XML and JSON the character from 1.
    pub column: u32,
}

/// An observation of a message, or of a deletion what it names: dimensions, measures and attributes, those of its
/// group, series and data set among them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Where it begins.
    pub line: u32,
    /// As of a cell.
    pub column: u32,
    /// What is to be done with it.
    pub action: ActionCode,
    /// Each component that has something in it, once.
    pub cells: &'a [Cell<'a>],
}

/// What takes the rows of a message.
pub trait Sink {
    /// The rows that follow are of this structure. Said before the first row, and whenever it changes.
    fn structure(&mut self, structure: &StructureRef, at: (u32, u32), issues: &mut Issues);

    /// The component of a number, which is the next one. Said before the first row that has it.
    fn component(&mut self, number: usize, id: &str, at: (u32, u32), issues: &mut Issues);

    /// The next row.
    fn row(&mut self, row: &Row<'_>, issues: &mut Issues);
}
