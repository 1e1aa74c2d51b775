//! The command line inside the wheel.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command `spork` with these arguments, the program's name first, and returns its exit
/// code. Ctrl-C has to end the process, as it does with other programs: the caller sees to that.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| spork_cli::main_with(arguments, None))
}
