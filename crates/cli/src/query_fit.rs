//! Whether query vectors from a file belong to an index: by the encoders that the two record, and
//! where the queries record none, by their looks.

use std::path::Path;

use anyhow::{Result, bail};
use spork_bm25::{Analyzer, is_stop_word};
use spork_index::{Field, Index};
use spork_model::check_query_record;
use spork_search::encoder_of;

use crate::inputs::WeightedQuery;
use crate::provenance;

/// From this share of terms with the weight 1 on, queries look like text, in which some words come
/// twice. Where a term is repeated as often as its weight says, ones are rare.
const UNWEIGHTED: f64 = 0.6;
/// Text has at least this share of stop words, or of words that are no terms of the index.
const STOP_WORDS: f64 = 0.15;
const UNKNOWN: f64 = 0.25;
/// From this share on, terms that the analyzer would change show that it has not been applied.
const UNANALYZED: f64 = 0.25;
/// Fewer terms say nothing about their kind.
const FEWEST: usize = 4;

/// Refuses query vectors of `path` that do not belong to `index`, or warns of them where
/// `allow_mismatch` says so. Of an index that does not record its encoder less is known: there a
/// warning must do.
pub(crate) fn check(
    index: &Index,
    path: &Path,
    queries: &[WeightedQuery],
    allow_mismatch: bool,
) -> Result<()> {
    let folder = index.name();
    let documents = provenance::encoder(index.manifest())?;
    // Vectors beside text are for the field of vectors.
    let text = index.manifest().fields.iter().all(Field::is_text);
    let analyzer = match index.manifest().fields.first() {
        Some(field) if text => Analyzer::of_properties(&field.properties)?,
        _ => None,
    };
    let known = documents.is_some() || analyzer.is_some();
    let name = path.display();
    let mismatch = match (encoder_of(path)?, &documents, &analyzer) {
        (Some(record), _, Some(_)) => Some(format!(
            "{folder} is a BM25 index, and {name} holds vectors of {}; give the queries as text, \
             with --topics",
            record.name().unwrap_or("an encoder")
        )),
        (Some(queries), Some(documents), None) => {
            let checked = check_query_record(&folder, documents, &queries);
            checked.err().map(|mismatch| mismatch.to_string())
        }
        (Some(_), None, None) => None,
        (None, _, Some(analyzer)) => Terms::of(queries).not_of(analyzer).map(|terms| {
            format!(
                "{name}: {terms} are none that the analyzer of {folder} makes, a BM25 index: these \
                 are text, or terms of a model; give text with --topics"
            )
        }),
        (None, ..) => Terms::of(queries).like_text(index, known)?.map(|terms| {
            let model = provenance::encoder_name(index.manifest());
            let model = model.unwrap_or("the model that encoded the documents".to_owned());
            format!(
                "{name}: {terms}: this looks like text, not like the terms of a model; give text \
                 with --topics and --model {model}"
            )
        }),
    };
    match mismatch {
        Some(mismatch) if known && !allow_mismatch => {
            bail!("{mismatch}; --allow-mismatch searches nevertheless")
        }
        Some(mismatch) => tracing::warn!("{mismatch}"),
        None => {}
    }
    Ok(())
}

/// The terms of all queries.
struct Terms<'q> {
    terms: Vec<(&'q str, f32)>,
}

impl<'q> Terms<'q> {
    fn of(queries: &'q [WeightedQuery]) -> Self {
        let terms = queries.iter().flat_map(|query| &query.weights);
        Self { terms: terms.map(|(term, weight)| (term.as_str(), *weight)).collect() }
    }

    /// How many are of a kind, and whether they have a share of all.
    fn count(&self, of_kind: impl Fn(&str, f32) -> bool, share: f64) -> (usize, bool) {
        let count = self.terms.iter().filter(|(term, weight)| of_kind(term, *weight)).count();
        let all = self.terms.len();
        (count, all >= FEWEST && count as f64 >= share * all as f64)
    }

    /// What is said of them where the analyzer can't have made them.
    fn not_of(&self, analyzer: &Analyzer) -> Option<String> {
        let (foreign, many) = self.count(|term, _| !analyzer.has_term(term), UNANALYZED);
        many.then(|| format!("{foreign} of {} query terms", self.terms.len()))
    }

    /// What is said of them where they look like words of a text.
    fn like_text(&self, index: &Index, of_model: bool) -> Result<Option<String>> {
        let (ones, unweighted) = self.count(|_, weight| weight == 1.0, UNWEIGHTED);
        if !unweighted {
            return Ok(None);
        }
        let all = self.terms.len();
        let (stop_words, like_prose) =
            self.count(|term, _| is_stop_word(&term.to_lowercase()), STOP_WORDS);
        let field = index.manifest().fields.iter().position(|field| !field.is_text());
        let field = field.unwrap_or_default();
        let mut unknown = 0;
        for (term, _) in &self.terms {
            unknown += usize::from(index.document_frequency(field, term)? == 0);
        }
        let foreign = of_model && unknown as f64 >= UNKNOWN * all as f64;
        Ok((like_prose || foreign).then(|| {
            format!(
                "{ones} of {all} query terms have the weight 1, {stop_words} are stop words and \
                 {unknown} unknown"
            )
        }))
    }
}
