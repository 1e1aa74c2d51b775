//! The native half of the Python package `spork_search`: the calls of the library `spork-search`,
//! with Python's types in and out. Nothing of the engine is here.
//!
//! No call holds Python's lock while it works, Ctrl-C ends each, and no panic leaves as anything
//! but an exception.

mod answers;
mod arrays;
mod command;
mod documents;
mod encoder;
mod errors;
mod evaluation;
mod index;
mod interrupt;
mod json;
mod logging;
mod options;
mod pools;
mod queries;
mod shards;

use pyo3::prelude::*;

/// The native module.
#[pymodule]
fn _spork(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<index::NativeIndex>()?;
    module.add_class::<answers::Hit>()?;
    module.add_class::<answers::Hits>()?;
    module.add_class::<answers::Results>()?;
    module.add_class::<encoder::NativeEncoder>()?;
    module.add_class::<documents::Documents>()?;
    module.add_class::<shards::JoinedHits>()?;
    module.add_function(wrap_pyfunction!(shards::add_statistics, module)?)?;
    module.add_function(wrap_pyfunction!(shards::join_answers, module)?)?;
    module.add_function(wrap_pyfunction!(command::main, module)?)?;
    module.add_function(wrap_pyfunction!(index::model_of, module)?)?;
    module.add_function(wrap_pyfunction!(evaluation::evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(evaluation::read_qrels, module)?)?;
    module.add_function(wrap_pyfunction!(evaluation::read_topics, module)?)?;
    Ok(())
}
