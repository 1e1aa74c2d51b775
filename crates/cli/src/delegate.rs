//! From `spork` to `spork-torch`, which lies beside it and takes the same command line.
//!
//! The two are one program and must be of one build. `spork` says which it is of in an environment
//! variable, and `spork-torch` refuses another before it does anything else. Run by hand it finds
//! no such variable and asks nothing.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Error, Result, anyhow, bail};

use crate::backend::Backend;
use crate::text_encoder::ModelSpec;

/// Version and build of this program.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " (build ", env!("SPORK_BUILD"), ")");
/// Where `spork` says its build.
const DELEGATED_BY: &str = "SPORK_DELEGATED_BY";
/// Names `spork-torch` where it does not lie beside `spork`.
const TORCH: &str = "SPORK_TORCH";

/// This program: with a backend, or with one that can be reached by delegation.
#[derive(Clone, Copy)]
pub(crate) struct Program<'b>(Option<&'b dyn Backend>);

impl<'b> Program<'b> {
    /// Checks that whoever delegated to this program is of the same build.
    pub(crate) fn new(backend: Option<&'b dyn Backend>) -> Result<Self> {
        let Some(caller) = env::var_os(DELEGATED_BY) else { return Ok(Self(backend)) };
        let this = env::current_exe().unwrap_or_default();
        if backend.is_none() {
            bail!(
                "{TORCH} names {}, which runs no networks; set it to the path of spork-torch",
                this.display()
            );
        }
        if caller != BUILD {
            bail!(
                "spork is {}, but {} is {BUILD}; build both again with ./scripts/build, or set \
                 {TORCH} to the spork-torch of the same build",
                caller.display(),
                this.display()
            );
        }
        Ok(Self(backend))
    }

    /// The backend; without one, this process becomes `spork-torch`, which starts from the
    /// beginning. So no input may have been consumed before.
    pub(crate) fn backend(self) -> Result<&'b dyn Backend> {
        self.0.ok_or_else(delegate)
    }

    /// The backend that `model` needs; none where it needs none and this program has none.
    pub(crate) fn networks_for(
        self,
        model: &ModelSpec,
    ) -> Result<Option<&'b dyn spork_encoder::Backend>> {
        let backend = if model.needs_network()? { Some(self.backend()?) } else { self.0 };
        Ok(backend.map(Backend::networks))
    }
}

/// Becomes `spork-torch` with this program's arguments; returns only if that is not possible.
fn delegate() -> Error {
    let named = env::var_os(TORCH).filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(torch) = named.or_else(beside) else {
        return anyhow!(
            "the path of this program is unknown, and so is that of spork-torch beside it"
        );
    };
    let error =
        become_it(Command::new(&torch).args(env::args_os().skip(1)).env(DELEGATED_BY, BUILD));
    if error.kind() == std::io::ErrorKind::NotFound {
        return anyhow!(
            "{} is missing, the part of Spork that encodes text; build it with ./scripts/build, \
             set {TORCH} to its path, or encode elsewhere and give vectors",
            torch.display()
        );
    }
    anyhow!("{}: {error}", torch.display())
}

/// What lies behind a link to this program is where the other one is.
fn beside() -> Option<PathBuf> {
    let this = env::current_exe().ok()?;
    let this = this.canonicalize().unwrap_or(this);
    Some(this.with_file_name(format!("spork-torch{}", env::consts::EXE_SUFFIX)))
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
