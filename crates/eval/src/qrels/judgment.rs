//! What a line of judgments says.

use std::borrow::Cow;

/// The grade of one document.
pub(super) struct Judgment<'a> {
    pub(super) qid: Cow<'a, str>,
    pub(super) docno: Cow<'a, str>,
    pub(super) grade: i32,
}
