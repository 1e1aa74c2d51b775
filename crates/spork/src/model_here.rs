//! The model that an index records, if it is here.

use spork_index::{Field, Index};
use spork_model::{EncoderRecord, hub};

/// Where models are looked for, beside the current folder and the Hub's cache.
const FOLDER: &str = "data";

/// The name of the encoder that an index records.
pub fn recorded_model(index: &Index) -> Option<String> {
    let record = |field: &Field| EncoderRecord::of_properties(&field.properties).ok().flatten();
    index.manifest().fields.iter().find_map(record)?.name().map(str::to_owned)
}

/// Where the model of this name is: a folder of that name, here or in `data`, or a model of the Hub
/// that is on this machine already. No Hub is asked. Whether it is the same model shows when it is
/// loaded: an index holds checksums of it.
pub fn model_here(name: &str) -> Option<String> {
    // Nothing that an index says leads elsewhere.
    if name.starts_with(['/', '.', '-']) || name.contains("..") {
        return None;
    }
    let inside = format!("{FOLDER}/{name}");
    [name.to_owned(), inside].into_iter().find(|model| hub::find_here(model).is_some())
}
