//! Why the hits of a search are found.

use std::io::Write;

use anyhow::Result;
use spork_files::Output;
use spork_index::Index;
use spork_model::TextTokenizer;
use spork_search::{Explainer, Explanation, FieldPlan};
use spork_searcher::{Query, Ranking};

use crate::args::SearchArgs;
use crate::commands::explain::ExplainedHit;
use crate::index_tokenizer;
use crate::query_batch::BatchQuery;

/// Explains all hits.
pub(super) struct Explaining {
    tokenizer: Option<TextTokenizer>,
}

impl Explaining {
    /// What the command line asks for, if it does.
    pub(super) fn of(args: &SearchArgs, index: &Index) -> Result<Option<Self>> {
        if !args.explain && args.explanations.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { tokenizer: index_tokenizer::of(index, &args.queries)? }))
    }

    /// One explanation a hit, in their order.
    pub(super) fn explain(
        &self,
        index: &Index,
        plan: &FieldPlan<'_>,
        given: &BatchQuery,
        query: &Query,
        ranking: &Ranking,
    ) -> Result<Vec<Explanation>> {
        let text = given.text.as_deref();
        let terms = plan.given(text, &given.vector);
        let explainer = Explainer::new(index, query, &terms, text, self.tokenizer.as_ref())?;
        let explained = ranking.hits.iter().map(|hit| explainer.explain(hit.docid, None));
        // Every hit lives.
        Ok(explained.filter_map(Result::transpose).collect::<spork_search::Result<_>>()?)
    }
}

/// Writes the explanations of a query's hits, a line each.
pub(super) fn write(output: &mut Output, qid: &str, explanations: &[Explanation]) -> Result<()> {
    for (place, explanation) in explanations.iter().enumerate() {
        let hit = ExplainedHit { qid, rank: Some(place + 1), explanation };
        serde_json::to_writer(&mut *output, &hit)?;
        writeln!(output)?;
    }
    Ok(())
}
