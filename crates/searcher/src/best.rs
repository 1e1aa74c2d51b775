//! The best documents over segments.

use std::cmp::Reverse;
use std::collections::HashMap;

use spork_core::{DocId, Hit};
use spork_index::Index;

use crate::Result;

/// The best `k` of the documents that were found, which come with scores descending; in rank order.
pub(crate) fn best_of(index: &Index, mut hits: Vec<Hit>, k: usize) -> Result<Vec<Hit>> {
    for tied in hits.chunk_by_mut(|a, b| a.score == b.score).filter(|tied| tied.len() > 1) {
        sort_by_docno(index, tied)?;
    }
    hits.truncate(k);
    check_docnos(index, &hits)?;
    Ok(hits)
}

/// That no document was found in two of several indexes that are open together: writers see to it
/// within each of them.
pub(crate) fn check_docnos(index: &Index, hits: &[Hit]) -> Result<()> {
    if index.folders().len() < 2 {
        return Ok(());
    }
    let mut found: HashMap<&str, usize> = HashMap::with_capacity(hits.len());
    for hit in hits {
        let (docno, segment) = (index.docno(hit.docid)?, index.place(hit.docid)?.number);
        if let Some(other) = found.insert(docno, segment) {
            let [one, other] = [other, segment].map(|segment| index.folder_of(segment).to_owned());
            let docno = docno.to_owned();
            return Err(spork_index::Error::SharedDocno { docno, one, other }.into());
        }
    }
    Ok(())
}

/// Sorts documents by docno, descending.
fn sort_by_docno(index: &Index, hits: &mut [Hit]) -> Result<()> {
    let place = index.place(hits[0].docid)?;
    let (first, order) = (place.segment.first_docid(), place.segment.docnos().order()?);
    let rank = |hit: &Hit| order.rank(DocId(hit.docid.0.checked_sub(first)?));
    if hits.iter().all(|hit| rank(hit).is_some()) {
        // All are of one segment, whose ranks tell.
        hits.sort_unstable_by_key(|hit| Reverse(rank(hit)));
        return Ok(());
    }
    let named = hits.iter().map(|&hit| Ok((index.docno(hit.docid)?, hit)));
    let mut named = named.collect::<Result<Vec<(&str, Hit)>>>()?;
    named.sort_unstable_by(|a, b| b.0.cmp(a.0));
    for (place, (_, hit)) in hits.iter_mut().zip(named) {
        *place = hit;
    }
    Ok(())
}

/// The k-th best score of hits in rank order, 0 if there are fewer.
pub(crate) fn threshold(hits: &[Hit], k: usize) -> u32 {
    k.checked_sub(1).and_then(|last| hits.get(last)).map_or(0, |hit| hit.score)
}
