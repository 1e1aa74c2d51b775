//! `spork mine`: hard negatives for training pairs.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use spork_files::Output;
use spork_index::{Field, Index};
use spork_miner::{
    CandidatePool, Corpus, Embeddings, Miner, MiningReport, Pairs, Retriever, Scoring, Settings,
    Teacher, TextIndex, TitleUse,
};
use spork_model::{Kind, QueryEncoder};
use spork_searcher::{Query, weight_by_idf};

use crate::args::MineArgs;
use crate::inputs::start_threads;
use crate::program::Program;
use crate::progress_bars::{IndexingBar, bar};
use crate::teacher::DenseTeacher;
use crate::text_encoder::{ModelSpec, TextEncoder};

pub(crate) fn run(args: &MineArgs, program: Program<'_>) -> Result<()> {
    // Delegated before anything is read.
    let teacher = match &args.teacher {
        Some(model) => Some((model, program.networks(&args.encoder)?)),
        None => None,
    };
    let model = match &args.model {
        Some(model) => {
            let model = ModelSpec::find_on_device(model, Kind::Query, &args.encoder)?;
            let networks = program.networks_for(&model, &args.encoder)?;
            Some((model, networks))
        }
        None => None,
    };
    let corpora = if args.bm25.is_empty() { &args.corpus } else { &args.bm25 };
    Corpus::check_files(corpora)?;
    let index = args.index.as_deref().map(open_index).transpose()?;
    let pairs = Pairs::read(&args.pairs)?;
    // Opened before the work, so that a bad place shows at once.
    let mut output = Output::open(Some(&args.output))?;
    let teacher = match teacher {
        Some((model, networks)) => Some(DenseTeacher::open(model, &args.encoder, networks)?),
        None => None,
    };
    let texts: Vec<&str> = pairs.queries.iter().map(String::as_str).collect();
    let weights = match (&index, &model) {
        (Some(index), Some((model, networks))) => encode(&model.open(*networks)?, index, &texts)?,
        _ => Vec::new(),
    };

    let (start, threads) = (Instant::now(), start_threads(args.threads)?);
    let progress = IndexingBar::default();
    let text_index = (index.is_none() || teacher.is_some())
        .then(|| TextIndex::build(corpora, args.threads.unwrap_or(0), &progress))
        .transpose()?;
    let (index, queries) = match (&index, &text_index) {
        (Some(index), _) => {
            let parse = |query: usize| Query::new(index, &weights[query]);
            (index, threads.install(|| pairs.parsed(parse))?)
        }
        (None, Some(text_index)) => {
            let parse = |query: usize| text_index.query(&pairs.queries[query]);
            (text_index.index(), threads.install(|| pairs.parsed(parse))?)
        }
        (None, None) => bail!("--index or --bm25 is needed"),
    };
    let corpus = threads.install(|| Corpus::read(corpora, index, &progress))?;
    let retriever = Retriever { index, queries: &queries };
    let prepare = || Miner::new(retriever, text_index.as_ref(), &corpus, &pairs, settings(args));
    let miner = threads.install(prepare);
    let pools = threads.install(|| miner.candidates(&progress))?;
    progress.clear();
    let embeddings = teacher.as_ref().map(|teacher| embed(&miner, &pools, teacher)).transpose()?;
    let scoring = match (&embeddings, &text_index) {
        (Some(embeddings), Some(text_index)) => Scoring::Teacher(embeddings, text_index),
        _ => Scoring::Retriever,
    };
    let report = miner.write(&pools, scoring, &mut output, &threads, &progress)?;
    progress.clear();
    output.finish()?;
    tell(args, &pairs, &queries, &miner, &corpus, &report);
    tell_end(args, &report, start.elapsed().as_secs_f64());
    Ok(())
}

/// The queries' terms, weighed as a search with the model weighs them.
fn encode(encoder: &TextEncoder, index: &Index, texts: &[&str]) -> Result<Vec<Vec<(String, f32)>>> {
    encoder.check_fits(index, QueryEncoder::Same)?;
    let mut queries = encoder.encode(texts)?;
    for weights in &mut queries {
        weight_by_idf(index, 0, weights, encoder.query_idf(), None)?;
    }
    Ok(queries)
}

fn open_index(folder: &Path) -> Result<Index> {
    let index = Index::open(folder)?;
    let fields = &index.manifest().fields;
    if fields.len() > 1 {
        bail!("{} is a hybrid index; mine with an index of vectors alone", folder.display());
    }
    if fields.iter().any(Field::is_text) {
        bail!(
            "{} is a BM25 index; replace --index by --bm25 with the texts it was made of",
            folder.display()
        );
    }
    Ok(index)
}

fn settings(args: &MineArgs) -> Settings {
    let (first, last) = args.depth;
    let negatives = args.negatives.get();
    Settings {
        first,
        last,
        negatives,
        pool: args.teacher.is_some().then_some(args.pool.get().max(negatives)),
        margin: args.margin.map(f64::from),
        seed: args.seed,
    }
}

fn embed(miner: &Miner<'_>, pools: &[CandidatePool], teacher: &dyn Teacher) -> Result<Embeddings> {
    let texts = Embeddings::count(miner, pools);
    let bar = bar("embedding", "texts", Some(texts as u64));
    let start = Instant::now();
    let embeddings =
        Embeddings::compute(miner, pools, teacher, &mut |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    let seconds = start.elapsed().as_secs_f64();
    tracing::info!(
        "teacher: {texts} texts embedded in {seconds:.1} s, {:.1} a second",
        texts as f64 / seconds
    );
    Ok(embeddings)
}

/// Logs what a user may not have expected.
fn tell(
    args: &MineArgs,
    pairs: &Pairs,
    queries: &[Query],
    miner: &Miner<'_>,
    corpus: &Corpus,
    report: &MiningReport,
) {
    if corpus.foreign > 0 {
        tracing::warn!(
            "{} documents of --corpus are not in the index and were left out",
            corpus.foreign
        );
    }
    let unmatched = queries.iter().filter(|query| query.terms().is_empty()).count();
    if unmatched > 0 {
        tracing::warn!(
            "{unmatched} of {} queries share no term with any document and find nothing",
            queries.len()
        );
    }
    tracing::info!(
        "{} of {} positives are documents of the corpus",
        miner.positives_found(),
        pairs.positives.len()
    );
    if miner.titles() == TitleUse::Leave {
        tracing::info!(
            "negatives are written without their titles, as most of these positives are"
        );
    }
    if report.without_margin > 0 {
        tracing::warn!(
            "--margin could not judge {} pairs: the retriever has no score for a positive that is \
             no document of the corpus",
            report.without_margin
        );
    }
    if report.without > 0 {
        tracing::warn!("{} of {} pairs have no negatives", report.without, report.pairs);
    }
    if report.short > 0 {
        let wanted = args.negatives;
        tracing::warn!(
            "{} of {} pairs have fewer than {wanted} negatives",
            report.short,
            report.pairs
        );
    }
}

fn tell_end(args: &MineArgs, report: &MiningReport, seconds: f64) {
    let guarded = match args.margin {
        Some(_) => {
            format!("{} of {} candidates dropped by --margin", report.dropped, report.judged)
        }
        None => "no --margin".to_owned(),
    };
    tracing::info!(
        "{}: {} pairs, {} negatives; {} documents within the ranks were positives, {guarded}; \
         {seconds:.1} s",
        args.output.display(),
        report.pairs,
        report.negatives,
        report.positives,
    );
}
