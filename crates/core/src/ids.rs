//! Two numberings that must never be mixed: terms and documents.

/// A term's dense number in a vocabulary or a lexicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// A document's dense number in index order. The external string id is called *docno*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocId(pub u32);
