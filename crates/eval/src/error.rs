//! Errors with their place and their remedy.

use std::io;
use std::path::{Path, PathBuf};

/// What to do with three columns that hold no ranks from 1 to n.
const REMEDY: &str = "; write six columns, with awk '{print $1, \"Q0\", $2, 1, $3, \"run\"}' if it \
                      is a score, with -$3 for $3 if it is a rank";

/// An error of reading judgments and runs, or of evaluating them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that can't be read.
    #[error(transparent)]
    File(#[from] spork_files::Error),
    /// A line that does not say what it should.
    #[error("{path}:{line}: {error}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The fault of the line.
        error: RecordError,
    },
    /// A split whose topics have no texts.
    #[error(
        "none of the {judged} topics of {qrels} is in queries.jsonl; are both of one collection?",
        qrels = qrels.display()
    )]
    NoSplitTopics {
        /// The judgments of the split.
        qrels: PathBuf,
        /// How many topics they have.
        judged: usize,
    },
    /// Qrels without a judgment.
    #[error("there is no judgment in the qrels")]
    NoJudgments,
    /// A run without a hit.
    #[error("there is no hit in the run: no topic can be evaluated")]
    NoHits,
    /// A run and qrels that have no topic in common.
    #[error(
        "no topic of the run is judged: the qrels have {judged} topics (the first: \
         {judged_first:?}), the run has {ran} (the first: {ran_first:?}); give the qrels of the \
         topics that were searched"
    )]
    NoTopics {
        /// Number of topics in the qrels.
        judged: usize,
        /// The first of them.
        judged_first: String,
        /// Number of topics in the run.
        ran: usize,
        /// The first of them.
        ran_first: String,
    },
    /// Runs whose means would be over different topics.
    #[error(
        "the runs have no judged topic in common, so they can't be compared; evaluate them one by \
         one, or count missing topics as 0 with -c"
    )]
    NoCommonTopics,
    /// A metric that ground truth does not give.
    #[error(
        "{metric} can't be computed from ground truth of {depth} neighbors; R@1 to R@{depth} can"
    )]
    NotRecall {
        /// The metric.
        metric: String,
        /// Neighbors a query.
        depth: usize,
    },
    /// A document without a number.
    #[error(
        "docno {docno:?} is not the number of a document, by which ground truth names them; search \
         an index of the vectors that were compared, whose docnos are 0, 1, 2, …"
    )]
    NoDocumentNumber {
        /// The document.
        docno: String,
    },
    /// Topics that are not known to be queries of the ground truth.
    #[error(
        "qid {qid:?} is not the number of one of {queries} queries, and {topics} topics are not all \
         of them in their order; give the run of the queries that were compared"
    )]
    UnknownQueries {
        /// The first such topic.
        qid: String,
        /// Number of topics of the run.
        topics: usize,
        /// Number of queries of the ground truth.
        queries: usize,
    },
}

