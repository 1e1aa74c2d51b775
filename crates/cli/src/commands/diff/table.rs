//! A difference as text for a person.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use spork_eval::Move;
use spork_search::{DifferenceReport, JudgedDifference, ReportedTopic, TermDifference};

use crate::text_table::{TextTable, plain};

/// Documents of a topic that are shown, and terms of a document.
const DOCUMENTS: usize = 3;
const TERMS: usize = 4;
/// Characters of a topic's text.
const TEXT: usize = 90;
/// Changes that are shown as 0.00 are not.
const LEAST: f64 = 0.005;

pub(super) fn write(output: &mut impl Write, report: &DifferenceReport, show: usize) -> Result<()> {
    let agreement = &report.agreement;
    let k = report.k;
    writeln!(output, "A  {}", report.names[0])?;
    writeln!(output, "B  {}", report.names[1])?;
    writeln!(
        output,
        "\n{} topics, their best {k} documents: overlap {:.3}, rank-biased overlap {:.3}, {} equal",
        agreement.topics.len(),
        agreement.overlap(),
        agreement.rbo(),
        agreement.equal()
    )?;
    if let Some(judged) = &report.judged {
        write_judged(output, judged)?;
    }
    let differing =
        report.topics.iter().filter(|topic| !topic.difference.agreement.moves.is_empty());
    let shown: Vec<&ReportedTopic> = differing.take(show).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let by = match &report.judged {
        Some(judged) => judged.metric.to_string(),
        None => "rank-biased overlap".to_owned(),
    };
    writeln!(output, "\nThe topics that differ most by {by}, with ranks in A → B.")?;
    if report.depth.is_some() {
        writeln!(
            output,
            "Terms that moved a document: what they give in B less what in A, as parts of the best \
             score."
        )?;
    }
    for topic in shown {
        write_topic(output, report, topic)?;
    }
    Ok(())
}

fn write_judged(output: &mut impl Write, judged: &JudgedDifference) -> Result<()> {
    let comparison = &judged.comparison;
    let p = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), |p| format!("{p:.3}"));
    let ties = judged.topics - comparison.wins - comparison.losses;
    writeln!(
        output,
        "{} over {} judged topics: A {:.4}, B {:.4}\ndifference {:+.4}, p {} by randomization and \
         {} by t test",
        judged.metric,
        judged.topics,
        judged.means[0],
        judged.means[1],
        comparison.difference,
        p(comparison.randomization),
        p(comparison.t_test.as_ref().map(|test| test.p))
    )?;
    let (first, second) = (comparison.losses, comparison.wins);
    Ok(writeln!(output, "topics won by A: {first}, by B: {second}; tied: {ties}")?)
}

fn write_topic(
    output: &mut impl Write,
    report: &DifferenceReport,
    topic: &ReportedTopic,
) -> Result<()> {
    let agreement = &topic.difference.agreement;
    write!(output, "\n{}", plain(topic.qid()))?;
    if let Some(text) = &topic.text {
        write!(output, "  {}", plain(&shortened(text)))?;
    }
    write!(output, "\n   overlap {:.2}, rank-biased {:.2}", agreement.overlap, agreement.rbo)?;
    if let (Some([first, second]), Some(judged)) = (topic.values, &report.judged) {
        write!(output, ", {} {first:.3} → {second:.3}", judged.metric)?;
    }
    writeln!(output)?;
    let mut table = TextTable::nameless(5);
    let moves = agreement.moves.iter().zip(&topic.difference.terms).take(DOCUMENTS);
    for (moved, terms) in moves {
        table.push(row(report, topic, moved, terms));
    }
    table.write(output)?;
    Ok(())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn row(
    report: &DifferenceReport,
    topic: &ReportedTopic,
    moved: &Move,
    terms: &[TermDifference],
) -> Vec<String> {
    let [first, second] = moved.ranks.map(|rank| match (rank, report.depth) {
        (Some(rank), _) => rank.to_string(),
        (None, Some(depth)) => format!(">{depth}"),
        (None, None) => "none".to_owned(),
    });
    let arrow = if moved.is_up() { "↑" } else { "↓" };
    let grade = report.grade(topic.qid(), &moved.docno);
    let mut row = vec![format!("   {arrow}"), plain(&moved.docno), format!("{first} → {second}")];
    row.push(grade.map_or_else(String::new, |grade| format!("grade {grade}")));
    row.push(changes(terms, moved.is_up(), report.apart));
    row
}

/// The terms that moved a document most in the direction in which it went. If the sides are
/// `apart`, without a field in common, a term is the same in all fields; else several are told
/// apart.
fn changes(terms: &[TermDifference], up: bool, apart: bool) -> String {
    let several = !apart && terms.iter().any(|term| term.field != terms[0].field);
    let mut changes: BTreeMap<String, f64> = BTreeMap::new();
    for term in terms {
        let field = if several { format!(" {}", term.field) } else { String::new() };
        let change = if up { term.change() } else { -term.change() };
        *changes.entry(format!("{}\t{field}", plain(&term.term))).or_default() += change;
    }
    let mut changes: Vec<(String, f64)> = changes.into_iter().collect();
    changes.retain(|&(_, change)| change >= LEAST);
    changes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sign = if up { '+' } else { '−' };
    let shown = changes.iter().take(TERMS);
    let shown = shown.map(|(term, change)| {
        let (term, field) = term.split_once('\t').unwrap_or((term, ""));
        format!("{term} {sign}{change:.2}{field}")
    });
    shown.collect::<Vec<_>>().join(" · ")
}
