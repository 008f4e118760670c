//! What the fuzz targets share: a sink that holds readers to their promises.

use regtrade_formats::{
    Issues,
    sdmx::message::{Row, Sink, Source, StructureRef},
};

/// A sink that panics where a reader does what it must not.
#[derive(Default)]
pub struct Checked {
    has_structure: bool,
    components: usize,
}

impl Checked {
    /// Reads a message.
    pub fn read(reader: fn(&dyn Source, &mut dyn Sink, &mut Issues), source: &dyn Source) {
        reader(source, &mut Self::default(), &mut Issues::default());
    }
}

impl Sink for Checked {
    fn structure(&mut self, structure: &StructureRef, (line, column): (u32, u32), _: &mut Issues) {
        assert!(!structure.id.is_empty() && line > 0 && column > 0);
        self.has_structure = true;
    }

    fn component(&mut self, number: usize, _: &str, _: (u32, u32), _: &mut Issues) {
        assert_eq!(number, self.components);
        self.components += 1;
    }

    fn row(&mut self, row: &Row<'_>, _: &mut Issues) {
        assert!(self.has_structure && row.line > 0 && row.column > 0);
        for (place, cell) in row.cells.iter().enumerate() {
            assert!(cell.component < self.components);
            assert!(!cell.text.is_empty() && cell.text.trim() == cell.text);
            assert!(cell.line > 0 && cell.column > 0);
            let before = row.cells.iter().take(place);
            assert!(before.into_iter().all(|other| other.component != cell.component));
        }
    }
}