/// The fault of a judgment or a hit.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not UTF-8, not the JSON that was expected, or an id that a run file can't carry.
    #[error(transparent)]
    Shape(#[from] spork_files::LineError),
    /// Not the columns that were expected.
    #[error("expected {expected}, got {got:?}{hint}")]
    Columns {
        /// A good line.
        expected: String,
        /// The start of this one.
        got: String,
        /// The likely reason, or nothing.
        hint: String,
    },
    /// Three columns that may be judgments or a run.
    #[error(
        "three columns without a header, {0:?}, may be judgments or a run; if they are judgments, \
         put query-id<TAB>corpus-id<TAB>score above them as the first line"
    )]
    QrelsNoHeader(String),
    /// A header over columns that have none.
    #[error(
        "a header over more than three columns; TREC qrels, qid iter docno grade, have none: remove \
         it, or keep the three columns query-id, corpus-id, score below theirs"
    )]
    QrelsHeader,
    /// A JSON array where a line should be an object.
    #[error("a JSON array; write one object a line, with jq -c '.[]'")]
    JsonArray,
    /// Judgments as one object.
    #[error(
        "an object of objects; write one judgment a line, with jq -r 'to_entries[] | .key as $q | \
         .value | to_entries[] | [$q, 0, .key, .value] | @tsv'"
    )]
    NestedQrels,
    /// A grade that is not an integer.
    #[error(
        "the grade {0:?} is not an integer of 32 bits; grades are 0, 1, 2, …, or negative for \
         \"not judged\""
    )]
    Grade(String),
    /// A score that is not a number.
    #[error("the score {0:?} is not a number; scores are decimal numbers, the better the higher")]
    Score(String),
    /// Names of columns where a hit should be.
    #[error("a header; run files have none: remove it")]
    RunHeader,
    /// Four columns, the last two of them numbers.
    #[error(
        "four columns, expected qid Q0 docno rank score tag; if they are qid, docno, rank and \
         score, make six of them with awk '{{print $1, \"Q0\", $2, $3, $4, \"run\"}}'"
    )]
    FourColumns,
    /// The rank of a line of six columns is no integer.
    #[error(
        "the rank {0:?} is not an integer, so the columns are not qid Q0 docno rank score tag; \
         does an id hold a blank, or is a column missing?"
    )]
    RankColumn(String),
    /// More than six columns with a number where the tag should be.
    #[error(
        "more than six columns, and {0:?} where the tag should be, so the columns are not qid Q0 \
         docno rank score tag; does an id hold a blank?"
    )]
    TagColumn(String),
    /// The third of three columns is no integer.
    #[error(
        "the third column, {0:?}, is not a rank; three columns are read as MS MARCO's qid, docno, \
         rank{REMEDY}"
    )]
    Rank(String),
    /// The third of three columns does not count the documents of a topic.
    #[error(
        "the third column is not a rank: of the {documents} documents of topic {qid:?} one has \
         {value}, which is no number from 1 to {documents} or one that another has{REMEDY}"
    )]
    NotRanks {
        /// The topic.
        qid: String,
        /// Number of its documents.
        documents: usize,
        /// The first value that is no rank.
        value: u32,
    },
    /// The third of three columns counts from 0.
    #[error(
        "the third column counts the documents of topic {0:?} from 0; ranks count from 1: add one, \
         with awk '{{print $1, $2, $3 + 1}}'"
    )]
    RanksFromZero(String),
    /// The third of three columns counts down.
    #[error(
        "the third column counts the documents of topic {0:?} down, as scores would{REMEDY}; or \
         sort the lines by rank"
    )]
    FallingRanks(String),
    /// A document that appears twice in one topic.
    #[error("document {docno:?} appears twice in topic {qid:?}; keep one of the two lines")]
    Duplicate {
        /// The topic.
        qid: String,
        /// The document.
        docno: String,
    },
}

/// A metric that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("metric {metric:?}: {problem}")]
pub struct MetricError {
    /// The metric as it was given.
    pub metric: String,
    /// The fault of the metric.
    pub problem: MetricProblem,
}

/// The fault of a metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetricProblem {
    /// No such measure.
    #[error("unknown; supported are {}", crate::metric::SUPPORTED)]
    Unknown,
    /// No metric where one was expected.
    #[error("no metric given; supported are {}", crate::metric::SUPPORTED)]
    Empty,
    /// Brackets that don't close, or something after them that is no cutoff.
    #[error("expected NAME, NAME@K or NAME(rel=N)@K")]
    Shape,
    /// A measure that is only defined with a cutoff.
    #[error("needs a cutoff: {0}@K")]
    NeedsCutoff(&'static str),
    /// A measure that has no cutoff.
    #[error("{0} takes no cutoff")]
    TakesNoCutoff(&'static str),
    /// A cutoff that is not an integer from 1.
    #[error("the cutoff {0:?} is not an integer from 1")]
    Cutoff(String),
    /// A parameter that is not known.
    #[error("the parameter {0:?} is not supported; only rel=N (relevant from grade N on) is")]
    Parameter(String),
    /// A measure that has no relevance level.
    #[error("{0} takes no rel=")]
    TakesNoLevel(&'static str),
}

/// An error of writing a run.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output can't be written.
    #[error("can't write the run: {0}")]
    Io(#[from] io::Error),
    /// A column that a run file can't carry.
    #[error(
        "the {column} {value:?} can't be written to a run file: it is empty, holds white space, or \
         begins a line with # as comments do; rename it"
    )]
    Column {
        /// Which column.
        column: &'static str,
        /// The value that can't be written.
        value: String,
    },
    /// A score that can't be ordered.
    #[error("the score of document {docno:?} in topic {qid:?} is not a number")]
    Score {
        /// The topic.
        qid: String,
        /// The document.
        docno: String,
    },
}

/// Result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error in line `line` (from 1) of `path`.
    pub(crate) fn line(path: &Path, line: u64, error: impl Into<RecordError>) -> Self {
        Self::Line { path: path.to_owned(), line, error: error.into() }
    }
}
