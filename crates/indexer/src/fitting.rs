//! Whether sources go with what an index has fixed, and what it records of them.

use spork_index::{FieldSource, Index, Manifest};

use crate::prune::Pruned;
use crate::source::Source;
use crate::{Error, Result};

/// The program that writes indexes, as they record it.
pub(crate) const WRITER: &str = concat!("spork ", env!("CARGO_PKG_VERSION"));

/// Records in the fields of vectors what their sources say of the encoder.
pub(crate) fn record_encoders(sources: &[Source<'_>], manifest: &mut Manifest) {
    for source in sources {
        let Source::Vectors { properties, .. } = source else { continue };
        let field = manifest.fields.iter_mut().find(|field| field.source == source.kind());
        if let Some(field) = field {
            let properties = properties.iter().map(|(key, value)| (key.clone(), value.clone()));
            field.properties.extend(properties);
        }
    }
}

/// Refuses input that no field of the index takes.
pub(crate) fn check_sources(sources: &[Source<'_>], index: &Index) -> Result<()> {
    let manifest = index.manifest();
    if Pruned::read(&manifest.properties).is_some() {
        return Err(Error::Pruned { index: index.folder().to_owned() });
    }
    let fits =
        |source: &&Source<'_>| manifest.fields.iter().any(|field| field.source == source.kind());
    match sources.iter().find(|source| !fits(source)) {
        Some(source) => Err(Error::NoField {
            index: index.folder().to_owned(),
            what: match source.kind() {
                FieldSource::Vectors => "vectors",
                FieldSource::Bm25 => "text by BM25",
            },
            fields: manifest.field_names(),
        }),
        None => Ok(()),
    }
}
