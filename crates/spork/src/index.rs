//! Opening an index, and how its searches go.

use std::path::Path;
use std::sync::{Arc, Mutex};

use spork_encoder::Model;
use spork_index::Field;
use spork_model::{EncodeOptions, EncoderRecord, Kind, QueryEncoder, check_query_encoder};
use spork_searcher::{Limits, Mix, Scratch, SelectedDocuments, Strategy};

use crate::fields::FieldAnalyzers;
use crate::filter_cache::FilterCache;
use crate::search_options::SearchOptions;
use crate::{Error, Result};

/// Opens the index in a folder. That takes a moment, whatever its size: it is mapped, not read.
///
/// # Errors
/// There is no index, it is of another version, or it is damaged.
pub fn open(folder: impl AsRef<Path>) -> Result<Index> {
    of(spork_index::Index::open(folder.as_ref())?)
}

/// Opens several indexes as one: its answers are those of an index of all their documents, to the
/// bit. They have to have fixed the same, as the shards of a collection do that were built
/// [like](crate::Build::like) one index.
///
/// # Errors
/// Indexes that have fixed different things, with what that is; the same index or shard twice; else
/// as [`open`].
///
/// # Examples
/// ```
/// use spork_search::{build, open, open_as_one};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = |name: &str| folder.path().join(name);
/// let texts = [("d1", "a fork"), ("d2", "two forks and a bowl"), ("d3", "a spoon")];
/// build(path("whole")).text(texts)?;
/// build(path("one")).like(path("whole")).text(texts[..2].to_vec())?;
/// build(path("two")).like(path("whole")).text(texts[2..].to_vec())?;
/// let shards = open_as_one(&[path("one"), path("two")])?;
/// assert_eq!(shards.search("bowl", 10)?, open(path("whole"))?.search("bowl", 10)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_as_one(folders: &[impl AsRef<Path>]) -> Result<Index> {
    of(spork_index::Index::open_as_one(folders)?)
}

fn of(index: spork_index::Index) -> Result<Index> {
    warn_of_missing_shards(&index);
    let analyzers = FieldAnalyzers::of(&index)?;
    Ok(Index {
        index,
        analyzers,
        model: None,
        options: SearchOptions::default(),
        filters: FilterCache::default(),
        scratch: Mutex::default(),
    })
}

/// An open index. Threads can search it at the same time.
pub struct Index {
    pub(crate) index: spork_index::Index,
    pub(crate) analyzers: FieldAnalyzers,
    /// The model that encodes queries, and whether it is to be that of the documents.
    pub(crate) model: Option<(Arc<Model>, QueryEncoder)>,
    /// Those of searches that bring none of their own.
    pub(crate) options: SearchOptions,
    filters: FilterCache,
    /// Memory of single searches, which also remembers which strategy pays.
    pub(crate) scratch: Mutex<Vec<Scratch>>,
}

impl Index {
    /// The same index, whose queries as text are encoded by `model`.
    ///
    /// # Errors
    /// The index is of text, whose queries its own analyzer takes; or another model encoded the
    /// documents.
    pub fn with_model(self, model: impl Into<Arc<Model>>) -> Result<Self> {
        self.with_encoder(model.into(), QueryEncoder::Same)
    }

    /// The same index, whose queries as text are encoded by a model of their own, over the
    /// vocabulary of the model that encoded the documents.
    ///
    /// # Errors
    /// The index is of text, or the vocabularies differ.
    pub fn with_query_model(self, model: impl Into<Arc<Model>>) -> Result<Self> {
        self.with_encoder(model.into(), QueryEncoder::Separate)
    }

    fn with_encoder(self, model: Arc<Model>, meant: QueryEncoder) -> Result<Self> {
        check_model(&self.index, &model, meant)?;
        Ok(Self { model: Some((model, meant)), ..self })
    }

    /// The number of the generation that is open: each change of an index makes a new one.
    pub fn generation(&self) -> u64 {
        self.index.generation()
    }

    /// Opens the current generation, if there is one that is newer than what is open, and says
    /// whether there was. Until then answers are those of the index as it was when it was opened.
    ///
    /// # Errors
    /// As [`newer`](Self::newer). What is open then stays.
    pub fn refresh(&mut self) -> Result<bool> {
        let newer = self.newer()?;
        let refreshed = newer.is_some();
        if let Some(newer) = newer {
            *self = newer;
        }
        Ok(refreshed)
    }

    /// The current generation, with the same model and options, if it is newer than what is open.
    ///
    /// # Errors
    /// The index is gone or damaged, or was built anew so that the model, the mix or the filter
    /// does not fit any more.
    pub fn newer(&self) -> Result<Option<Self>> {
        let folders: Vec<&Path> = self.index.folders().collect();
        let index = spork_index::Index::open_as_one(&folders)?;
        let same = index.generation() == self.index.generation();
        // An index that was removed and built again counts from 1, too.
        if same && index.manifest() == self.index.manifest() {
            return Ok(None);
        }
        let (filters, scratch) = (FilterCache::default(), Mutex::default());
        let newer = Self {
            analyzers: FieldAnalyzers::of(&index)?,
            index,
            model: self.model.clone(),
            options: self.options.clone(),
            filters,
            scratch,
        };
        if let Some((model, meant)) = &newer.model {
            check_model(&newer.index, model, *meant)?;
        }
        newer.check(&newer.options)?;
        Ok(Some(newer))
    }

