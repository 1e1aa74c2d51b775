//! What the weights of a query's terms depend on beside the query, over all shards of a collection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use spork_index::Index;

use crate::query_term::{FieldQuery, QueryTerm, TermTotals};
use crate::{Error, Result};

/// The statistics of a query's terms in a collection of which an index is one shard. A query that
/// is weighed by them has the same integer weights in every shard, so that its hits there are those
/// of one index of the whole collection. Each shard [says what it has](Self::of), and
/// [`add`](Self::add) sums that up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GlobalStatistics {
    /// By field, the living documents that have a posting of it.
    documents: Vec<u64>,
    terms: HashMap<(usize, String), TermTotals>,
}

impl GlobalStatistics {
    /// Statistics as they were told: by field the number of documents, and each term's field, name
    /// and totals.
    pub fn new(
        documents: Vec<u64>,
        terms: impl IntoIterator<Item = (usize, String, TermTotals)>,
    ) -> Self {
        let mut statistics = Self { documents, terms: HashMap::new() };
        for (field, term, totals) in terms {
            statistics.add_term(field, &term, totals);
        }
        statistics
    }

    /// What `index` has of the terms that a query gives its fields.
    ///
    /// # Errors
    /// A damaged index.
    pub fn of<T: AsRef<str>>(index: &Index, inputs: &[FieldQuery<'_, T>]) -> Result<Self> {
        let fields = 0..index.manifest().fields.len();
        let documents = fields.map(|field| u64::from(index.field_documents(field))).collect();
        let mut statistics = Self { documents, terms: HashMap::new() };
        for input in inputs {
            for (term, _) in input.weights {
                let key = (input.field, term.as_ref().to_owned());
                if let Entry::Vacant(entry) = statistics.terms.entry(key) {
                    let found = QueryTerm::find(index, input.field, term.as_ref())?;
                    entry.insert(found.totals());
                }
            }
        }
        Ok(statistics)
    }

    /// These and what the same index has of other terms.
    pub fn with(mut self, other: &Self) -> Self {
        self.terms.extend(other.terms.iter().map(|(key, totals)| (key.clone(), *totals)));
        self
    }

    /// Adds what another shard has.
    pub fn add(&mut self, other: &Self) {
        let fields = self.documents.len().max(other.documents.len());
        self.documents.resize(fields, 0);
        for (sum, documents) in self.documents.iter_mut().zip(&other.documents) {
            *sum = sum.saturating_add(*documents);
        }
        for ((field, term), totals) in &other.terms {
            self.add_term(*field, term, *totals);
        }
    }

    fn add_term(&mut self, field: usize, term: &str, totals: TermTotals) {
        let sum = self.terms.entry((field, term.to_owned())).or_default();
        sum.df = sum.df.saturating_add(totals.df);
        sum.max_impact = sum.max_impact.max(totals.max_impact);
    }

    /// By field, the living documents that have a posting of it.
    pub fn documents(&self) -> &[u64] {
        &self.documents
    }

    /// Field, name and totals of each term, in no order.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = (usize, &str, TermTotals)> {
        self.terms.iter().map(|((field, term), totals)| (*field, term.as_str(), *totals))
    }

    /// The totals of a term.
    ///
    /// # Errors
    /// Nothing is said of it.
    pub(crate) fn totals(&self, field: usize, term: &str) -> Result<TermTotals> {
        let totals = self.terms.get(&(field, term.to_owned())).copied();
        totals.ok_or_else(|| Error::NoStatistics { term: term.to_owned() })
    }

    /// The living documents with a posting of a field.
    pub(crate) fn field_documents(&self, field: usize) -> u64 {
        self.documents.get(field).copied().unwrap_or_default()
    }
}
