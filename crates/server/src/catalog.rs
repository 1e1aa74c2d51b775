//! What is served, by name: indexes with their models, and aliases.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use spork_search::{Index, Model, model_here, open, open_model, recorded_model};

use crate::api_error::ApiError;
use crate::live_index::LiveIndex;
use crate::metrics::Metrics;
use crate::settings::{NamedIndex, Served, check_name};
use crate::start_error::StartError;
use crate::text_encoder::TextEncoder;
use crate::writer::Writer;

/// An index, the model of its queries, and its writer.
pub(crate) struct Entry {
    pub(crate) live: Arc<LiveIndex>,
    pub(crate) encoder: Option<Arc<TextEncoder>>,
    pub(crate) writer: Writer,
}

/// All that is served. What is there is fixed when the server starts; aliases move.
pub(crate) struct Catalog {
    entries: BTreeMap<String, Entry>,
    aliases: ArcSwap<BTreeMap<String, String>>,
    /// One changes the aliases at a time.
    moving: Mutex<()>,
    encoders: Vec<Arc<TextEncoder>>,
}

impl Catalog {
    /// Opens the indexes and the models that they need.
    ///
    /// # Errors
    /// An index or a model that can't be opened or that fits none of the other, or a name that
    /// comes twice.
    pub(crate) fn open(served: &Served, metrics: &Arc<Metrics>) -> Result<Self, StartError> {
        if served.indexes.is_empty() {
            return Err(StartError::NoIndex);
        }
        let mut models = Models::new(served, metrics)?;
        let mut entries = BTreeMap::new();
        for NamedIndex { name, folder } in &served.indexes {
            check_name(name)?;
            let (index, encoder) = models.give(open(folder)?)?;
            let live = Arc::new(LiveIndex::new(name.clone(), index, metrics.clone())?);
            let writer = Writer::start(live.clone(), metrics.clone())?;
            if entries.insert(name.clone(), Entry { live, encoder, writer }).is_some() {
                return Err(StartError::Twice { name: name.clone() });
            }
        }
        let encoders = models.used()?;
        let moving = Mutex::default();
        let catalog = Self { entries, aliases: ArcSwap::default(), moving, encoders };
        catalog.start_aliases(&served.aliases)?;
        Ok(catalog)
    }

    fn start_aliases(&self, aliases: &[(String, String)]) -> Result<(), StartError> {
        let mut known = BTreeMap::new();
        for (alias, name) in aliases {
            check_name(alias)?;
            if !self.entries.contains_key(name) {
                let (alias, name) = (alias.clone(), name.clone());
                return Err(StartError::Alias { alias, name, known: self.names() });
            }
            let twice = known.insert(alias.clone(), name.clone()).is_some();
            if twice || self.entries.contains_key(alias) {
                return Err(StartError::Twice { name: alias.clone() });
            }
        }
        self.aliases.store(Arc::new(known));
        Ok(())
    }

