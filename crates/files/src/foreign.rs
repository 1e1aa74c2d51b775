//! Files that are not what their name says: archives, pointers, web pages, other encodings. Their
//! first bytes tell.

use std::fmt;

/// Bytes of a file that are enough to tell.
pub const HEAD: usize = 512;

/// A kind of file that holds no lines of text or vectors, with the remedy in its `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// What `git clone` leaves of a large file where git-lfs is not installed.
    LfsPointer,
    /// HTML, usually a server's error.
    WebPage,
    /// XML, usually a storage service's error.
    Xml,
    /// TREC's markup of documents or topics.
    TrecMarkup,
    /// An archive or a compression that is not read, with its article, and the command that unpacks
    /// it.
    Packed(&'static str, &'static str),
    /// A table for programs that read columns, or another document; its name with its article.
    Table(&'static str),
    /// An encoding of text other than UTF-8; its name.
    Encoding(&'static str),
}

/// First bytes that are enough by themselves.
const MAGIC: [(&[u8], Foreign); 15] = [
    (b"version https://git-lfs.github.com/spec/", Foreign::LfsPointer),
    (b"version http://git-media.io/", Foreign::LfsPointer),
    (b"PK\x03\x04", Foreign::Packed("a zip archive", "unzip")),
    (b"PK\x05\x06", Foreign::Packed("a zip archive", "unzip")),
    (b"BZh", Foreign::Packed("a bzip2 file", "bunzip2")),
    (b"\xfd7zXZ\x00", Foreign::Packed("an xz file", "unxz")),
    (b"7z\xbc\xaf\x27\x1c", Foreign::Packed("a 7-Zip archive", "7z x")),
    (b"Rar!\x1a\x07", Foreign::Packed("a RAR archive", "unrar x")),
    (b"\x04\x22\x4d\x18", Foreign::Packed("an lz4 file", "lz4 -d")),
    (b"PAR1", Foreign::Table("a Parquet")),
    (b"ARROW1\0\0", Foreign::Table("an Arrow")),
    (b"\x93NUMPY", Foreign::Table("a NumPy")),
    (b"\x89HDF\r\n", Foreign::Table("an HDF5")),
    (b"SQLite format 3\0", Foreign::Table("an SQLite")),
    (b"%PDF-", Foreign::Table("a PDF")),
];

/// Where a tar archive says that it is one.
const TAR: (usize, &[u8]) = (257, b"ustar");

impl Foreign {
    /// The kind of the file that begins with `head`, of [`HEAD`] bytes or all that it has; none
    /// where it may be what its name says.
    pub fn of(head: &[u8]) -> Option<Self> {
        let magic = MAGIC.iter().find(|(bytes, _)| head.starts_with(bytes));
        // Three letters could begin a text; the digit and the block's mark that follow can't.
        let magic = magic.filter(|(bytes, _)| *bytes != b"BZh" || is_bzip2(head));
        if let Some(&(_, kind)) = magic {
            return Some(kind);
        }
        if head.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1)) {
            return Some(Self::Packed("a tar archive", "tar xf"));
        }
        wide(head).or_else(|| markup(head))
    }
}

fn is_bzip2(head: &[u8]) -> bool {
    head.get(4..10).is_some_and(|mark| mark == b"1AY&SY" || mark == b"\x17rE8P\x90")
}

/// Text of 16 or 32 bits a character, by its byte order mark.
fn wide(head: &[u8]) -> Option<Foreign> {
    let encoding = match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "UTF-32",
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => {
            // Two bytes may also begin a number; text has no zero character.
            let mut units = rest.chunks_exact(2).take(8);
            (rest.len() >= 2 && units.all(|unit| unit != [0, 0])).then_some("UTF-16")?
        }
        _ => return None,
    };
    Some(Foreign::Encoding(encoding))
}

fn markup(head: &[u8]) -> Option<Foreign> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |tag: &[u8]| head.get(..tag.len()).is_some_and(|h| h.eq_ignore_ascii_case(tag));
    if starts(b"<!doctype") || starts(b"<html") {
        Some(Foreign::WebPage)
    } else if starts(b"<?xml") {
        Some(Foreign::Xml)
    } else if starts(b"<doc>") || starts(b"<top>") {
        Some(Foreign::TrecMarkup)
    } else {
        None
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LfsPointer => f.write_str(
                "a Git LFS pointer, not the file itself; install git-lfs and run `git lfs pull`",
            ),
            Self::WebPage => f.write_str(
                "a web page (HTML), not the file that was wanted; download it again (on the Hub, \
                 by a link with /resolve/, not /blob/)",
            ),
            Self::Xml => f.write_str(
                "XML, perhaps a server's error message; download the file again, or convert it to \
                 JSONL",
            ),
            Self::TrecMarkup => f.write_str(
                "TREC's markup, which is not read; convert it to JSONL: {\"_id\": …, \"text\": …} \
                 a line",
            ),
            Self::Packed(what, command) => {
                write!(f, "{what}; unpack it first (`{command}`) and give what was in it")
            }
            Self::Table(what) => write!(
                f,
                "{what} file, which is not read; convert it to JSONL (with pandas, \
                 DataFrame.to_json(…, orient=\"records\", lines=True))"
            ),
            Self::Encoding(what) => {
                write!(f, "text in {what}; convert it to UTF-8 (`iconv -f {what} -t UTF-8`)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell() {
        let mut tar = vec![0; HEAD];
        tar[TAR.0..TAR.0 + 5].copy_from_slice(TAR.1);
        for (head, says) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:4d"[..], "git lfs pull"),
            (b"\n<!DOCTYPE html>\n<html lang=\"en\">", "/resolve/"),
            (b"<HTML><body>404", "web page"),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><Error>", "XML"),
            (b"<DOC>\n<DOCNO> 1 </DOCNO>", "TREC's markup"),
            (b"PK\x03\x04\x14\0", "`unzip`"),
            (b"BZh91AY&SY\0", "`bunzip2`"),
            (b"\xfd7zXZ\x00\x00", "`unxz`"),
            (&tar, "`tar xf`"),
            (b"PAR1\x15\x04", "a Parquet file"),
            (b"\xff\xfe{\0\"\0", "`iconv -f UTF-16 -t UTF-8`"),
            (b"\xfe\xff\0{\0\"", "UTF-16"),
            (b"\xff\xfe\0\0{\0\0\0", "UTF-32"),
        ] {
            let kind = Foreign::of(head).map(|kind| kind.to_string());
            assert!(kind.as_ref().is_some_and(|kind| kind.contains(says)), "{says}: {kind:?}");
        }
        for head in [
            &b""[..],
            b"id\ttext",
            b"{\"_id\": 1}",
            b"BZh is a file's mark\tin text",
            b"version 2 of it\ttext",
            // 65,279 as a 64-bit number, which begins with the mark of UTF-16.
            b"\xff\xfe\0\0\0\0\0\0".get(..2).unwrap_or_default(),
            b"<b>\ttext",
        ] {
            assert_eq!(Foreign::of(head), None, "{head:?}");
        }
    }
}
