//! The passages of stored texts that show why documents answer a query.

use spork_bm25::Analyzer;
use spork_core::DocId;
use spork_index::{Field, Index};

use crate::Result;
use crate::snippet::{Snippet, Snippets};

/// Finds passages of the texts that an index stores.
pub struct Passages {
    analyzer: Analyzer,
    /// The field whose terms are looked for in texts.
    field: usize,
    /// Whether the field's terms are the analyzer's own.
    of_text: bool,
}

impl Passages {
    /// For an index that stores texts; `None` if it does not. Words are matched by the analyzer of
    /// its field of text, or where it has none as the terms of vectors, by the English one.
    ///
    /// # Errors
    /// The analyzer that the index records can't be made.
    pub fn of(index: &Index) -> Result<Option<Self>> {
        let manifest = index.manifest();
        if !manifest.stored.texts {
            return Ok(None);
        }
        let field = manifest.fields.iter().position(Field::is_text);
        let properties = field.and_then(|field| manifest.fields.get(field));
        let analyzer = properties.map(|field| Analyzer::of_properties(&field.properties));
        let analyzer = analyzer.transpose()?.flatten();
        Ok(Some(Self {
            of_text: analyzer.is_some(),
            analyzer: analyzer.unwrap_or_else(Analyzer::english),
            field: field.unwrap_or_default(),
        }))
    }

    /// Passages for one query.
    pub fn for_query(&self, query: &spork_searcher::Query) -> Snippets<'_> {
        let of_field = query.terms().iter().filter(|term| term.field == self.field);
        let terms = of_field.map(|term| (term.term.clone(), term.weight as f32));
        if self.of_text {
            Snippets::of_terms(&self.analyzer, terms)
        } else {
            Snippets::of_words(&self.analyzer, terms)
        }
    }
}

/// Hands the best passage of a document's stored text to `show`; `None` if no text is stored of it.
///
/// # Errors
/// There is no such document, or the index is damaged.
pub fn with_passage<R>(
    index: &Index,
    docid: DocId,
    snippets: &Snippets<'_>,
    characters: usize,
    show: impl FnOnce(&Snippet<'_>) -> R,
) -> Result<Option<R>> {
    let place = index.place(docid)?;
    let texts = place.segment.texts();
    let text = texts.map(|texts| texts.get(place.docid)).transpose()?.flatten();
    Ok(text.map(|text| show(&snippets.best(&text, characters))))
}
