//! From sparse vectors to an index, within a memory bound.
//!
//! 1. **Collect**: lines are parsed in parallel and absorbed in order: docnos and terms get their
//!    first numbers, the vectors go to a forward file on disk, and a histogram of the weights is
//!    kept.
//! 2. **Weigh** (BM25 only): term counts become weights, now that the mean length is known.
//! 3. **Scale**: the step between impacts is chosen from the histogram.
//! 4. **Prune** (on request): the lightest terms of documents and the lightest postings of terms
//!    are dropped.
//! 5. **Join**: these steps are taken for each field; their documents are joined by docno, and each
//!    field's typical score is found.
//! 6. **Order** (on request): documents get docids by graph bisection, and the forward file is put
//!    in that order.
//! 7. **Invert**: window by window of documents, the forward file is read back, weights become
//!    impacts, and the window's posting lists are written. Windows are independent, so several are
//!    inverted at once, and one that does not fit in memory is inverted a range of terms at a time.
//!
//! Only the lists of docnos and terms stay in memory for the whole run. Equal input gives equal
//! bytes, whatever the number of threads and the memory bound.

#![forbid(unsafe_code)]

mod add;
mod assemble;
mod build;
mod calibrate;
mod collect;
mod delete;
mod docnos;
mod empty_field;
mod error;
mod exact_sum;
mod field;
mod field_terms;
mod fitting;
mod forward;
mod gather;
mod impacts;
mod interner;
mod invert;
mod join;
mod line_parser;
mod memory;
mod merge;
mod merge_policy;
mod options;
mod order;
mod pool;
mod progress;
mod prune;
mod records;
mod report;
mod scale;
mod source;
mod store;
mod weigh;

pub use add::{add_documents, add_with};
pub use build::{
    index_bm25, index_fields, index_like, index_nothing, index_statistics, index_vectors,
};
pub use delete::{DeleteReport, Deleting, delete_documents, delete_with};
pub use empty_field::EmptyField;
pub use error::{Error, Result};
pub use merge::{MergeReport, Merging, merge_segments};
pub use options::Options;
pub use progress::{Phase, Progress, Silent};
pub use prune::{Pruned, Pruning};
pub use records::{
    Record, RecordFile, RecordFileReader, RecordOptions, RecordReport, RecordText, read_records,
};
pub use report::{FieldReport, Report};
pub use scale::{Scale, ScaleError};
pub use source::Source;
