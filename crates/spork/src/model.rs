//! Opening a model with the backend that needs nothing but a processor.

use std::path::Path;

use spork_encoder::Model;
use spork_encoder_cpu::Cpu;
use spork_model::{LoadOptions, hub};

use crate::Result;

/// Opens a SPLADE model: a folder, or `owner/name` on the Hugging Face Hub, which is downloaded
/// once. Its network is computed by [`Cpu`], on as many threads as there are cores. With another
/// backend, call [`Model::open`].
///
/// By default weights are computed in 32-bit floats; bfloat16 takes about half the time where the
/// processor has instructions for it ([`LoadOptions::precision`]).
///
/// # Errors
/// There is no such model, or it is no SPLADE model; with the remedy. A device that is no
/// processor.
///
/// # Examples
/// ```no_run
/// use spork_search::{LoadOptions, build, open, open_model};
///
/// let model = open_model("data/model", &LoadOptions::default())?;
/// build("index").encoded(&model, [("d1", "Jet lag passes in a few days.")])?;
/// let index = open("index")?.with_model(model)?;
/// for hit in index.search("how long does jet lag last", 10)? {
///     println!("{} {:.3}", hit.docno, hit.score);
/// }
/// # Ok::<(), spork_search::Error>(())
/// ```
pub fn open_model(model: impl AsRef<Path>, options: &LoadOptions) -> Result<Model> {
    let model = model.as_ref();
    let cpu = Cpu { threads: None };
    if model.is_dir() {
        return Ok(Model::open(model, options, Some(&cpu))?);
    }
    let name = model.to_string_lossy();
    let folder = match options.pooling {
        Some(_) => hub::resolve(&name)?,
        None => hub::resolve_with_pooling(&name)?,
    };
    let own_name = || Some(name.into_owned());
    let options = LoadOptions { name: options.name.clone().or_else(own_name), ..options.clone() };
    Ok(Model::open(&folder, &options, Some(&cpu))?)
}