    fn names(&self) -> String {
        self.entries.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The index of a name or an alias; without a name, the only one.
    ///
    /// # Errors
    /// There is none of this name, or there are several and no name.
    pub(crate) fn find(&self, name: Option<&str>) -> Result<&Entry, ApiError> {
        let Some(name) = name else {
            let mut all = self.entries.values();
            return match (all.next(), all.next()) {
                (Some(only), None) => Ok(only),
                _ => Err(ApiError::bad(format!("there are several indexes: {}", self.names()))
                    .at("index")
                    .remedy("name one of them")),
            };
        };
        let aliases = self.aliases.load();
        let meant = aliases.get(name).map_or(name, String::as_str);
        self.entries.get(meant).ok_or_else(|| {
            let message = format!("there is no index {name:?}; there are {}", self.names());
            ApiError::not_found(message).at("index")
        })
    }

    /// All indexes, by name.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The aliases, each with the index that it means.
    pub(crate) fn aliases(&self) -> Arc<BTreeMap<String, String>> {
        self.aliases.load_full()
    }

    /// Sets and removes aliases, all at once for every request.
    ///
    /// # Errors
    /// An alias that can't be one or that an index is called by, or one of no index. Then none is
    /// changed.
    pub(crate) fn set_aliases(
        &self,
        aliases: &BTreeMap<String, Option<String>>,
    ) -> Result<Arc<BTreeMap<String, String>>, ApiError> {
        for (alias, name) in aliases {
            let place = format!("aliases.{alias}");
            check_name(alias).map_err(|error| ApiError::bad(error.to_string()).at(&place))?;
            if self.entries.contains_key(alias) {
                return Err(ApiError::bad(format!("{alias:?} is an index")).at(place));
            }
            if let Some(name) = name
                && !self.entries.contains_key(name)
            {
                let message = format!("there is no index {name:?}; there are {}", self.names());
                return Err(ApiError::not_found(message).at(place));
            }
        }
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeMap::clone(&self.aliases.load());
        for (alias, name) in aliases {
            match name {
                Some(name) => all.insert(alias.clone(), name.clone()),
                None => all.remove(alias),
            };
        }
        self.aliases.store(Arc::new(all));
        Ok(self.aliases())
    }

    /// The model of a name; without a name, the only one.
    ///
    /// # Errors
    /// There is none of this name, or there are several and no name.
    pub(crate) fn encoder(&self, name: Option<&str>) -> Result<&Arc<TextEncoder>, ApiError> {
        let names = || {
            let names: Vec<&str> = self.encoders.iter().map(|known| known.model().name()).collect();
            match names.is_empty() {
                true => "no model is loaded".to_owned(),
                false => format!("there are {}", names.join(", ")),
            }
        };
        match (name, self.encoders.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => {
                let error = ApiError::not_found(format!("no model is named, and {}", names()));
                Err(error.at("model"))
            }
            (Some(name), all) => all
                .iter()
                .find(|encoder| encoder.model().name() == name)
                .ok_or_else(|| ApiError::not_found(format!("no model {name:?}; {}", names()))),
        }
    }

    /// All models.
    pub(crate) fn encoders(&self) -> &[Arc<TextEncoder>] {
        &self.encoders
    }
}

/// The models that are loaded, as indexes ask for them.
struct Models<'s> {
    served: &'s Served,
    metrics: &'s Arc<Metrics>,
    /// With what they were found by, and whether an index has taken them.
    loaded: Vec<(String, Arc<TextEncoder>, bool)>,
    refusal: String,
}

impl<'s> Models<'s> {
    fn new(served: &'s Served, metrics: &'s Arc<Metrics>) -> Result<Self, StartError> {
        let mut models = Self { served, metrics, loaded: Vec::new(), refusal: String::new() };
        for model in &served.models {
            models.load(model)?;
        }
        Ok(models)
    }

    fn load(&mut self, model: &str) -> Result<Arc<TextEncoder>, StartError> {
        let opened: Arc<Model> = Arc::new(open_model(model, &self.served.load)?);
        let longest = self.served.limits.queue;
        let encoder = Arc::new(TextEncoder::start(opened, longest, self.metrics.clone())?);
        self.loaded.push((model.to_owned(), encoder.clone(), false));
        Ok(encoder)
    }

    /// The index with the model that encoded its documents: one of those that were named, else the
    /// one that it records.
    fn give(&mut self, index: Index) -> Result<(Index, Option<Arc<TextEncoder>>), StartError> {
        let folder = index.folder().to_owned();
        let mut index = index;
        for place in 0..self.loaded.len() {
            let (_, encoder, taken) = &mut self.loaded[place];
            match index.with_model(encoder.model().clone()) {
                Ok(fitting) => {
                    *taken = true;
                    return Ok((fitting, Some(encoder.clone())));
                }
                Err(error) => {
                    self.refusal = error.to_string();
                    index = open(&folder)?;
                }
            }
        }
        if !self.served.models.is_empty() {
            return Ok((index, None));
        }
        let Some(model) = recorded_model(index.inner()).as_deref().and_then(model_here) else {
            return Ok((index, None));
        };
        let encoder = self.load(&model)?;
        match index.with_model(encoder.model().clone()) {
            Ok(fitting) => {
                if let Some((_, _, taken)) = self.loaded.last_mut() {
                    *taken = true;
                }
                Ok((fitting, Some(encoder)))
            }
            Err(error) => {
                tracing::warn!("{error}; queries of this index have to be vectors");
                self.loaded.pop();
                Ok((open(&folder)?, None))
            }
        }
    }

    /// The models that indexes have taken.
    fn used(self) -> Result<Vec<Arc<TextEncoder>>, StartError> {
        for (model, _, taken) in &self.loaded {
            if !taken {
                return Err(StartError::UnusedModel { model: model.clone(), reason: self.refusal });
            }
        }
        Ok(self.loaded.into_iter().map(|(_, encoder, _)| encoder).collect())
    }
}
