//! What filters keep of an open generation.

use std::sync::{Arc, Mutex, PoisonError};

use spork_filter::Filter;
use spork_searcher::SelectedDocuments;

use crate::Result;
use crate::filtering::select_documents;

/// Filters that are remembered: each takes a bit a document.
const REMEMBERED: usize = 16;

/// What the latest filters keep, the latest last: the same few come again and again.
#[derive(Default)]
pub(crate) struct FilterCache {
    latest: Mutex<Vec<(Filter, Arc<SelectedDocuments>)>>,
}

impl FilterCache {
    /// The documents that `filter` keeps.
    pub(crate) fn select(
        &self,
        index: &spork_index::Index,
        filter: &Filter,
    ) -> Result<Arc<SelectedDocuments>> {
        let latest = || self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let mut latest = latest();
            if let Some(place) = latest.iter().position(|(known, _)| known == filter) {
                let found = latest.remove(place);
                let selected = found.1.clone();
                latest.push(found);
                return Ok(selected);
            }
        }
        // Others need not wait meanwhile; at worst two select the same.
        let selected = Arc::new(select_documents(index, filter)?);
        let mut latest = latest();
        if latest.len() >= REMEMBERED {
            latest.remove(0);
        }
        latest.push((filter.clone(), selected.clone()));
        Ok(selected)
    }
}
