//! The tokenizer that made an index's terms, to tell which of them stand in a text.

use anyhow::Result;
use spork_index::{Field, Index};
use spork_model::{Directory, Identity, TextTokenizer, hub};

use crate::args::QueryArgs;
use crate::default_model;
use crate::provenance;

/// The tokenizer of the model that `args` name, or else of the one that the index records, if it is
/// here; `None` where no field is of vectors, or no model is at hand. No network is loaded.
///
/// # Errors
/// The model's folder can't be read.
pub(crate) fn of(index: &Index, args: &QueryArgs) -> Result<Option<TextTokenizer>> {
    if index.manifest().fields.iter().all(Field::is_text) {
        return Ok(None);
    }
    let model = args.model.clone().or_else(|| default_model::of(&[index]));
    let model = model.or_else(|| args.query_model.clone());
    let Some(folder) = model.and_then(|model| hub::find_here(&model)) else { return Ok(None) };
    let tokenizer = Directory::read(&folder)?.document.tokenizer()?;
    let recorded = provenance::encoder(index.manifest())?.map(|record| record.identity());
    if let Some(Ok(recorded)) = recorded
        && recorded.tokenizer != Identity::checksum(tokenizer.fingerprint()?)
    {
        tracing::warn!(
            "{} has another tokenizer than the model that encoded {}: which terms stand in the \
             text is not known",
            folder.display(),
            index.name()
        );
        return Ok(None);
    }
    Ok(Some(tokenizer))
}
