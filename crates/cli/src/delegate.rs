//! From `spork` to `spork-torch`, which lies beside it and takes the same command line.
//!
//! The two are one program and must be of one build. `spork` says which it is of in an environment
//! variable, and `spork-torch` refuses another before it does anything else. Run by hand it finds
//! no such variable and asks nothing.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Error, Result, anyhow, bail};

/// Version and build of this program.
const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), " (build ", env!("SPORK_BUILD"), ")");
/// Where `spork` says its build.
const DELEGATED_BY: &str = "SPORK_DELEGATED_BY";
/// Names `spork-torch` where it does not lie beside `spork`.
pub(crate) const TORCH: &str = "SPORK_TORCH";

/// Checks that whoever delegated to this program, if anybody did, is of the same build, and that
/// this program `has_torch`.
pub(crate) fn check_caller(has_torch: bool) -> Result<()> {
    let Some(caller) = env::var_os(DELEGATED_BY) else { return Ok(()) };
    let this = env::current_exe().unwrap_or_default();
    if !has_torch {
        bail!(
            "{TORCH} names {}, which is not linked with libtorch; set it to the path of \
             spork-torch",
            this.display()
        );
    }
    if caller != BUILD {
        bail!(
            "spork is {}, but {} is {BUILD}; build both again with ./scripts/build --torch, set \
             {TORCH} to the spork-torch of the same build, or encode with --backend rust",
            caller.display(),
            this.display()
        );
    }
    Ok(())
}

/// The path of `spork-torch`, whether or not it is there: the one that is named, or beside this
/// program. Where this program is a link, that is beside the file it links to.
pub(crate) fn torch_program() -> Option<PathBuf> {
    let named = env::var_os(TORCH).filter(|path| !path.is_empty()).map(PathBuf::from);
    let beside = || {
        let this = env::current_exe().ok()?;
        let this = this.canonicalize().unwrap_or(this);
        Some(this.with_file_name(format!("spork-torch{}", env::consts::EXE_SUFFIX)))
    };
    named.or_else(beside)
}

/// Becomes `spork-torch` with this program's arguments; returns only if that is not possible.
pub(crate) fn delegate() -> Error {
    let Some(torch) = torch_program() else {
        return anyhow!(
            "the path of this program is unknown, and so is that of spork-torch beside it"
        );
    };
    let error =
        become_it(Command::new(&torch).args(env::args_os().skip(1)).env(DELEGATED_BY, BUILD));
    if error.kind() == std::io::ErrorKind::NotFound {
        return anyhow!(
            "{} is missing, the part of Spork that runs on GPUs and trains; build it with \
             ./scripts/build --torch, or set {TORCH} to its path; --backend rust --device cpu \
             encodes without it",
            torch.display()
        );
    }
    anyhow!("{}: {error}", torch.display())
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
