//! Reading everything: checksums, and that the parts agree with each other.

use spork_core::{DocnoRank, Impact, TermId};
use spork_postings::{ListSummary, WINDOW};

use crate::lexicon::TermStatistics;
use crate::{Error, Index, Result};

/// Checks the checksum of every file and every promise of the format: order of terms, docids and
/// docnos, impacts above zero, and counts that add up.
///
/// # Errors
/// The first damage, with its place.
pub fn verify(index: &Index) -> Result<()> {
    for frame in [&index.lexicon().frame, &index.docnos().frame, index.postings_frame()] {
        frame.verify_checksum()?;
    }
    verify_terms(index)?;
    verify_docnos(index)?;
    verify_postings(index)
}

fn verify_terms(index: &Index) -> Result<()> {
    let lexicon = index.lexicon();
    let manifest = index.manifest();
    let ids = (0..manifest.fields.len()).map(|field| manifest.term_ids(field));
    for id in ids.flat_map(|ids| ids.skip(1)) {
        let (before, term) = (lexicon.term(TermId(id - 1))?, lexicon.term(TermId(id))?);
        if before >= term {
            return Err(lexicon.frame.corrupt(
                0,
                format!("a term after {before:?}"),
                format!("{term:?}"),
            ));
        }
    }
    Ok(())
}

fn verify_docnos(index: &Index) -> Result<()> {
    let docnos = index.docnos();
    let mut before: Option<&str> = None;
    let order = docnos.order()?;
    for i in 0..docnos.len() {
        let docid = docnos.by_rank(DocnoRank(i))?;
        let docno = docnos.get(docid)?;
        let rank = order.rank(docid);
        if rank != Some(DocnoRank(i)) {
            let offset = 4 * (u64::from(docnos.len()) + u64::from(docid.0));
            return Err(docnos.frame.corrupt(offset, format!("position {i}"), format!("{rank:?}")));
        }
        if before.is_some_and(|before| before >= docno) {
            let offset = 4 * u64::from(i);
            return Err(docnos.frame.corrupt(
                offset,
                "docnos in ascending order",
                format!("{docno:?}"),
            ));
        }
        before = Some(docno);
    }
    Ok(())
}

/// Counts over the windows, to be compared with the lexicon and the manifest.
struct Seen {
    statistics: Vec<TermStatistics>,
    postings: u64,
    empty_documents: u64,
    /// Whether each document of the window at hand has a posting.
    has_posting: Vec<bool>,
    /// The list at hand, and how it would be written.
    docids: Vec<u16>,
    impacts: Vec<Impact>,
    encoded: Vec<u8>,
}

fn verify_postings(index: &Index) -> Result<()> {
    let mut seen = Seen {
        statistics: vec![TermStatistics::default(); index.manifest().terms() as usize],
        postings: 0,
        empty_documents: 0,
        has_posting: vec![false; WINDOW],
        docids: Vec::new(),
        impacts: Vec::new(),
        encoded: Vec::new(),
    };
    for number in 0..index.windows() {
        seen.window(index, number)?;
    }
    seen.agrees(index)
}

