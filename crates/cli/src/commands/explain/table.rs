//! An explanation as a table for a person.

use std::io::Write;

use anyhow::Result;
use spork_index::Index;
use spork_search::{ExplainedTerm, Explanation, Origin};
use spork_searcher::Query;

use crate::text_table::{Align, TextTable, plain};

/// Terms that the document lacks and that are named.
const MISSING: usize = 12;
/// Characters of a bar that is full.
const BAR: usize = 10;

pub(super) fn write(
    output: &mut impl Write,
    index: &Index,
    query: &Query,
    explanation: &Explanation,
    rank: Option<usize>,
) -> Result<()> {
    let Explanation { docno, score, points, unit, terms, .. } = explanation;
    let numbers = Numbers { exact: query.is_exact(), several: index.manifest().fields.len() > 1 };
    let rank = rank.map_or_else(String::new, |rank| format!("rank {rank}, "));
    write!(output, "{}: {rank}score {}", plain(docno), numbers.value(*score))?;
    if !numbers.exact && *points > 0 {
        write!(output, " = {points} points of {unit:.3e}")?;
    }
    writeln!(output)?;
    if numbers.several {
        writeln!(output, "{}", by_field(index, explanation))?;
    }
    if terms.is_empty() {
        writeln!(output, "it has no term of the query")?;
    } else {
        writeln!(output)?;
        numbers.table(explanation).write(output)?;
    }
    write_rest(output, explanation, numbers)
}

/// The share of each field.
fn by_field(index: &Index, explanation: &Explanation) -> String {
    let share = |field: &spork_index::Field| {
        let of_field = explanation.terms.iter().filter(|term| term.field == field.name);
        format!("{} {}", field.name, percent(of_field.map(|term| term.share).sum()))
    };
    index.manifest().fields.iter().map(share).collect::<Vec<_>>().join(", ")
}

/// How numbers are shown.
#[derive(Clone, Copy)]
struct Numbers {
    /// Whether all weights are integers, so that points and values are the same.
    exact: bool,
    /// Whether there are several fields to tell apart.
    several: bool,
}

impl Numbers {
    fn value(self, value: f64) -> String {
        if self.exact { format!("{value:.0}") } else { format!("{value:.3}") }
    }

    fn table(self, explanation: &Explanation) -> TextTable {
        let mut head = vec![("share", Align::Right), ("", Align::Left), ("term", Align::Left)];
        if self.several {
            head.push(("field", Align::Left));
        }
        head.extend(["query", "document", "product"].map(|name| (name, Align::Right)));
        if !self.exact {
            head.push(("points", Align::Right));
        }
        head.extend([
            ("df", Align::Right),
            ("in query", Align::Left),
            ("in document", Align::Left),
        ]);
        let mut table = TextTable::new(&head);
        let most = explanation.terms.first().map_or(1.0, |term| term.share);
        for term in &explanation.terms {
            table.push(self.row(term, most));
        }
        let mut total = vec!["100%".to_owned(), String::new(), "score".to_owned()];
        total.extend(self.several.then(String::new));
        total.extend([String::new(), String::new(), self.value(explanation.score)]);
        total.extend((!self.exact).then(|| explanation.points.to_string()));
        table.push(total);
        table
    }

    fn row(self, term: &ExplainedTerm, most: f64) -> Vec<String> {
        let mut row = vec![percent(term.share), bar(term.share / most), plain(&term.term)];
        row.extend(self.several.then(|| term.field.clone()));
        row.extend([term.query_value, term.document_value, term.value].map(|v| self.value(v)));
        row.extend((!self.exact).then(|| term.product.to_string()));
        row.push(term.df.to_string());
        row.extend([term.in_query, term.in_document].map(|origin| name(origin).to_owned()));
        row
    }
}

/// What the document lacks, and what no document has.
fn write_rest(output: &mut impl Write, explanation: &Explanation, numbers: Numbers) -> Result<()> {
    let Explanation { missing, unknown, rounded_to_zero, .. } = explanation;
    let of_field = |term: &str, field: &str| {
        if numbers.several { format!("{} ({field})", plain(term)) } else { plain(term) }
    };
    if !missing.is_empty() {
        let named = missing.iter().take(MISSING).map(|term| {
            let expansion = if term.in_query == Origin::Expansion { " (expansion)" } else { "" };
            let weight = numbers.value(term.query_value);
            format!("{} {weight}{expansion}", of_field(&term.term, &term.field))
        });
        let named: Vec<String> = named.collect();
        writeln!(output, "\nnot in the document: {}{}", named.join(", "), more(missing.len()))?;
    }
    if !unknown.is_empty() {
        let named = unknown.iter().take(MISSING).map(|term| of_field(&term.term, &term.field));
        let named: Vec<String> = named.collect();
        writeln!(output, "in no document: {}{}", named.join(", "), more(unknown.len()))?;
    }
    if *rounded_to_zero > 0 {
        writeln!(
            output,
            "{rounded_to_zero} weights of the query round to zero beside its largest"
        )?;
    }
    Ok(())
}

fn more(count: usize) -> String {
    if count > MISSING { format!(", and {} more", count - MISSING) } else { String::new() }
}

fn name(origin: Origin) -> &'static str {
    match origin {
        Origin::Text => "text",
        Origin::Expansion => "expansion",
        Origin::Unknown => "unknown",
    }
}

/// A share as a whole percentage; what rounds to none is said to be less than one.
pub(super) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 { "<1%".to_owned() } else { format!("{:.0}%", 100.0 * share) }
}

/// A bar of eighths of a character.
fn bar(part: f64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (part * 8.0 * BAR as f64).round().clamp(1.0, 8.0 * BAR as f64) as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_shares() {
        assert_eq!((bar(1.0).as_str(), bar(0.0).as_str()), ("██████████", "▏"));
        assert_eq!(bar(0.35), "███▌");
        assert_eq!([1.0, 0.126, 0.004, 0.0].map(percent), ["100%", "13%", "<1%", "0%"]);
    }
}
