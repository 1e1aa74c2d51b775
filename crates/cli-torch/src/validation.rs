//! Judging a model while it trains, by what it is for: our own index, search and evaluation over
//! the documents of a file of pairs.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use spork_eval::{Metric, Options, Qrels, Run, evaluate};
use spork_index::Index;
use spork_indexer::{Options as IndexOptions, Silent, index_vectors};
use spork_searcher::{Query, Searcher, Strategy};
use spork_trainer::inputs::read_pairs;
use spork_trainer::{Examples, Student, TextId, Tokens, Validator};
use spork_vectors::write_vector_line;

/// Searches the queries of a file of pairs among all its documents, negatives included.
pub(crate) struct Retrieval {
    examples: Examples,
    metrics: Vec<Metric>,
}

/// Texts encoded at a time: bounds the [texts, vocabulary] weights in memory.
const AT_ONCE: usize = 64;
const DEPTH: usize = 100;

impl Retrieval {
    pub(crate) const NAME: &'static str = "RR@10";

    pub(crate) fn read(pairs: &Path) -> Result<Self> {
        let mut examples = Examples::default();
        read_pairs(pairs, &mut examples)?;
        if examples.list.is_empty() {
            anyhow::bail!("{}: no pair in it; expected one per line", pairs.display());
        }
        Ok(Self { examples, metrics: Metric::parse_list(Self::NAME)? })
    }

    fn figure(&self, student: &Student, tokens: &Tokens<'_>) -> Result<f64> {
        let folder = tempfile::tempdir().context("a temporary folder for validation")?;
        let vectors = folder.path().join("documents.jsonl");
        self.write_documents(&vectors, student, tokens)?;
        let index = folder.path().join("index");
        index_vectors(&[vectors], &index, &IndexOptions::default(), &Silent)?;
        let index = Index::open(&index)?;
        let run = self.search(&index, student, tokens)?;
        let judgments: Vec<(String, String)> = self
            .examples
            .list
            .iter()
            .map(|example| (name(example.query), name(example.positive)))
            .collect();
        // A query may be in several pairs, even with the same positive.
        let mut judgments: Vec<_> =
            judgments.iter().map(|(q, d)| (q.as_str(), d.as_str(), 1)).collect();
        judgments.sort_unstable();
        judgments.dedup();
        let qrels = Qrels::from_judgments(judgments)?;
        let evaluation = evaluate(
            &qrels,
            &run,
            &self.metrics,
            Options { complete: true, ..Options::default() },
        )?;
        evaluation.summaries().first().copied().context("no figure")
    }

    fn write_documents(&self, path: &Path, student: &Student, tokens: &Tokens<'_>) -> Result<()> {
        let mut output = std::io::BufWriter::new(std::fs::File::create(path)?);
        let ids: Vec<TextId> = (0..self.examples.documents.len() as u32).map(TextId).collect();
        for ids in ids.chunks(AT_ONCE) {
            let texts: Vec<&str> = ids.iter().map(|&id| self.examples.documents.get(id)).collect();
            let vectors = vectors(student, tokens, &tokens.documents(&texts)?)?;
            for (&id, weights) in ids.iter().zip(&vectors) {
                let weights = weights.iter().map(|(term, weight)| (term.as_str(), *weight));
                write_vector_line(&mut output, &name(id), weights)?;
            }
        }
        Ok(output.flush()?)
    }

    fn search(&self, index: &Index, student: &Student, tokens: &Tokens<'_>) -> Result<Run> {
        let searcher = Searcher::new(index);
        let mut hits: Vec<(String, &str, f64)> = Vec::new();
        let ids: Vec<TextId> = (0..self.examples.queries.len() as u32).map(TextId).collect();
        for ids in ids.chunks(AT_ONCE) {
            let texts: Vec<&str> = ids.iter().map(|&id| self.examples.queries.get(id)).collect();
            let vectors = vectors(student, tokens, &tokens.queries(&texts)?)?;
            let queries = vectors
                .iter()
                .map(|weights| Query::new(index, weights))
                .collect::<Result<Vec<_>, _>>()?;
            let rankings = searcher.search_batch(&queries, DEPTH, Strategy::Auto)?;
            for (&id, ranking) in ids.iter().zip(&rankings) {
                for hit in &ranking.hits {
                    hits.push((name(id), index.docno(hit.docid)?, f64::from(hit.score)));
                }
            }
        }
        Ok(Run::from_hits(hits.iter().map(|(qid, docno, score)| (qid.as_str(), *docno, *score)))?)
    }
}

fn name(id: TextId) -> String {
    id.0.to_string()
}

/// Terms and weights of texts.
fn vectors(
    student: &Student,
    tokens: &Tokens<'_>,
    ids: &[Vec<u32>],
) -> Result<Vec<Vec<(String, f32)>>> {
    let rows: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
    let term = |id: usize| tokens.vocabulary().get(id).filter(|term| !term.is_empty()).cloned();
    let sparse = |weights: Vec<f32>| {
        let active = weights.into_iter().enumerate().filter(|&(_, weight)| weight > 0.0);
        active.filter_map(|(id, weight)| Some((term(id)?, weight))).collect()
    };
    Ok(student.encode(&rows)?.into_iter().map(sparse).collect())
}

impl Validator for Retrieval {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn validate(
        &mut self,
        student: &Student,
        tokens: &Tokens<'_>,
    ) -> std::result::Result<f64, Box<dyn Error + Send + Sync>> {
        Ok(self.figure(student, tokens)?)
    }
}