impl Seen {
    fn window(&mut self, index: &Index, number: usize) -> Result<()> {
        let window = index.window(number)?;
        let docids = index.window_docids(number);
        let documents = (docids.end.0 - docids.start.0) as usize;
        self.has_posting.fill(false);
        let mut before: Option<TermId> = None;
        let mut lists = 0;
        let mut summaries = window.summaries().peekable();
        while let Some(summary) = summaries.next() {
            lists += 1;
            if before.is_some_and(|before| before >= summary.term) {
                return Err(list_damage(index, number, summary, "ascending terms", summary.term.0));
            }
            before = Some(summary.term);
            let damage =
                |(expected, got): (&str, u32)| list_damage(index, number, summary, expected, got);
            let postings = window.postings(summary).map_err(|damage| index.damage(damage))?;
            self.list(postings, documents, summary).map_err(damage)?;
            // Bounds, and where units and groups start, are what they would be written as.
            let bytes = window.list_bytes(summary, summaries.peek().copied());
            self.encoded.clear();
            window.encode_as(&mut self.encoded, summary, &self.docids, &self.impacts);
            self.encoded.resize(self.encoded.len().max(bytes.len()), 0);
            if let Some(at) =
                (0..self.encoded.len()).find(|&at| bytes.get(at) != Some(&self.encoded[at]))
            {
                return Err(damage(("the list that its postings make, from byte on", at as u32)));
            }
        }
        if lists != window.len() {
            let expected = format!("{} terms in window {number}", window.len());
            return Err(index.postings_frame().corrupt(0, expected, lists));
        }
        self.empty_documents +=
            self.has_posting[..documents].iter().filter(|&&has| !has).count() as u64;
        Ok(())
    }

    /// Checks one list of a window of `documents` documents; an error is the expected and the found
    /// content.
    fn list(
        &mut self,
        postings: impl Iterator<Item = (u16, Impact)>,
        documents: usize,
        summary: ListSummary,
    ) -> std::result::Result<(), (&'static str, u32)> {
        let statistics = self
            .statistics
            .get_mut(summary.term.0 as usize)
            .ok_or(("a term of the lexicon", summary.term.0))?;
        let mut last: Option<u16> = None;
        let mut max_impact = 0;
        self.docids.clear();
        self.impacts.clear();
        for (docid, impact) in postings {
            if last.is_some_and(|last| last >= docid) || usize::from(docid) >= documents {
                return Err(("ascending docids of the window", docid.into()));
            }
            if impact == 0 {
                return Err(("an impact above zero", 0));
            }
            last = Some(docid);
            max_impact = max_impact.max(impact);
            self.has_posting[usize::from(docid)] = true;
            self.docids.push(docid);
            self.impacts.push(impact);
        }
        if self.docids.len() != summary.postings {
            return Err(("the stated number of postings", self.docids.len() as u32));
        }
        if max_impact != summary.max_impact {
            return Err(("the stated largest impact", max_impact.into()));
        }
        statistics.df = statistics.df.saturating_add(summary.postings as u32);
        statistics.max_impact = statistics.max_impact.max(max_impact);
        self.postings += summary.postings as u64;
        Ok(())
    }

    fn agrees(&self, index: &Index) -> Result<()> {
        let lexicon = index.lexicon();
        for (id, expected) in self.statistics.iter().enumerate() {
            let stated = lexicon.statistics(TermId(id as u32))?;
            if stated != *expected {
                let what = format!("{expected:?} of term {id}");
                return Err(lexicon.frame.corrupt(6 * id as u64, what, format!("{stated:?}")));
            }
        }
        let manifest = index.manifest();
        for (place, field) in manifest.fields.iter().enumerate() {
            let ids = manifest.term_ids(place);
            let statistics = &self.statistics[ids.start as usize..ids.end as usize];
            let postings: u64 = statistics.iter().map(|term| u64::from(term.df)).sum();
            if postings != field.postings {
                let stated = format!("{} postings of {}", field.postings, field.name);
                return Err(index.postings_frame().corrupt(0, stated, postings));
            }
        }
        if (self.postings, self.empty_documents)
            == (manifest.postings(), manifest.empty_documents.into())
        {
            return Ok(());
        }
        let stated = format!(
            "{} postings, {} empty documents",
            manifest.postings(),
            manifest.empty_documents
        );
        let got = format!("{} and {}", self.postings, self.empty_documents);
        Err(index.postings_frame().corrupt(0, stated, got))
    }
}

fn list_damage(index: &Index, window: usize, list: ListSummary, expected: &str, got: u32) -> Error {
    let what = format!("{expected} in window {window}, term {}", list.term.0);
    index.postings_frame().corrupt(0, what, got)
}
