//! The place of the reference figures, and how results are compared with them and counted.

use std::path::{Path, PathBuf};

use spork_eval::{Qrels, Run, ScorePrecision};
use spork_files::Source;

/// A folder of `tests/fixtures`; its README says where the files come from.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Reads qrels.
pub(crate) fn qrels(path: &Path) -> Qrels {
    Qrels::read(&mut Source::open(path).unwrap()).unwrap()
}

/// Reads a run with scores of the given precision.
pub(crate) fn run(path: &Path, precision: ScorePrecision) -> Run {
    Run::read_as(&mut Source::open(path).unwrap(), precision).unwrap()
}

/// The columns of every line, set apart by tabs and stripped of blanks.
pub(crate) fn rows(path: &Path) -> Vec<Vec<String>> {
    let (mut source, mut buffer, mut rows) = (Source::open(path).unwrap(), Vec::new(), Vec::new());
    while let Some(line) = source.next_line(&mut buffer).unwrap() {
        rows.push(
            line.text().unwrap().split('\t').map(|column| column.trim().to_owned()).collect(),
        );
    }
    rows
}

/// Counts comparisons, and remembers those that differ.
#[derive(Default)]
pub(crate) struct Tally {
    compared: usize,
    differing: Vec<String>,
}

impl Tally {
    /// Counts one comparison of `place`.
    pub(crate) fn compare(&mut self, equal: bool, place: impl FnOnce() -> String) {
        self.compared += 1;
        if !equal {
            self.differing.push(place());
        }
    }

    /// Prints the count; fails if anything differs or fewer than `least` values were compared.
    #[track_caller]
    pub(crate) fn finish(self, what: &str, least: usize) {
        let Self { compared, differing } = self;
        eprintln!("{what}: {compared} values compared, {} differ", differing.len());
        assert!(differing.is_empty(), "{what}: {:#?}", &differing[..differing.len().min(20)]);
        assert!(
            compared >= least,
            "{what}: only {compared} values compared, expected at least {least}"
        );
    }
}
