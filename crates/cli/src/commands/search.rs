//! `spork search`: a batch of queries to a run file.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_bm25::Analyzer;
use spork_eval::{write_msmarco, write_trec};
use spork_index::Index;
use spork_searcher::{Query, Ranking, Searcher, Strategy};
use spork_vectors::Output;

use crate::Network;
use crate::args::{FormatArg, SearchArgs, StrategyArg};
use crate::bars::bar;
use crate::commands::provenance;
use crate::inputs::{WeightedQuery, on_threads, read_query_vectors, read_topics};

mod statistics;

use statistics::StatisticsFile;

/// Queries answered between two looks at the progress bar; their rankings are in memory together.
const BATCH: usize = 256;

pub(crate) fn run(args: &SearchArgs, network: Network<'_>) -> Result<()> {
    let index = Index::open(&args.index)?;
    let queries = weighted_queries(args, &index, network)?;
    let parsed = queries
        .iter()
        .map(|query| Query::new(&index, &query.weights).with_context(|| format!("query {}", query.qid)))
        .collect::<Result<Vec<Query>>>()?;
    on_threads(args.threads, || search(args, &index, &queries, &parsed))?
}

fn search(args: &SearchArgs, index: &Index, queries: &[WeightedQuery], parsed: &[Query]) -> Result<()> {
    let mut output = Output::open(args.output.as_deref())?;
    // Opened before the work, so that a bad place shows at once.
    let statistics = args.stats.as_deref().map(|path| Output::open(Some(path))).transpose()?;
    let strategy = strategy(args.strategy);
    let searcher = Searcher::new(index);
    let mut file = StatisticsFile::new(args.k, strategy, rayon::current_num_threads());
    let bar = bar("searching", "queries", Some(queries.len() as u64));
    let (start, mut hits) = (Instant::now(), 0);
    for (queries, parsed) in queries.chunks(BATCH).zip(parsed.chunks(BATCH)) {
        let rankings = searcher.search_batch(parsed, args.k, strategy)?;
        for ((query, parsed), ranking) in queries.iter().zip(parsed).zip(&rankings) {
            write_ranking(&mut output, args, index, &query.qid, parsed, ranking)?;
            file.add(&query.qid, parsed, ranking);
            hits += ranking.hits.len();
        }
        bar.inc(queries.len() as u64);
    }
    bar.finish_and_clear();
    output.finish()?;
    let latency = file.latency();
    if let Some(mut output) = statistics {
        file.write(&mut output)?;
        output.finish()?;
    }
    tracing::info!(
        "{} queries, {hits} hits in {:.2} s; {:.2} ms a query (p99 {:.2}) on {} threads",
        queries.len(),
        start.elapsed().as_secs_f64(),
        latency.mean_us / 1e3,
        latency.p99_us / 1e3,
        rayon::current_num_threads()
    );
    Ok(())
}

fn strategy(strategy: StrategyArg) -> Strategy {
    match strategy {
        StrategyArg::Auto => Strategy::Auto,
        StrategyArg::Exhaustive => Strategy::Exhaustive,
        StrategyArg::Taat => Strategy::Taat,
    }
}

/// Scores are printed in the weights' own unit: as integers where all weights are, else as the float nearest to
/// score × unit. Up to 2²³ different scores print as different 32-bit floats, which is what evaluators read.
fn write_ranking(
    output: &mut Output,
    args: &SearchArgs,
    index: &Index,
    qid: &str,
    query: &Query,
    ranking: &Ranking,
) -> Result<()> {
    const DISTINCT: u32 = 1 << 23;
    let hits = ranking.hits.iter().map(|hit| Ok((index.docnos().get(hit.docid)?, hit.score)));
    let hits: Vec<(&str, u32)> = hits.collect::<spork_index::Result<_>>()?;
    let value = |score: u32| f64::from(score) * query.unit();
    match args.format {
        FormatArg::Msmarco => write_msmarco(output, qid, hits)?,
        FormatArg::Trec if query.is_exact(index) => write_trec(output, qid, hits, &args.tag)?,
        FormatArg::Trec if hits.first().is_none_or(|&(_, best)| best < DISTINCT) => {
            let hits = hits.iter().map(|&(docno, score)| (docno, value(score) as f32));
            write_trec(output, qid, hits, &args.tag)?;
        }
        FormatArg::Trec => {
            let hits = hits.iter().map(|&(docno, score)| (docno, value(score)));
            write_trec(output, qid, hits, &args.tag)?;
        }
    }
    Ok(())
}

fn weighted_queries(args: &SearchArgs, index: &Index, network: Network<'_>) -> Result<Vec<WeightedQuery>> {
    if let Some(path) = &args.vectors {
        return read_query_vectors(path);
    }
    let path = args.topics.as_ref().context("--topics or --vectors is needed")?;
    let folder = args.index.display();
    match (analyzer(index)?, args.model()) {
        (Some(_), Some(_)) => {
            bail!("{folder} is a BM25 index: it analyses queries itself; leave --model out")
        }
        (Some(analyzer), None) => Ok(analyze(&analyzer, read_topics(path)?)),
        (None, Some(model)) => {
            let network = network.get()?;
            network.queries(args, index, model, &read_topics(path)?)
        }
        (None, None) => {
            let name = provenance::encoder_name(index.manifest());
            let name = name
                .map_or("the model that encoded its documents".to_owned(), |name| format!("--model {name}"));
            bail!(
                "{folder} is not a BM25 index: queries as text need {name}; or give query vectors with --vectors"
            )
        }
    }
}

/// The analyser that a BM25 index was made with.
fn analyzer(index: &Index) -> Result<Option<Analyzer>> {
    let properties = &index.manifest().properties;
    let Some(name) = properties.get("analyzer") else { return Ok(None) };
    Ok(Some(Analyzer::from_description(name, properties.get("tokenizer").map(String::as_str))?))
}

fn analyze(analyzer: &Analyzer, topics: Vec<(String, String)>) -> Vec<WeightedQuery> {
    let weigh = |(qid, text): (String, String)| {
        let counts = analyzer.count_terms(&text).into_iter();
        WeightedQuery { qid, weights: counts.map(|(term, count)| (term, count as f32)).collect() }
    };
    topics.into_iter().map(weigh).collect()
}
