//! The formats of files of vectors, by their names.

use std::path::Path;

use spork_files::Source;

/// A format of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Format {
    /// Spork's binary format: compact, checksummed
    Svec,
    /// {"id", "vector": {"term": weight}} a line
    Jsonl,
    /// Common Index File Format: an inverted index
    Ciff,
    /// Anserini's JsonVectorCollection: a folder, or a file
    Anserini,
    /// Anserini's topics: `qid<TAB>term term …`
    AnseriniTopics,
    /// Pyserini's encoded queries, {"contents", "vector"} a line, keyed by text
    Pyserini,
    /// PISA's and BMP's queries: `qid:term term …`
    Pisa,
    /// Seismic's JSONL, with integer ids
    Seismic,
    /// Seismic's .bin, with a token table
    SeismicBin,
    /// BigANN's .csr, with a token table where terms are not numbers
    Csr,
}

impl Format {
    /// The name on the command line and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Svec => "svec",
            Self::Jsonl => "jsonl",
            Self::Ciff => "ciff",
            Self::Anserini => "anserini",
            Self::AnseriniTopics => "anserini-topics",
            Self::Pyserini => "pyserini",
            Self::Pisa => "pisa",
            Self::Seismic => "seismic",
            Self::SeismicBin => "seismic-bin",
            Self::Csr => "csr",
        }
    }

    /// The format that a file's name implies; none where it implies nothing.
    pub fn of_name(path: &Path) -> Option<Self> {
        let mut path = path;
        let ending = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
        if matches!(ending(path)?.as_str(), "gz" | "zst") {
            path = Path::new(path.file_stem()?);
        }
        Some(match ending(path)?.as_str() {
            "svec" => Self::Svec,
            "jsonl" | "json" | "ndjson" => Self::Jsonl,
            "ciff" => Self::Ciff,
            "tsv" => Self::AnseriniTopics,
            "pisa" => Self::Pisa,
            "bin" => Self::SeismicBin,
            "csr" => Self::Csr,
            _ => return None,
        })
    }

    /// Whether a file of this format may have a name that says `named`.
    pub fn may_be_named_as(self, named: Self) -> bool {
        let json = [Self::Jsonl, Self::Anserini, Self::Seismic, Self::Pyserini];
        self == named || (json.contains(&self) && json.contains(&named))
    }

    /// Whether `source`, a file of this format, has a JSON object with an id on each line.
    /// Otherwise objects may take several lines or be in an array, as in files named .json.
    ///
    /// # Errors
    /// The source can't be read.
    pub fn is_jsonl(self, source: &mut Source) -> spork_files::Result<bool> {
        if !matches!(self, Self::Jsonl | Self::Anserini | Self::Seismic) {
            return Ok(false);
        }
        let name = source.path().to_string_lossy().to_lowercase();
        let several = [".json", ".json.gz", ".json.zst"].iter().any(|end| name.ends_with(end));
        Ok(!several && source.peek()? != Some(b'['))
    }

    /// Whether weights are integers in it.
    pub fn is_of_integers(self) -> bool {
        matches!(self, Self::Ciff | Self::Anserini | Self::AnseriniTopics | Self::Pisa)
    }
}
