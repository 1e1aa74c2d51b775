//! Counters of the work that queries cost.

/// The work of one query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchStatistics {
    /// Postings scored.
    pub postings: u64,
    /// Posting lists read: pairs of a term and a window.
    pub lists: u64,
    /// Windows with at least one of the query's terms.
    pub windows: u64,
    /// Windows without any.
    pub windows_skipped: u64,
    /// Blocks of documents scored; the oracle knows none.
    pub blocks: u64,
    /// Blocks left out.
    pub blocks_skipped: u64,
    /// Bytes of postings read; not counted by the oracle.
    pub bytes: u64,
}

impl std::ops::AddAssign for SearchStatistics {
    fn add_assign(&mut self, other: Self) {
        self.postings += other.postings;
        self.lists += other.lists;
        self.windows += other.windows;
        self.windows_skipped += other.windows_skipped;
        self.blocks += other.blocks;
        self.blocks_skipped += other.blocks_skipped;
        self.bytes += other.bytes;
    }
}
