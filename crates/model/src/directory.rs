//! The kind of a model directory, and the parts of it that encode documents and queries.
//!
//! A directory with `modules.json` is read as sentence-transformers reads it: a Transformer and a
//! SpladePooling, perhaps multiplied by a SparseStaticEmbedding; such an embedding alone; or a
//! Router that holds these chains for "query" and "document". Any other directory is a bare Hugging
//! Face model, which encodes both kinds alike and does not say how it pools.

use std::path::Path;

use serde::Deserialize;

use crate::error::{ModelError, Result};
use crate::json;
use crate::modules::Modules;
use crate::route::{Lengths, NetworkRoute, Route};
use crate::sentence_transformers::{ModelSettings, Notes};

/// Settings for searches with the model; Spork's own file.
pub(crate) const SEARCH_CONFIG: &str = "spork.json";
/// The largest power of idf: beyond it a query would be its rarest term.
pub const MOST_IDF_POWER: f32 = 4.0;

/// A model directory, understood but not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Directory {
    /// How documents are encoded.
    pub document: Route,
    /// How queries are encoded.
    pub query: Route,
    /// Text put before each document.
    pub document_prompt: String,
    /// Text put before each query.
    pub query_prompt: String,
    /// Terms a text at most: `max_active_dims` of sentence-transformers.
    pub most_terms: Option<usize>,
    /// The power of a term's inverse document frequency in the index by which a search is to
    /// multiply the term's weight in a query: `query_idf` of `spork.json`; 0, which changes
    /// nothing, where there is none.
    pub query_idf: f32,
    /// What whoever loads the model should be told: settings that are not read.
    pub notes: Vec<String>,
}

impl Directory {
    /// Looks at what is in `root`.
    ///
    /// # Errors
    /// No such folder, or files that describe no SPLADE model.
    pub fn read(root: &Path) -> Result<Self> {
        if let Err(source) = std::fs::read_dir(root) {
            return Err(ModelError::io(root, source));
        }
        let query_idf = SearchConfig::read(root)?.query_idf;
        let Some(modules) = Modules::read_optional(root)? else {
            return Ok(Self { query_idf, ..Self::bare(root) });
        };
        let mut notes = Notes::default();
        let (document, query) = modules.routes(&mut notes)?;
        let ModelSettings { document_prompt, query_prompt, most_terms } =
            ModelSettings::read(root, &mut notes)?;
        let mut notes = notes.0;
        notes.dedup();
        Ok(Self { document, query, document_prompt, query_prompt, most_terms, query_idf, notes })
    }

    fn bare(root: &Path) -> Self {
        let route = Route::Network(NetworkRoute {
            folder: root.to_owned(),
            pooling: None,
            lengths: Lengths::default(),
            lowercase: false,
            table: None,
        });
        Self {
            document: route.clone(),
            query: route,
            document_prompt: String::new(),
            query_prompt: String::new(),
            most_terms: None,
            query_idf: 0.0,
            notes: Vec::new(),
        }
    }
}

/// spork.json: what sentence-transformers has no word for.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SearchConfig {
    query_idf: f32,
}

impl SearchConfig {
    fn read(root: &Path) -> Result<Self> {
        let path = root.join(SEARCH_CONFIG);
        let config: Self = json::read_optional(&path)?.unwrap_or_default();
        if (0.0..=MOST_IDF_POWER).contains(&config.query_idf) {
            return Ok(config);
        }
        let got = serde_json::Value::from(config.query_idf);
        Err(ModelError::setting(
            &path,
            "query_idf",
            Some(&got),
            format!("a number from 0 to {MOST_IDF_POWER}"),
        ))
    }
}
