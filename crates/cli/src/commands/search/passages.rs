//! The passage of a text below each hit of a table.

use std::io::{IsTerminal, stdout};

use anyhow::Result;
use spork_core::DocId;
use spork_index::Index;
use spork_search::{Passages, Snippet, Snippets, with_passage};

/// Characters of a passage.
const LENGTH: usize = 160;
/// What a terminal takes for bold, and for its end.
const BOLD: [&str; 2] = ["\x1b[1m", "\x1b[0m"];

/// Shows passages, in bold what matches where standard output is a terminal.
pub(super) struct PassageLines {
    passages: Option<Passages>,
    bold: bool,
}

impl PassageLines {
    /// For an index; shows nothing where it stores no texts, or where nothing is `shown`.
    pub(super) fn of(index: &Index, shown: bool) -> Result<Self> {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let bold = !no_color && stdout().is_terminal();
        let passages = if shown { Passages::of(index)? } else { None };
        Ok(Self { passages, bold })
    }

    /// The finder of passages for a query; none where no texts are stored.
    pub(super) fn for_query(&self, query: &spork_searcher::Query) -> Option<Snippets<'_>> {
        self.passages.as_ref().map(|passages| passages.for_query(query))
    }

    /// The line of a document.
    pub(super) fn line(
        &self,
        index: &Index,
        docid: DocId,
        snippets: &Snippets<'_>,
    ) -> Result<Option<String>> {
        Ok(with_passage(index, docid, snippets, LENGTH, |snippet| self.render(snippet))?)
    }

    fn render(&self, snippet: &Snippet<'_>) -> String {
        let [on, off] = if self.bold { BOLD } else { ["", ""] };
        let (mut line, mut end) = (String::new(), 0);
        let push = |text: &str, line: &mut String| {
            // A text may hold what would move the cursor.
            line.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
        };
        for matched in &snippet.matches {
            push(snippet.text.get(end..matched.start).unwrap_or_default(), &mut line);
            line.push_str(on);
            push(snippet.text.get(matched.clone()).unwrap_or_default(), &mut line);
            line.push_str(off);
            end = matched.end;
        }
        push(snippet.text.get(end..).unwrap_or_default(), &mut line);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_bold_and_nothing_moves_the_cursor() {
        let snippet =
            Snippet { text: "an old\u{1b}[2J fork", start: 0, matches: vec![3..6, 11..15] };
        let line = |bold| PassageLines { passages: None, bold }.render(&snippet);
        assert_eq!(line(false), "an old [2J fork");
        assert_eq!(line(true), "an \u{1b}[1mold\u{1b}[0m [2J \u{1b}[1mfork\u{1b}[0m");
    }
}
