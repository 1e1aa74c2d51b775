//! How an index can be built.

use std::path::{Path, PathBuf};

use anyhow::Result;
use spork_bm25::{Analyzer, Bm25};
use spork_index::{Index, Order, WeightKind};
use spork_indexer::{Pruning, Scale};
use spork_postings::Codec;
use spork_search::{Build, build};

/// Shares of a document's weights that are kept, and quantiles of a list's that are dropped.
const DOCUMENT_MASSES: [f64; 3] = [0.95, 0.9, 0.8];
const TERM_QUANTILES: [f64; 2] = [0.1, 0.25];

/// An order, a codec, a pruning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) order: Order,
    pub(super) codec: Codec,
    pub(super) pruning: Pruning,
}

impl Layout {
    /// That of an index, as far as it can be built again.
    pub(super) fn of(index: &Index) -> Self {
        let manifest = index.manifest();
        let (order, codec) = (manifest.order, manifest.codec());
        Self { order, codec, pruning: Pruning::default() }
    }

    /// All that are tried, but for this one: each order with each codec, and each pruning with each
    /// codec, in this order. Only vectors can be pruned.
    pub(super) fn others(self, vectors: bool) -> Vec<Self> {
        let none = Pruning::default();
        let masses = DOCUMENT_MASSES.iter().map(|&document_mass| Pruning { document_mass, ..none });
        let quantiles =
            TERM_QUANTILES.iter().map(|&term_quantile| Pruning { term_quantile, ..none });
        let prunings: Vec<Pruning> = masses.chain(quantiles).filter(|_| vectors).collect();
        let mut layouts = Vec::new();
        for codec in [Codec::Fast, Codec::Compact] {
            for order in [Order::Input, Order::Bisection] {
                layouts.push(Self { order, codec, pruning: none });
            }
            let pruned = |&pruning: &Pruning| Self { order: self.order, codec, pruning };
            layouts.extend(prunings.iter().map(pruned));
        }
        layouts.retain(|layout| *layout != self);
        layouts
    }

    /// The options of `spork index` that make it.
    pub(super) fn flags(&self) -> String {
        let mut flags = format!("--order {} --codec {}", self.order.name(), self.codec.name());
        let Pruning { document_mass, term_quantile } = self.pruning;
        let none = Pruning::default();
        if document_mass != none.document_mass {
            flags += &format!(" --prune-documents {document_mass}");
        }
        if term_quantile != none.term_quantile {
            flags += &format!(" --prune-terms {term_quantile}");
        }
        flags
    }

    /// Builds it in `folder`, else like `index`.
    pub(super) fn build(
        &self,
        index: &Index,
        sources: &Sources,
        folder: &Path,
        memory: u64,
    ) -> Result<Index> {
        let build = build(folder).order(self.order).codec(self.codec).pruning(self.pruning);
        let build = weighed_as(index, build.memory(memory))?;
        build.hybrid_files(&sources.vectors, &sources.texts)?;
        Ok(Index::open(folder)?)
    }
}

/// With the weights of an index's fields: the steps of vectors, BM25's parameters.
fn weighed_as<'p>(index: &Index, mut build: Build<'p>) -> Result<Build<'p>> {
    for field in &index.manifest().fields {
        if !field.is_text() {
            let step = || Scale::Step(field.quantizer());
            let integers = field.weights == WeightKind::Integer;
            build = build.scale(if integers { Scale::Integer } else { step() });
        }
        if let Some(analyzer) = Analyzer::of_properties(&field.properties)? {
            let bm25 = Bm25::of_properties(&field.properties).unwrap_or_default();
            build = build.analyzer(analyzer).bm25(bm25);
        }
    }
    Ok(build)
}

/// What an index is built from.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) vectors: Vec<PathBuf>,
    pub(super) texts: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_but_the_one_that_is() {
        let none = Pruning::default();
        let own = Layout { order: Order::Input, codec: Codec::Fast, pruning: none };
        let others = own.others(true);
        assert_eq!(others.len(), 3 + 2 * (DOCUMENT_MASSES.len() + TERM_QUANTILES.len()));
        assert!(!others.contains(&own));
        let flags: Vec<String> = others.iter().map(Layout::flags).collect();
        assert!(flags.contains(&"--order bisection --codec compact".to_owned()));
        assert!(flags.contains(&"--order input --codec compact --prune-terms 0.1".to_owned()));
        assert_eq!(own.others(false).len(), 3);
    }
}
