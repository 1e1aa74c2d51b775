//! From `spork` to `spork-torch`, which lies beside it and takes the same command line.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Error, anyhow};

/// Becomes `spork-torch` with this program's arguments; returns only if that is not possible.
pub(crate) fn hand_over() -> Error {
    let Ok(this) = std::env::current_exe() else {
        return anyhow!("this program's own place can't be found, and so neither can spork-torch beside it");
    };
    let torch = beside(this);
    let error = become_it(Command::new(&torch).args(std::env::args_os().skip(1)));
    if error.kind() == std::io::ErrorKind::NotFound {
        return anyhow!(
            "{} is missing, the part of Spork that encodes text; build it with ./scripts/build, or encode elsewhere \
             and give vectors",
            torch.display()
        );
    }
    anyhow!("{}: {error}", torch.display())
}

fn beside(this: PathBuf) -> PathBuf {
    // What lies behind a link to this program is where the other one is.
    let this = this.canonicalize().unwrap_or(this);
    this.with_file_name(format!("spork-torch{}", std::env::consts::EXE_SUFFIX))
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