    /// The same index, whose searches that bring no options of their own go by these.
    ///
    /// # Errors
    /// A mix or a filter that does not go with the index.
    pub fn with_options(self, options: SearchOptions) -> Result<Self> {
        self.check(&options)?;
        Ok(Self { options, ..self })
    }

    /// How searches go that bring no options of their own.
    pub fn options(&self) -> &SearchOptions {
        &self.options
    }

    /// Checks that options go with the index.
    ///
    /// # Errors
    /// A mix or a filter that does not.
    pub fn check(&self, options: &SearchOptions) -> Result<()> {
        if let Some(mix) = &options.mix {
            mix.shares(self.index.manifest())?;
        }
        self.selected(options).map(drop)
    }

    /// The same index, searched by another strategy. Answers are the same.
    pub fn with_strategy(mut self, strategy: Strategy) -> Self {
        self.options.strategy = strategy;
        self
    }

    /// The same index, whose searches may stop short of the exact answer.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// The same index, whose fields count as `mix` says, such as `splade=1,bm25=0.5`; by default
    /// all alike. Scores of a field are divided by its calibration first.
    ///
    /// # Errors
    /// The mix is no list of fields and weights, or names others than the index has.
    pub fn with_mix(self, mix: &str) -> Result<Self> {
        let mix: Mix = mix.parse()?;
        let options = SearchOptions { mix: Some(mix), ..self.options.clone() };
        self.with_options(options)
    }

    /// The same index, whose searches find none but the documents that a filter keeps, such as
    /// `year >= 2020 and lang = "en"`, in the language or as JSON (docs/filters.md). Scores and
    /// their order are those without it.
    ///
    /// # Errors
    /// A filter that can't be read or does not go with the columns, with the character.
    pub fn with_filter(self, filter: &str) -> Result<Self> {
        let options = SearchOptions { filter: Some(filter.parse()?), ..self.options.clone() };
        self.with_options(options)
    }

    /// The documents that options let a search find; none for all.
    pub(crate) fn selected(
        &self,
        options: &SearchOptions,
    ) -> Result<Option<Arc<SelectedDocuments>>> {
        let filter = options.filter.as_ref();
        filter.map(|filter| self.filters.select(&self.index, filter)).transpose()
    }

    /// Number of documents that searches may find: those that the filter keeps, or all.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn searchable(&self) -> Result<usize> {
        let selected = self.selected(&self.options)?;
        Ok(selected.map_or(self.len(), |selected| selected.documents() as usize))
    }

    /// The same index, whose answers to topics leave out the document whose docno is the topic's
    /// id: in ArguAna and Quora, topics are documents of the collection, and each finds itself
    /// first. `k` is filled up.
    pub fn without_same_ids(mut self) -> Self {
        self.options.exclude_same_id = true;
        self
    }

    /// The index folder, for messages.
    pub(crate) fn name(&self) -> String {
        self.index.name()
    }

    /// Number of documents.
    pub fn len(&self) -> usize {
        self.index.documents() as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The folders of the indexes that are [open together](open_as_one); of others there is one.
    pub fn folders(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.index.folders()
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        self.index.folder()
    }

    /// What the folder holds: fields, segments, statistics.
    pub fn inner(&self) -> &spork_index::Index {
        &self.index
    }

    /// The model that encodes queries, if there is one.
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.model.as_ref().map(|(model, _)| model)
    }
}

/// Warns where only some shards of a collection are open: answers are then those of a part of it.
pub fn warn_of_missing_shards(index: &spork_index::Index) {
    if let Some((open, all)) = index.incomplete() {
        tracing::warn!(
            "{}: {open} of the {all} shards of the collection; the answers are those of its part, \
             with its document frequencies",
            index.name()
        );
    }
}

/// That the index takes queries that `model` encodes.
fn check_model(index: &spork_index::Index, model: &Model, meant: QueryEncoder) -> Result<()> {
    let (fields, name) = (&index.manifest().fields, index.name());
    if fields.iter().all(Field::is_text) {
        return Err(Error::NotForText { index: name });
    }
    let record = |field: &Field| EncoderRecord::of_properties(&field.properties).transpose();
    let record = fields.iter().find_map(record).transpose().map_err(Error::Record)?;
    let documents = record.map(|record| record.identity()).transpose().map_err(Error::Record)?;
    let queries = model.identity(Kind::Query, &EncodeOptions::default())?;
    if let Some(documents) = documents {
        check_query_encoder(&name, &documents, &queries, meant).map_err(Box::new)?;
    }
    Ok(())
}
