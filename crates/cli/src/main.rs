//! `spork`, linked with no network: it hands over to `spork-torch` where one is needed.

use std::process::ExitCode;

fn main() -> ExitCode {
    spork::main(None)
}
