//! Which format a file has, by its content and its name.

use std::path::Path;

use spork_files::Source;

use crate::bigann::is_csr;
use crate::binary::is_binary;
use crate::ciff::is_ciff;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::seismic::may_be_bin;
use crate::vector::VectorFormat;

/// Bytes that tell formats apart: headers, and the id of a first line of text.
const HEAD: usize = 1 << 12;

/// The format of what follows in `source`, as its content and its name say; consumes nothing.
///
/// # Errors
/// The source can't be read, its name says another format than its content, or neither says one.
pub fn recognize(source: &mut Source) -> Result<Format> {
    let named = Format::of_name(source.path());
    let content = content(source)?;
    let path = source.path();
    let refuse = |fault: String| Err(Error::Format { path: path.to_owned(), fault });
    match (named, content) {
        (Some(named), Content::Empty) => Ok(named),
        (None, Content::Empty) => Ok(Format::Jsonl),
        (Some(Format::SeismicBin), Content::Numbers) => Ok(Format::SeismicBin),
        (Some(named), Content::Known(format)) if named != format => {
            refuse(disagreement(named, &format!("like {}", format.name()), path))
        }
        (_, Content::Known(format)) => Ok(format),
        (Some(named), Content::Numbers | Content::Bytes) => {
            refuse(disagreement(named, "like nothing that is known", path))
        }
        (None, Content::Numbers) => refuse(
            "not recognized; if it is Seismic's .bin, say --from seismic-bin, or name it .bin"
                .to_owned(),
        ),
        (None, Content::Bytes) => refuse(
            "not recognized as a file of vectors; docs/formats.md has the formats that are read"
                .to_owned(),
        ),
    }
}

fn disagreement(named: Format, content: &str, path: &Path) -> String {
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    format!(
        "the name {name:?} says {}, but the file begins {content}; rename it, or say its format \
         with --from",
        named.name()
    )
}

/// Whether what follows in `source` has the marks of a format of vectors, other than text: `.svec`,
/// CIFF or `.csr`; consumes nothing.
///
/// # Errors
/// The source can't be read.
pub fn has_mark(source: &mut Source) -> Result<bool> {
    Ok(matches!(content(source)?, Content::Known(Format::Svec | Format::Ciff | Format::Csr)))
}

enum Content {
    Empty,
    Known(Format),
    /// Such numbers as a Seismic .bin could begin with; it has no mark of its own.
    Numbers,
    Bytes,
}

fn content(source: &mut Source) -> Result<Content> {
    if is_binary(source)? {
        return Ok(Content::Known(Format::Svec));
    }
    // Lines may come slowly from a pipe, and no more of them are waited for than it takes. CIFF may
    // begin with the same byte, but not with the next.
    if let [b'{', next @ ..] = source.head(2)?.as_slice()
        && next != [0x08]
    {
        return Ok(Content::Known(Format::Jsonl));
    }
    let head = source.head(HEAD)?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    Ok(match text.first() {
        None => Content::Empty,
        _ if is_ciff(&head) => Content::Known(Format::Ciff),
        _ if is_csr(&head) => Content::Known(Format::Csr),
        _ if head.contains(&0) => {
            if may_be_bin(&head) {
                Content::Numbers
            } else {
                Content::Bytes
            }
        }
        Some(b'{' | b'[') => Content::Known(Format::Jsonl),
        _ => Content::Known(match VectorFormat::of_text(text) {
            VectorFormat::Pisa => Format::Pisa,
            _ => Format::AnseriniTopics,
        }),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn of(name: &str, content: &[u8]) -> std::result::Result<Format, String> {
        let mut source =
            Source::from_reader(Path::new(name), Cursor::new(content.to_vec())).unwrap();
        recognize(&mut source).map_err(|error| error.to_string())
    }

    const CIFF: &[u8] = b"\x06\x08\x01\x10\x02\x18\x03";
    const CSR: &[u8] = &[
        1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    const BIN: &[u8] = &[1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 128, 63];

    #[test]
    fn content_and_name_agree() {
        for (name, content, format) in [
            ("a.svec", &b"SPORKVEC\x01\x00"[..], Format::Svec),
            ("x", b"SPORKVEC\x01\x00", Format::Svec),
            ("a.ciff.gz", CIFF, Format::Ciff),
            ("x", CIFF, Format::Ciff),
            ("x", CSR, Format::Csr),
            ("base.csr", CSR, Format::Csr),
            ("documents.bin", BIN, Format::SeismicBin),
            ("a.ciff", b"{\x08\x01\x10\x02", Format::Ciff),
            ("-", b"{", Format::Jsonl),
            ("a.jsonl", b"\xef\xbb\xbf \n{\"id\": 1", Format::Jsonl),
            ("a.json", b"[{\"id\": 1", Format::Jsonl),
            ("x", b"q1\ta b a", Format::AnseriniTopics),
            ("a.tsv", b"q1\ta:b", Format::AnseriniTopics),
            ("dev.pisa", b"1:a b\n2:", Format::Pisa),
            ("x", b"1:a b", Format::Pisa),
            ("x", b"", Format::Jsonl),
            ("a.pisa", b"\n", Format::Pisa),
        ] {
            assert_eq!(of(name, content), Ok(format), "{name} {content:?}");
        }
    }

    #[test]
    fn disagreements_are_refused() {
        for (name, content, says) in [
            ("a.csr", &b"{\"id\": 1"[..], "\"a.csr\" says csr, but the file begins like jsonl"),
            ("a.jsonl", CIFF, "says jsonl, but the file begins like ciff; rename it, or say"),
            ("a.tsv", b"1:a b", "says anserini-topics, but the file begins like pisa"),
            ("a.pisa", b"1\ta b", "says pisa, but the file begins like anserini-topics"),
            ("a.bin", CSR, "says seismic-bin, but the file begins like csr"),
            ("a.bin", b"\0\0\0\0\x05\0\0\0", "begins like nothing that is known"),
            ("x", BIN, "say --from seismic-bin"),
            ("x", b"\x7fELF\0\0", "not recognized as a file of vectors"),
        ] {
            let error = of(name, content).unwrap_err();
            assert!(error.contains(says), "{name}: {error}");
        }
    }
}
