//! Where results go: standard output, or a file that appears under its name only when it is complete.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// A buffered output. A file is written beside its place and renamed by [`finish`](Self::finish); dropped
/// before that, it leaves no trace.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<StdoutLock<'static>>),
    File(BufWriter<NamedTempFile>),
    /// Pipes and devices (`/dev/null`, `/dev/stdout`), which can't be replaced by a rename.
    Special(BufWriter<std::fs::File>),
}

impl Output {
    /// Opens `path`, or standard output for `None` and `-`.
    ///
    /// # Errors
    /// The file can't be made there.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let to = To::Stdout(BufWriter::with_capacity(1 << 16, io::stdout().lock()));
            return Ok(Self { path: "<stdout>".into(), to });
        };
        let fail = |error| Error::io(path, error);
        let special = path.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
        let to = if special {
            let file = std::fs::OpenOptions::new().write(true).open(path).map_err(fail)?;
            To::Special(BufWriter::with_capacity(1 << 16, file))
        } else {
            if path.is_dir() {
                return Err(fail(io::Error::new(
                    io::ErrorKind::IsADirectory,
                    "is a directory, expected a file name",
                )));
            }
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let mut builder = tempfile::Builder::new();
            builder.prefix(".spork-").suffix(".partial");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let file = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(fail)?;
            To::File(BufWriter::with_capacity(1 << 16, file))
        };
        Ok(Self { path: path.to_owned(), to })
    }

    /// What the output is called in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.to, To::Stdout(_))
    }

    /// Writes out what is buffered; a file is synced and takes its name now.
    ///
    /// # Errors
    /// The system's: a full disk shows here at the latest.
    pub fn finish(self) -> Result<()> {
        let path = self.path;
        let fail = |error| Error::io(&path, error);
        match self.to {
            To::Stdout(mut stdout) => stdout.flush().map_err(fail),
            To::Special(mut file) => file.flush().map_err(fail),
            To::File(writer) => {
                let file = writer.into_inner().map_err(|error| fail(error.into_error()))?;
                file.as_file().sync_all().map_err(fail)?;
                file.persist(&path).map_err(|error| fail(error.error))?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stdout(writer) => writer.write(bytes),
            To::File(writer) => writer.write(bytes),
            To::Special(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout(writer) => writer.flush(),
            To::File(writer) => writer.flush(),
            To::Special(writer) => writer.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.trec");
        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(output);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = Output::open(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("is a directory"), "{error}");
        let nowhere = folder.path().join("no/such/file");
        assert!(Output::open(Some(&nowhere)).is_err());
    }
}
