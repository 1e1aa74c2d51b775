//! How answers are written: as a run, or as a table for a person.

use std::io::Write;

use anyhow::Result;
use spork_eval::write_msmarco;
use spork_index::Index;
use spork_search::{Explanation, TrecScores};
use spork_searcher::{Query, Ranking};

use crate::args::{FormatArg, SearchArgs};
use crate::commands::explain::top_terms;

use super::passages::PassageLines;

/// Appends the answer to a query.
pub(super) fn write(
    output: &mut Vec<u8>,
    args: &SearchArgs,
    index: &Index,
    qid: &str,
    query: &Query,
    ranking: &Ranking,
    (explanations, passages): (&[Explanation], &PassageLines),
) -> Result<()> {
    let hits = ranking.hits.iter().map(|hit| Ok((index.docno(hit.docid)?, hit.score)));
    let hits: Vec<(&str, u32)> = hits.collect::<spork_index::Result<_>>()?;
    if args.is_for_a_person() {
        let several = index.manifest().fields.len() > 1;
        let shown = if args.explain { explanations } else { &[] };
        let snippets = passages.for_query(query);
        write_table(output, query, &hits, |place| {
            let mut lines = Vec::new();
            if let (Some(snippets), Some(hit)) = (&snippets, ranking.hits.get(place)) {
                lines.extend(passages.line(index, hit.docid, snippets)?);
            }
            lines.extend(shown.get(place).map(|explained| top_terms(explained, several)));
            Ok(lines)
        })
    } else {
        write_run(output, args, qid, query, &hits)
    }
}

/// The name of a run.
const TAG: &str = "spork";

fn write_run(
    output: &mut Vec<u8>,
    args: &SearchArgs,
    qid: &str,
    query: &Query,
    hits: &[(&str, u32)],
) -> Result<()> {
    let hits = hits.iter().copied();
    match args.format.unwrap_or_default() {
        FormatArg::Msmarco => write_msmarco(output, qid, hits)?,
        FormatArg::Trec => {
            let best = hits.clone().next().map_or(0, |(_, score)| score);
            TrecScores::of(query, best).write_trec(
                output,
                qid,
                hits,
                args.tag.as_deref().unwrap_or(TAG),
            )?;
        }
    }
    Ok(())
}

/// Rank, score and docno in columns, and lines below each hit; nothing where there are no hits.
fn write_table(
    output: &mut Vec<u8>,
    query: &Query,
    hits: &[(&str, u32)],
    below: impl Fn(usize) -> Result<Vec<String>>,
) -> Result<()> {
    let score = |score: u32| {
        let value = f64::from(score) * query.unit();
        if query.is_exact() { score.to_string() } else { format!("{value:.3}") }
    };
    let width = |best: &(&str, u32)| score(best.1).len().max("score".len());
    let Some(width) = hits.first().map(width) else { return Ok(()) };
    writeln!(output, "rank  {:>width$}  docno", "score")?;
    for (place, &(docno, points)) in hits.iter().enumerate() {
        // A docno may hold what would move the cursor.
        let plain = !docno.contains(char::is_control);
        let docno = if plain { docno.to_owned() } else { docno.escape_debug().to_string() };
        writeln!(output, "{:>4}  {:>width$}  {docno}", place + 1, score(points))?;
        for line in below(place)? {
            writeln!(output, "      {:>width$}  {line}", "")?;
        }
    }
    Ok(())
}
