//! An index that is searched while it changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use spork_measure::IndexStatistics;
use spork_search::{Index, Passages};

use crate::api_error::ApiError;
use crate::costs::Costs;
use crate::metrics::Metrics;

/// A generation of an index, and what is made of it once.
pub(crate) struct Generation {
    pub(crate) index: Index,
    /// Finds passages; none where no texts are stored.
    pub(crate) passages: Option<Passages>,
    statistics: OnceLock<Arc<IndexStatistics>>,
}

impl Generation {
    fn new(index: Index) -> spork_search::Result<Self> {
        let passages = Passages::of(index.inner())?;
        Ok(Self { index, passages, statistics: OnceLock::new() })
    }

    /// Counts, sizes and provenance. The first time reads all lexicons.
    pub(crate) fn statistics(&self) -> Result<Arc<IndexStatistics>, String> {
        if let Some(known) = self.statistics.get() {
            return Ok(known.clone());
        }
        let made = IndexStatistics::new(self.index.inner()).map_err(|error| error.to_string())?;
        Ok(self.statistics.get_or_init(|| Arc::new(made)).clone())
    }
}

/// An index under its name. Searches hold the generation that was current when they began; a newer
/// one takes its place between two of them.
pub(crate) struct LiveIndex {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) costs: Costs,
    current: ArcSwap<Generation>,
    /// One opens a newer generation at a time.
    opening: Mutex<()>,
    metrics: Arc<Metrics>,
}

impl LiveIndex {
    /// Serves an open index.
    ///
    /// # Errors
    /// The analyzer that it records can't be made.
    pub(crate) fn new(
        name: String,
        index: Index,
        metrics: Arc<Metrics>,
    ) -> spork_search::Result<Self> {
        metrics.opened(&name, index.generation(), index.len());
        Ok(Self {
            name,
            folder: index.folder().to_owned(),
            costs: Costs::default(),
            current: ArcSwap::from_pointee(Generation::new(index)?),
            opening: Mutex::default(),
            metrics,
        })
    }

    /// The generation that is served.
    pub(crate) fn current(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Serves the newest generation from now on, and says whether there was a newer one. With
    /// `verify` all its files are read and checked first.
    ///
    /// # Errors
    /// It is damaged, or does not go with the model any more; what was served still is.
    pub(crate) fn refresh(&self, verify: bool) -> spork_search::Result<bool> {
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = self.open_newer(verify).inspect_err(|error| {
            self.metrics.reload_failed(&self.name);
            let generation = self.current().index.generation();
            tracing::error!(
                "{}: the newest generation is refused: {error}; generation {generation} is served \
                 on",
                self.name
            );
        })?;
        let Some(newer) = opened else { return Ok(false) };
        let (generation, documents) = (newer.index.generation(), newer.index.len());
        self.current.store(Arc::new(newer));
        self.metrics.opened(&self.name, generation, documents);
        tracing::info!("{}: generation {generation}, {documents} documents", self.name);
        Ok(true)
    }

    fn open_newer(&self, verify: bool) -> spork_search::Result<Option<Generation>> {
        let Some(newer) = self.current().index.newer()? else { return Ok(None) };
        if verify {
            newer.verify()?;
        }
        Generation::new(newer).map(Some)
    }

    /// The library's error as a client is told of it.
    pub(crate) fn error(&self, error: &spork_search::Error) -> ApiError {
        ApiError::of(error, &self.folder, &self.name)
    }
}
