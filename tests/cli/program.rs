//! The program under test, in a folder of its own.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Cargo names the program of the package whose tests these are.
pub(crate) const SPORK: &str =
    match (option_env!("CARGO_BIN_EXE_spork-torch"), option_env!("CARGO_BIN_EXE_spork")) {
        (Some(torch), _) => torch,
        (None, Some(plain)) => plain,
        (None, None) => panic!("cargo builds these tests beside a program"),
    };

/// The backend of that program's own.
pub(crate) const BACKEND: &str = match option_env!("CARGO_BIN_EXE_spork-torch") {
    Some(_) => "torch",
    None => "rust",
};

/// A folder of its own for each test.
pub(crate) struct Bench(tempfile::TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs `spork` here with arguments split at blanks.
    pub(crate) fn spork(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(SPORK);
        command.current_dir(self.0.path()).args(line.split_whitespace());
        command
    }

    /// Runs `spork` here and expects success; returns its standard output.
    pub(crate) fn ok(&self, line: &str) -> String {
        let output = self.spork(line);
        assert!(output.status.success(), "spork {line}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs `spork` here and expects exit code `code`; returns its standard error.
    pub(crate) fn fails(&self, line: &str, code: i32) -> String {
        let output = self.spork(line);
        assert_eq!(output.status.code(), Some(code), "spork {line}: {}", stderr(&output));
        assert!(
            output.stdout.is_empty(),
            "spork {line} printed {:?}",
            String::from_utf8_lossy(&output.stdout)
        );
        stderr(&output)
    }

    pub(crate) fn with_input(&self, line: &str, input: &[u8]) -> Output {
        let mut child = self
            .command(line)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A collection of three documents.
pub(crate) const VECTORS: &str = concat!(
    "{\"id\": \"d1\", \"vector\": {\"cat\": 3, \"dog\": 1}}\n",
    "{\"id\": \"d2\", \"vector\": {\"dog\": 2}}\n",
    "{\"id\": \"d3\", \"vector\": {\"cat\": 2, \"fish\": 300}}\n",
);

/// A folder of the project, or of the data beside it that not every checkout has.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// All files under a folder by their paths in it, with their bytes, but for locks.
pub(crate) fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let within = files_of(&path).into_iter();
            files.extend(within.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if name != ".lock" {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

/// The names and bytes of a segment's files.
pub(crate) type SegmentFiles = Vec<(String, Vec<u8>)>;

/// The files of an index with their bytes but for numbers of generations and segments: those of
/// its segments, in their order.
pub(crate) fn segment_files(index: &Path) -> Vec<SegmentFiles> {
    let mut segments: BTreeMap<String, SegmentFiles> = BTreeMap::new();
    for (path, bytes) in files_of(index) {
        if let Some((segment, file)) = path.split_once('/') {
            segments.entry(segment.to_owned()).or_default().push((file.to_owned(), bytes));
        }
    }
    segments.into_values().collect()
}

/// Copies a program, to be started. A process of its own does, because a program is busy as long as
/// somebody has it open for writing: here that might be a child that another test has just started.
pub(crate) fn copy_program(from: &Path, to: &Path) {
    if cfg!(unix) {
        assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(path, to).unwrap();
        }
    }
}
