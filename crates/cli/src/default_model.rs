//! The model of queries where none is named: the one that the index records, if it is here.

use spork_index::Index;
use spork_search::{model_here, recorded_model};

/// The model that encoded the first of these indexes that records one, if it is here.
pub(crate) fn of(indexes: &[&Index]) -> Option<String> {
    let name = indexes.iter().find_map(|index| recorded_model(index))?;
    model_here(&name)
}
