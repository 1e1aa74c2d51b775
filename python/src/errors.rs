//! The library's errors as Python's exceptions.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use spork_search::{Error, Stopped};

/// The exception for an error of the library: `NoDocumentError` for a document that is not there,
/// `SporkOSError` where a system call failed, else `SporkValueError`; all are `SporkError`.
pub(crate) fn exception(error: &Error) -> PyErr {
    Python::attach(|py| {
        if stopped(error) {
            return PyKeyboardInterrupt::new_err(());
        }
        let name = match error {
            Error::NoDocument { .. } => "NoDocumentError",
            _ if io_error(error).is_some() => "SporkOSError",
            _ => "SporkValueError",
        };
        raise(py, name, error.to_string())
    })
}

/// The exception of a system call that failed on a file.
pub(crate) fn os_error(path: &Path, error: &io::Error) -> PyErr {
    Python::attach(|py| raise(py, "SporkOSError", format!("{}: {error}", path.display())))
}

/// The exception of a value that makes no sense.
pub(crate) fn bad_value(message: impl Into<String>) -> PyErr {
    Python::attach(|py| raise(py, "SporkValueError", message.into()))
}

fn raise(py: Python<'_>, name: &str, message: String) -> PyErr {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE
        .get_or_try_init(py, || PyModule::import(py, "spork_search._errors").map(Bound::unbind));
    let class = module.and_then(|module| module.bind(py).getattr(name));
    match class.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, message),
        Err(error) => error,
    }
}

/// The causes of an error, itself first.
fn chain<'e>(error: &'e Error) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    let first: Option<&'e (dyn StdError + 'static)> = Some(error);
    std::iter::successors(first, |&error| error.source())
}

fn io_error(error: &Error) -> Option<&io::Error> {
    chain(error).find_map(|cause| cause.downcast_ref::<io::Error>())
}

fn stopped(error: &Error) -> bool {
    use spork_search::{BuildError, EncodeError, SearchError};
    matches!(
        error,
        Error::Build(BuildError::Stopped(Stopped))
            | Error::Search(SearchError::Stopped(Stopped))
            | Error::Model(EncodeError::Stopped(Stopped))
    )
}
