//! Reading everything: checksums, and that the parts agree with each other.

use spork_core::{DocId, TermId};

use crate::lexicon::TermStatistics;
use crate::{Index, Manifest, Result, WINDOW};

/// Checks the checksum of every file and every promise of the format: order of terms, docids and docnos,
/// impacts above zero, and counts that add up.
///
/// # Errors
/// The first damage, with its place.
pub fn verify(index: &Index) -> Result<()> {
    for frame in [&index.lexicon().frame, &index.docnos().frame, &index.postings().frame] {
        frame.verify_checksum()?;
    }
    verify_terms(index)?;
    verify_docnos(index)?;
    verify_postings(index)
}

fn verify_terms(index: &Index) -> Result<()> {
    let lexicon = index.lexicon();
    for id in 1..lexicon.len() {
        let (before, term) = (lexicon.term(TermId(id - 1))?, lexicon.term(TermId(id))?);
        if before >= term {
            return Err(lexicon.frame.corrupt(0, format!("a term after {before:?}"), format!("{term:?}")));
        }
    }
    Ok(())
}

fn verify_docnos(index: &Index) -> Result<()> {
    let docnos = index.docnos();
    let mut before: Option<&str> = None;
    for i in 0..docnos.len() {
        let docno = docnos.get(docnos.by_name(i)?)?;
        if before.is_some_and(|before| before >= docno) {
            let offset = 4 * u64::from(i);
            return Err(docnos.frame.corrupt(offset, "docnos in ascending order", format!("{docno:?}")));
        }
        before = Some(docno);
    }
    Ok(())
}

fn verify_postings(index: &Index) -> Result<()> {
    let (manifest, postings) = (index.manifest(), index.postings());
    let mut statistics = vec![TermStatistics::default(); manifest.terms as usize];
    let mut has_posting = vec![false; WINDOW];
    let (mut total, mut empty) = (0u64, 0u64);
    for number in 0..postings.windows() {
        let window = postings.window(number)?;
        let documents = documents_of(manifest, number);
        has_posting.fill(false);
        let mut before: Option<TermId> = None;
        for i in 0..window.len() {
            let Some(summary) = window.summary(i) else { break };
            let corrupt = |expected: &str, got: String| {
                let what = format!("{expected} in window {number}, term {}", summary.term.0);
                Err(postings.frame.corrupt(0, what, got))
            };
            let Some(seen) = statistics.get_mut(summary.term.0 as usize) else {
                return corrupt("a term of the lexicon", summary.term.0.to_string());
            };
            if before.is_some_and(|before| before >= summary.term) {
                return corrupt("ascending terms", summary.term.0.to_string());
            }
            before = Some(summary.term);
            let list = window.list(summary)?;
            let mut last: Option<u16> = None;
            let mut max_impact = 0;
            for (docid, impact) in list.iter() {
                if last.is_some_and(|last| last >= docid) || usize::from(docid) >= documents {
                    return corrupt("ascending docids of the window", docid.to_string());
                }
                if impact == 0 {
                    return corrupt("an impact above zero", impact.to_string());
                }
                last = Some(docid);
                max_impact = max_impact.max(impact);
                has_posting[usize::from(docid)] = true;
            }
            if max_impact != summary.max_impact {
                return corrupt("the stated largest impact", max_impact.to_string());
            }
            seen.df = seen.df.saturating_add(summary.postings as u32);
            seen.max_impact = seen.max_impact.max(max_impact);
            total += summary.postings as u64;
        }
        empty += has_posting[..documents].iter().filter(|&&has| !has).count() as u64;
    }
    for (id, expected) in statistics.iter().enumerate() {
        let stated = index.lexicon().statistics(TermId(id as u32))?;
        if stated != *expected {
            let what = format!("{expected:?} of term {id}");
            return Err(index.lexicon().frame.corrupt(6 * id as u64, what, format!("{stated:?}")));
        }
    }
    if (total, empty) != (manifest.postings, u64::from(manifest.empty_documents)) {
        let stated = format!("{} postings, {} empty documents", manifest.postings, manifest.empty_documents);
        return Err(postings.frame.corrupt(0, stated, format!("{total} and {empty}")));
    }
    Ok(())
}

/// Number of documents in window `number`.
fn documents_of(manifest: &Manifest, number: usize) -> usize {
    (manifest.documents as usize - number * WINDOW).min(WINDOW)
}

impl Index {
    /// The docids of window `number`.
    pub fn window_docids(&self, number: usize) -> std::ops::Range<DocId> {
        let first = (number * WINDOW).min(self.manifest().documents as usize);
        DocId(first as u32)..DocId((first + (self.manifest().documents as usize - first).min(WINDOW)) as u32)
    }
}
