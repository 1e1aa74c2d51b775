//! An explanation in one line, for a table of hits.

use spork_search::{ExplainedTerm, Explanation, Origin};

use super::table::percent;
use crate::text_table::plain;

/// Terms that are named.
const TERMS: usize = 5;

/// The heaviest terms with their shares, such as `fork 62% · bowl 38% (expansion)`, where one of
/// the two texts lacks the word; of several fields with theirs.
pub(crate) fn top_terms(explanation: &Explanation, several: bool) -> String {
    let term = |term: &ExplainedTerm| {
        let field = if several { format!(" {}", term.field) } else { String::new() };
        let expansion = [term.in_query, term.in_document].contains(&Origin::Expansion);
        let from = if expansion { " (expansion)" } else { "" };
        format!("{} {}{field}{from}", plain(&term.term), percent(term.share))
    };
    let mut terms: Vec<String> = explanation.terms.iter().take(TERMS).map(term).collect();
    let more = explanation.terms.len().saturating_sub(TERMS);
    if more > 0 {
        terms.push(format!("{more} more"));
    }
    terms.join(" · ")
}
