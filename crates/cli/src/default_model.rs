//! The model of queries where none is named: the one that the index records, if it is here.

use spork_index::Index;
use spork_model::hub;

use crate::provenance;

/// Where models are looked for, beside the current folder and the Hub's cache.
const FOLDER: &str = "data";

/// The model that encoded the first of these indexes that records one: a folder of its name, here
/// or in `data`, or a model of the Hub that is on this machine already. No Hub is asked. Whether it
/// is the same model shows when it is loaded: an index holds checksums of it.
pub(crate) fn of(indexes: &[&Index]) -> Option<String> {
    let name = indexes.iter().find_map(|index| provenance::encoder_name(index.manifest()))?;
    // Nothing that an index says leads elsewhere.
    if name.starts_with(['/', '.', '-']) || name.contains("..") {
        return None;
    }
    let inside = format!("{FOLDER}/{name}");
    [name, inside].into_iter().find(|model| hub::find_here(model).is_some())
}
