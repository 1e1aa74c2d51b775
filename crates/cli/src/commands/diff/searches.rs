//! Two sides that are searched.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, bail};
use spork_eval::Run;
use spork_index::Index;
use spork_search::{Difference, DifferenceReport, RANK_DEPTH, Side};
use spork_searcher::{Query, QueryPruning, Ranking, Searcher, Strategy};

use crate::args::DiffArgs;
use crate::program::Program;
use crate::queries::Queries;
use crate::query_batch::QueryBatch;

/// The report on the searches of two sides, and what they found.
pub(super) fn report(
    args: &DiffArgs,
    program: Program<'_>,
) -> Result<(DifferenceReport, [Run; 2])> {
    let names = names(args)?;
    let indexes = [Index::open(args.index_of(0))?, Index::open(args.index_of(1))?];
    // Models are found, and perhaps handed over to another program, before anything is encoded.
    let open = |side: usize| {
        let queries = args.queries_of(side);
        if [&queries.topics, &queries.vectors].iter().any(|path| is_stdin(path.as_deref())) {
            bail!("each side reads the queries: give a file, not standard input");
        }
        Queries::open(&queries, None, &[&indexes[side]], true, program)
    };
    let [first, second] = [open(0)?, open(1)?];
    let (mut first, mut second) = (first.all()?, second.all()?);
    join(&mut first, &mut second)?;
    let depth = args.k.saturating_mul(RANK_DEPTH);
    let answers = [answer(&first, &indexes[0], depth)?, answer(&second, &indexes[1], depth)?];
    let [one, two] = &answers;
    let sides = [(one, &indexes[0]), (two, &indexes[1])].map(|((queries, rankings), index)| Side {
        index,
        queries,
        rankings,
    });
    let qids: Vec<&str> = first.queries.iter().map(|query| query.qid.as_str()).collect();
    let difference = Difference::new(&qids, sides, args.k)?;
    let texts = first.queries.iter().map(|query| query.text.clone());
    let [one, two] = indexes.each_ref().map(Index::manifest);
    let apart = one.fields.iter().all(|field| two.field_named(&field.name).is_none());
    Ok(DifferenceReport::new(names, difference, texts, apart))
}

fn is_stdin(path: Option<&Path>) -> bool {
    path == Some(Path::new("-"))
}

/// What tells the sides apart.
fn names(args: &DiffArgs) -> Result<[String; 2]> {
    let mut names = [String::new(), String::new()];
    let mut add = |of_sides: Vec<String>| {
        if let [first, second] = of_sides.as_slice()
            && first != second
        {
            for (name, of_side) in names.iter_mut().zip([first, second]) {
                let comma = if name.is_empty() { "" } else { ", " };
                *name = format!("{name}{comma}{of_side}");
            }
        }
    };
    let paths = |paths: &[std::path::PathBuf]| -> Vec<String> {
        paths.iter().map(|path| path.display().to_string()).collect()
    };
    add(paths(&args.index));
    add(paths(&args.vectors));
    add(args.model.clone());
    add(args.query_model.clone());
    add(args.mix.iter().map(ToString::to_string).collect());
    add(args.query_idf.iter().map(|power| format!("idf^{power}")).collect());
    if names[0].is_empty() {
        bail!(
            "both sides are the same; give two different ones of --index, --vectors, --model, \
             --query-model, --mix or --query-idf"
        );
    }
    Ok(names)
}

/// Leaves the queries that both sides have, in the order of the first.
fn join(first: &mut QueryBatch, second: &mut QueryBatch) -> Result<()> {
    let (before, also) = (first.queries.len(), second.queries.len());
    let mut by_qid: HashMap<String, _> =
        second.queries.drain(..).map(|query| (query.qid.clone(), query)).collect();
    first.queries.retain(|query| match by_qid.remove(&query.qid) {
        Some(found) => {
            second.queries.push(found);
            true
        }
        None => false,
    });
    let common = first.queries.len();
    if common == 0 {
        bail!("the two sides have no query in common: their qids differ");
    }
    if common < before.max(also) {
        tracing::warn!("{common} queries are on both sides, of {before} and {also}");
    }
    Ok(())
}

fn answer(batch: &QueryBatch, index: &Index, depth: usize) -> Result<(Vec<Query>, Vec<Ranking>)> {
    let queries = batch.look_up(index, QueryPruning::default())?;
    let k = depth.min(index.documents() as usize);
    let rankings = Searcher::new(index).search_batch(&queries, k, Strategy::Auto)?;
    Ok((queries, rankings))
}
