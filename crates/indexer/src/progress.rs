//! Progress of a run: its phases and their steps.

use spork_core::Stopped;

/// A phase of a run. It displays as a participle: `reading`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading documents into the forward file.
    Reading,
    /// Reading the documents' records.
    ReadingRecords,
    /// Weighing terms by BM25.
    Weighing,
    /// Finding a field's typical score.
    Calibrating,
    /// Joining the fields of each document.
    Joining,
    /// Finding the quantiles of posting lists that pruning goes by.
    FindingQuantiles,
    /// Pruning documents' vectors.
    PruningDocuments,
    /// Pruning posting lists.
    PruningTerms,
    /// Reading the documents' terms for bisection.
    ReadingForOrder,
    /// Ordering documents by bisection.
    Ordering,
    /// Moving documents to their places.
    Moving,
    /// Storing texts, columns or vectors.
    Storing,
    /// Copying the documents of segments that are merged.
    Merging,
    /// Inverting the forward file, window by window.
    Inverting,
    /// Mining: reading the texts of documents.
    ReadingTexts,
    /// Mining: drawing candidates of training pairs.
    Drawing,
    /// Mining: writing training pairs with their negatives.
    Writing,
}

impl Phase {
    /// The name of its steps, in the plural.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Inverting => "windows",
            Self::Drawing | Self::Writing => "pairs",
            Self::Reading
            | Self::ReadingRecords
            | Self::Weighing
            | Self::Calibrating
            | Self::Joining
            | Self::FindingQuantiles
            | Self::PruningDocuments
            | Self::PruningTerms
            | Self::ReadingForOrder
            | Self::Ordering
            | Self::Moving
            | Self::Merging
            | Self::Storing
            | Self::ReadingTexts => "documents",
        }
    }

    /// Its name in a progress bar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::ReadingRecords => "reading records",
            Self::Weighing => "weighing",
            Self::Calibrating => "calibrating",
            Self::Joining => "joining fields",
            Self::FindingQuantiles => "finding quantiles",
            Self::PruningDocuments => "pruning documents",
            Self::PruningTerms => "pruning terms",
            Self::ReadingForOrder => "reading for the order",
            Self::Ordering => "ordering",
            Self::Moving => "moving documents",
            Self::Merging => "merging",
            Self::Storing => "storing",
            Self::Inverting => "inverting",
            Self::ReadingTexts => "texts",
            Self::Drawing => "drawing",
            Self::Writing => "writing",
        }
    }
}

/// Told of each step of a run, which it may end. The command line draws a bar from it.
pub trait Progress: Sync {
    /// A new phase begins; `total` is the number of its steps where it is known.
    fn phase(&self, phase: Phase, total: Option<u64>);
    /// `steps` more steps of the phase are done.
    ///
    /// # Errors
    /// The run is to stop: it ends with this error, and what it was to replace stays.
    fn advance(&self, steps: u64) -> Result<(), Stopped>;
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn phase(&self, _: Phase, _: Option<u64>) {}
    fn advance(&self, _: u64) -> Result<(), Stopped> {
        Ok(())
    }
}
