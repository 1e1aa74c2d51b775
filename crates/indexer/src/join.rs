//! The fields' forward files joined: each document's terms of all fields in one record.

use std::path::Path;

use crate::Result;
use crate::collect::Records;
use crate::forward::{Forward, ForwardReader, ForwardWriter};
use crate::order::permute;
use crate::progress::{Phase, Progress};

/// Joins the records of all fields, one field after the other, in the order of docids. The terms of
/// a field are renumbered to start at its place in `first_terms`. Sorting a field's records may
/// take `memory` bytes.
pub(crate) fn join(
    fields: Vec<Records>,
    first_terms: &[u32],
    documents: usize,
    folder: &Path,
    memory: u64,
    progress: &dyn Progress,
) -> Result<Forward> {
    let mut sorted = Vec::with_capacity(fields.len());
    for records in fields {
        sorted.push(sort(records, folder, memory, progress)?);
    }
    if let [Sorted { docids: None, .. }] = sorted.as_slice()
        && let Some(Sorted { forward, .. }) = sorted.pop()
    {
        return Ok(forward);
    }
    progress.phase(Phase::Joining, Some(documents as u64));
    let mut parts: Vec<Part<'_>> =
        sorted.iter().zip(first_terms).map(|(sorted, &first)| Part::new(sorted, first)).collect();
    let mut joined = ForwardWriter::create(folder)?;
    let mut record = Vec::new();
    for docid in 0..documents as u32 {
        record.clear();
        for part in &mut parts {
            part.append(docid, &mut record)?;
        }
        joined.push(&record)?;
        progress.advance(1)?;
    }
    joined.finish()
}

/// A field's records, ascending by docid.
struct Sorted {
    forward: Forward,
    /// By record; record i is document i if there is none.
    docids: Option<Vec<u32>>,
}

fn sort(records: Records, folder: &Path, memory: u64, progress: &dyn Progress) -> Result<Sorted> {
    let Records { forward, docids } = records;
    let Some(docids) = docids.filter(|docids| !is_identity(docids)) else {
        return Ok(Sorted { forward, docids: None });
    };
    if docids.is_sorted() {
        return Ok(Sorted { forward, docids: Some(docids) });
    }
    let mut order: Vec<u32> = (0..docids.len() as u32).collect();
    order.sort_unstable_by_key(|&record| docids[record as usize]);
    let forward = permute(&forward, &order, memory, folder, progress)?;
    let docids = order.into_iter().map(|record| docids[record as usize]).collect();
    Ok(Sorted { forward, docids: Some(docids) })
}

fn is_identity(docids: &[u32]) -> bool {
    docids.iter().zip(0..).all(|(&docid, record)| docid == record)
}

/// A field while it is joined.
struct Part<'s> {
    reader: ForwardReader<'s>,
    docids: Option<std::slice::Iter<'s, u32>>,
    /// The document of the next record; none after the last.
    next: Option<u32>,
    records: u32,
    first_term: u32,
    record: Vec<(u32, f32)>,
}

impl<'s> Part<'s> {
    fn new(sorted: &'s Sorted, first_term: u32) -> Self {
        let docids = sorted.docids.as_ref().map(|docids| docids.iter());
        let records = sorted.forward.documents() as u32;
        let reader = sorted.forward.all();
        let mut part = Self { reader, docids, next: None, records, first_term, record: Vec::new() };
        part.next = part.following(None);
        part
    }

    /// The document of the record after that of `docid`.
    fn following(&mut self, docid: Option<u32>) -> Option<u32> {
        match &mut self.docids {
            Some(docids) => docids.next().copied(),
            None => Some(docid.map_or(0, |docid| docid + 1)).filter(|&docid| docid < self.records),
        }
    }

    /// Appends the terms of a document, if the field has it. Documents are asked for in order.
    fn append(&mut self, docid: u32, joined: &mut Vec<(u32, f32)>) -> Result<()> {
        if self.next != Some(docid) {
            return Ok(());
        }
        self.reader.next_into(&mut self.record)?;
        joined.extend(self.record.iter().map(|&(term, weight)| (self.first_term + term, weight)));
        self.next = self.following(Some(docid));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use proptest::prelude::*;

    /// A field that has the documents `docids`, whose record holds the docid as a weight.
    fn records(folder: &Path, docids: Vec<u32>) -> Records {
        let mut writer = ForwardWriter::create(folder).unwrap();
        for &docid in &docids {
            writer.push(&[(0, docid as f32), (1, 0.5)]).unwrap();
        }
        Records { forward: writer.finish().unwrap(), docids: Some(docids) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn each_document_gets_its_own_terms(
            fields in prop::collection::vec(
                prop::sample::subsequence((0..30u32).collect::<Vec<_>>(), 0..=30).prop_shuffle(),
                1..4,
            ),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let first_terms: Vec<u32> = (0..fields.len() as u32).map(|field| 2 * field).collect();
            let parts = fields.iter().map(|docids| records(folder.path(), docids.clone())).collect();
            let joined = join(parts, &first_terms, 30, folder.path(), 1, &Silent).unwrap();
            let (mut reader, mut record) = (joined.all(), Vec::new());
            let identity = fields.len() == 1 && is_identity(&fields[0]);
            for docid in 0..if identity { fields[0].len() as u32 } else { 30 } {
                prop_assert!(reader.next_into(&mut record).unwrap());
                let mut expected = Vec::new();
                for (docids, first) in fields.iter().zip(&first_terms) {
                    if docids.contains(&docid) {
                        expected.extend([(*first, docid as f32), (first + 1, 0.5)]);
                    }
                }
                prop_assert_eq!(&record, &expected);
            }
            prop_assert!(!reader.next_into(&mut record).unwrap());
        }
    }
}
