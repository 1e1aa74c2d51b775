//! Where results go: standard output, or a file that appears under its name only when it is
//! complete. A name that ends in `.gz` or `.zst` is compressed accordingly.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::links::{follow_links, is_open_file};
use crate::partial::PartialFile;
use flate2::write::GzEncoder;

const BUFFER: usize = 1 << 16;

/// A buffered output. A file is written beside its place, as `NAME.partial`, and renamed by
/// [`finish`](Self::finish); dropped before that, it is removed. The next run replaces the partial
/// file of a killed one.
pub struct Output {
    path: PathBuf,
    to: To,
}

enum To {
    Stdout(BufWriter<StdoutLock<'static>>),
    File(Compressed<BufWriter<PartialFile>>),
    /// Pipes and devices (`/dev/null`, `/dev/stdout`), which can't be replaced by a rename.
    Special(BufWriter<File>),
}

impl Output {
    /// Opens `path`, or standard output for `None` and `-`.
    ///
    /// # Errors
    /// The file can't be made there, or another process is writing it.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let to = To::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock()));
            return Ok(Self { path: "<stdout>".into(), to });
        };
        let fail = |error| Error::io(path, error);
        let target = follow_links(path).map_err(fail)?;
        let to = if is_special(&target) {
            let file = OpenOptions::new().write(true).open(path).map_err(fail)?;
            To::Special(BufWriter::with_capacity(BUFFER, file))
        } else if target.is_dir() {
            let error =
                io::Error::new(io::ErrorKind::IsADirectory, "is a directory, expected a file name");
            return Err(fail(error));
        } else {
            let file = BufWriter::with_capacity(BUFFER, PartialFile::create(path).map_err(fail)?);
            To::File(Compressed::by_ending(path, file).map_err(fail)?)
        };
        Ok(Self { path: path.to_owned(), to })
    }

    /// The name of the output in errors.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.to, To::Stdout(_))
    }

    /// Writes out what is buffered where somebody may be waiting for it: to standard output, a pipe
    /// or a device. A file is left alone until it is finished.
    ///
    /// # Errors
    /// The output can't be written.
    pub fn flush_now(&mut self) -> io::Result<()> {
        if matches!(self.to, To::File(_)) { Ok(()) } else { self.flush() }
    }

    /// Writes out what is buffered; a file is synced and takes its name now.
    ///
    /// # Errors
    /// The output can't be written; a full disk shows here at the latest.
    pub fn finish(self) -> Result<()> {
        let path = self.path;
        let fail = |error| Error::io(&path, error);
        match self.to {
            To::Stdout(mut stdout) => stdout.flush().map_err(fail),
            To::Special(mut file) => file.flush().map_err(fail),
            To::File(writer) => {
                let buffered = writer.finish().map_err(fail)?;
                let partial = buffered.into_inner().map_err(|error| fail(error.into_error()))?;
                partial.persist().map_err(fail)
            }
        }
    }
}

/// Whether it can't be replaced by a rename.
fn is_special(target: &Path) -> bool {
    is_open_file(target) || target.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// A writer behind the compression that a file's name implies.
enum Compressed<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Compressed<W> {
    fn by_ending(path: &Path, writer: W) -> io::Result<Self> {
        Ok(match path.extension().and_then(|ending| ending.to_str()) {
            Some("gz") => Self::Gzip(GzEncoder::new(writer, flate2::Compression::default())),
            Some("zst") => Self::Zstd(zstd::Encoder::new(writer, zstd::DEFAULT_COMPRESSION_LEVEL)?),
            _ => Self::Plain(writer),
        })
    }

    fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(writer) => Ok(writer),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("path", &self.path).finish_non_exhaustive()
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
    use std::fs;

    use super::*;

    #[test]
    fn a_file_appears_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.trec");
        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"half").unwrap();
        assert!(!path.exists());
        let busy = Output::open(Some(&path)).unwrap_err().to_string();
        assert!(busy.contains("another process is writing"), "{busy}");
        drop(output);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        // The partial file of a killed run is written over.
        fs::write(folder.path().join("run.trec.partial"), "a long rest of an earlier run").unwrap();

        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        // Once to a file that is not there yet, once to one that is.
        std::os::unix::fs::symlink("real", &link).unwrap();
        for text in ["one", "two"] {
            let mut output = Output::open(Some(&link)).unwrap();
            output.write_all(text.as_bytes()).unwrap();
            output.finish().unwrap();
            assert!(link.is_symlink());
            assert_eq!(fs::read_to_string(&real).unwrap(), text);
        }
        std::os::unix::fs::symlink("self", folder.path().join("self")).unwrap();
        assert!(Output::open(Some(&folder.path().join("self"))).is_err());
    }

    #[test]
    fn names_ask_for_compression() {
        let folder = tempfile::tempdir().unwrap();
        for (name, magic) in
            [("a.gz", &[0x1f, 0x8b][..]), ("a.zst", &[0x28, 0xb5]), ("a.txt", b"fi")]
        {
            let path = folder.path().join(name);
            let mut output = Output::open(Some(&path)).unwrap();
            output.write_all(b"first\nsecond\n").unwrap();
            output.finish().unwrap();
            assert!(fs::read(&path).unwrap().starts_with(magic), "{name}");
            assert_eq!(crate::Source::count_lines(&path).unwrap(), Some(2), "{name}");
        }
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
