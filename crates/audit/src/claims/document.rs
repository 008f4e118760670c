//! The text of a communiqué as headings, paragraphs and sentences, each with its line.

/// A run of lines that belong together: a heading, a paragraph or an entry of a list.
pub(super) struct Block<'a> {
    pub heading: bool,
    pub sentences: Vec<Sentence<'a>>,
}

/// One sentence, as it stands in the text.
pub(super) struct Sentence<'a> {
    pub text: &'a str,
    /// The line that it begins on, from 1.
    pub line: u32,
}

/// Cuts a text into blocks. Lines of tables (cells parted by tabs or bars) are left out: they are not prose.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = vec![];
    let mut open: Option<(usize, usize, u32, bool)> = None;
    let mut offset = 0;
    for (at, line) in (1u32..).zip(text.split('\n')) {
        let trimmed = line.trim_start();
        let marks = trimmed.len() - trimmed.trim_start_matches(['#', '>']).len();
        let entry = ["- ", "* ", "• ", "– "]
            .iter()
            .find(|mark| trimmed.starts_with(**mark));
        let content =
            offset + (line.len() - trimmed.len()) + entry.map_or(marks, |mark| mark.len());
        let heading = trimmed.starts_with('#');
        if trimmed.is_empty() || line.contains('\t') || trimmed.starts_with('|') {
            found.extend(open.take().map(|block| close(text, block)));
        } else if let (Some(block), None, false) = (&mut open, entry, heading) {
            block.1 = offset + line.len();
        } else {
            found.extend(open.take().map(|block| close(text, block)));
            open = Some((content, offset + line.len(), at, heading));
        }
        if heading {
            found.extend(open.take().map(|block| close(text, block)));
        }
        offset += line.len() + 1;
    }
    found.extend(open.map(|block| close(text, block)));
    found
}

fn close(text: &str, (start, end, line, heading): (usize, usize, u32, bool)) -> Block<'_> {
    let block = text.get(start..end).unwrap_or_default();
    let mut sentences = vec![];
    let mut from = 0;
    for (at, mark) in block.char_indices() {
        let next = at + mark.len_utf8();
        if matches!(mark, '.' | '!' | '?') && ends_sentence(&block[from..at], &block[next..]) {
            // Emphasis and quotation that close right after the full stop belong to the sentence.
            let tail = block[next..].len()
                - block[next..]
                    .trim_start_matches(['*', '"', '»', '”', ')'])
                    .len();
            push(block, from, next + tail, line, &mut sentences);
            from = next + tail;
        }
    }
    push(block, from, block.len(), line, &mut sentences);
    Block { heading, sentences }
}

fn push<'a>(block: &'a str, from: usize, to: usize, line: u32, into: &mut Vec<Sentence<'a>>) {
    let Some(raw) = block.get(from..to) else {
        return;
    };
    let text = raw.trim();
    if text.chars().any(char::is_alphanumeric) {
        let before = from + (raw.len() - raw.trim_start().len());
        let newlines = block[..before].matches('\n').count();
        into.push(Sentence {
            text,
            line: line + u32::try_from(newlines).unwrap_or(0),
        });
    }
}

/// Abbreviations after which a capital letter may follow within the sentence.
const ABBREVIATIONS: [&str; 12] = [
    "resp", "cf", "ca", "bv", "bijv", "vgl", "bzw", "mio", "mrd", "vs", "approx", "env",
];

fn ends_sentence(before: &str, after: &str) -> bool {
    let after = after.trim_start_matches(['*', '"', '»', '”', ')']);
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return false;
    }
    let next = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    if next.starts_with(char::is_lowercase) {
        return false;
    }
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '«'))
        .next()
        .unwrap_or_default();
    let short_number =
        word.len() <= 2 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let abbreviated = ABBREVIATIONS.contains(&word.to_lowercase().as_str())
        || (word.chars().count() == 1 && word.chars().all(char::is_alphabetic))
        || word.contains('.') && word.chars().all(|c| c.is_alphabetic() || c == '.');
    !(short_number || abbreviated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_keep_the_line_that_they_begin_on_and_tables_are_left_out() {
        let text = "# A heading\nFirst. Second\ngoes on, z.B. Waren am 2. Mai. *Third.*\n- An entry\n\nRow\t1,0\n| a |\n";
        let found: Vec<(u32, &str, bool)> = blocks(text)
            .iter()
            .flat_map(|block| {
                block
                    .sentences
                    .iter()
                    .map(|s| (s.line, s.text, block.heading))
            })
            .collect();
        assert_eq!(
            found,
            [
                (1, "A heading", true),
                (2, "First.", false),
                (2, "Second\ngoes on, z.B. Waren am 2. Mai.", false),
                (3, "*Third.*", false),
                (4, "An entry", false),
            ]
        );
    }
}
