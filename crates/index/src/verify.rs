//! Reading everything: checksums, and that the parts agree with each other.

use spork_core::{DocId, DocnoRank, Impact, TermId};
use spork_postings::{ListSummary, WINDOW};

use crate::counts::Counts;
use crate::documents::DocumentReader;
use crate::lexicon::TermStatistics;
use crate::living::all_living;
use crate::segment::Segment;
use crate::{Error, Index, Result};

/// Bytes that comparing forward vectors with postings may take.
const VERIFY_MEMORY: u64 = 256 << 20;

/// Checks the checksum of every file and every promise of the format: order of terms, docids and
/// docnos, impacts above zero, living docnos in one segment only, and counts that add up.
///
/// # Errors
/// The first damage, with its place.
pub fn verify(index: &Index) -> Result<()> {
    for segment in index.segments() {
        for frame in [&segment.lexicon().frame, &segment.docnos().frame, segment.postings_frame()] {
            frame.verify_checksum()?;
        }
        if let Some(living) = segment.living_file() {
            living.frame.verify_checksum()?;
        }
        verify_terms(segment)?;
        verify_docnos(segment)?;
        verify_postings(segment)?;
        verify_stored(segment)?;
    }
    verify_docnos_differ(index)
}

/// What is stored beside the postings; forward vectors have to agree with them.
fn verify_stored(segment: &Segment) -> Result<()> {
    if let Some(columns) = segment.columns() {
        columns.verify()?;
    }
    if let Some(texts) = segment.texts() {
        texts.verify()?;
    }
    let Some(vectors) = segment.forward_vectors() else { return Ok(()) };
    vectors.verify()?;
    let mut reader = DocumentReader::new(segment, 0..u32::MAX, VERIFY_MEMORY);
    while let Some(documents) = reader.next_documents()? {
        for (docid, postings) in documents.iter() {
            vectors.check(docid, postings)?;
        }
    }
    Ok(())
}

/// That no two living documents of different segments have the same docno.
fn verify_docnos_differ(index: &Index) -> Result<()> {
    for (place, segment) in index.segments().iter().enumerate() {
        for docid in (0..segment.documents()).map(DocId) {
            let docno = segment.docnos().get(docid)?;
            if !segment.is_living(docid)? {
                continue;
            }
            for other in &index.segments()[place + 1..] {
                if let Some(twin) = other.docnos().find(docno)?
                    && other.is_living(twin)?
                {
                    let expected =
                        format!("another docno than one of segment {}", segment.number());
                    return Err(other.docnos().frame.corrupt(0, expected, format!("{docno:?}")));
                }
            }
        }
    }
    Ok(())
}

fn verify_terms(segment: &Segment) -> Result<()> {
    let lexicon = segment.lexicon();
    let counts = &segment.summary().counts;
    let ids = (0..counts.fields.len()).map(|field| counts.term_ids(field));
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

fn verify_docnos(segment: &Segment) -> Result<()> {
    let docnos = segment.docnos();
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

/// Counts over the windows, to be compared with the lexicon and the summary.
struct Seen {
    statistics: Vec<TermStatistics>,
    /// Postings of deleted documents, by term.
    deleted: Vec<u32>,
    /// A bit a document that lives.
    living: Vec<u64>,
    /// All documents, and the living ones.
    all: Counts,
    alive: Counts,
    /// Whether each document of the window at hand has a posting of each field.
    has_posting: Vec<bool>,
    /// The list at hand, and how it would be written.
    docids: Vec<u16>,
    impacts: Vec<Impact>,
    encoded: Vec<u8>,
}

fn verify_postings(segment: &Segment) -> Result<()> {
    let mut seen = Seen::new(segment)?;
    for number in 0..segment.windows() {
        seen.window(segment, number)?;
    }
    seen.agrees(segment)
}

impl Seen {
    fn new(segment: &Segment) -> Result<Self> {
        let stated = &segment.summary().counts;
        let terms = stated.terms() as usize;
        let mut counts = stated.clone();
        (counts.documents, counts.empty_documents) = (0, 0);
        for field in &mut counts.fields {
            (field.documents, field.postings) = (0, 0);
        }
        let living = match segment.living()? {
            Some(living) => living.words().collect(),
            None => all_living(segment.documents()),
        };
        Ok(Self {
            statistics: vec![TermStatistics::default(); terms],
            deleted: vec![0; terms],
            living,
            all: counts.clone(),
            alive: counts,
            has_posting: vec![false; WINDOW * stated.fields.len()],
            docids: Vec::new(),
            impacts: Vec::new(),
            encoded: Vec::new(),
        })
    }

    fn lives(&self, docid: usize) -> bool {
        self.living.get(docid / 64).is_some_and(|word| word >> (docid % 64) & 1 == 1)
    }

    fn window(&mut self, segment: &Segment, number: usize) -> Result<()> {
        let window = segment.window(number)?;
        let docids = segment.window_docids(number);
        let first = docids.start.0 as usize;
        let documents = (docids.end.0 - docids.start.0) as usize;
        self.has_posting.fill(false);
        let mut before: Option<TermId> = None;
        let mut lists = 0;
        let mut summaries = window.summaries().peekable();
        while let Some(summary) = summaries.next() {
            lists += 1;
            let damage =
                |(expected, got): (&str, u32)| list_damage(segment, number, summary, expected, got);
            if before.is_some_and(|before| before >= summary.term) {
                return Err(damage(("ascending terms", summary.term.0)));
            }
            before = Some(summary.term);
            let postings = window.postings(summary).map_err(|damage| segment.damage(damage))?;
            self.list(postings, documents, summary).map_err(damage)?;
            self.count(segment, first, summary.term);
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
            return Err(segment.postings_frame().corrupt(0, expected, lists));
        }
        self.count_documents(first, documents);
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
        Ok(())
    }

    /// Counts the list at hand, in a window whose first document is `first`.
    fn count(&mut self, segment: &Segment, first: usize, term: TermId) {
        let Some(field) = segment.summary().counts.field_of(term) else { return };
        let dead = self.docids.iter().filter(|&&docid| !self.lives(first + usize::from(docid)));
        let dead = dead.count();
        self.deleted[term.0 as usize] += dead as u32;
        self.all.fields[field].postings += self.docids.len() as u64;
        self.alive.fields[field].postings += (self.docids.len() - dead) as u64;
        let fields = self.all.fields.len();
        for &docid in &self.docids {
            self.has_posting[usize::from(docid) * fields + field] = true;
        }
    }

    /// Counts the documents of the window whose first document is `first`.
    fn count_documents(&mut self, first: usize, documents: usize) {
        let fields = self.all.fields.len();
        for docid in 0..documents {
            let has_posting = &self.has_posting[docid * fields..][..fields];
            let lives = self.lives(first + docid);
            for counts in [Some(&mut self.all), Some(&mut self.alive).filter(|_| lives)] {
                let Some(counts) = counts else { continue };
                counts.documents += 1;
                counts.empty_documents += u32::from(!has_posting.contains(&true));
                for (field, &has_posting) in counts.fields.iter_mut().zip(has_posting) {
                    field.documents += u32::from(has_posting);
                }
            }
        }
    }

    fn agrees(&self, segment: &Segment) -> Result<()> {
        let lexicon = segment.lexicon();
        for (id, expected) in self.statistics.iter().enumerate() {
            let stated = lexicon.statistics(TermId(id as u32))?;
            if stated != *expected || stated.df == 0 {
                let what = format!("{expected:?}, with a posting, of term {id}");
                return Err(lexicon.frame.corrupt(6 * id as u64, what, format!("{stated:?}")));
            }
        }
        let differ = |expected: &Counts, got: &Counts| {
            let frame = segment.postings_frame();
            frame.corrupt(0, format!("{expected:?}"), format!("{got:?}"))
        };
        if self.all != segment.summary().counts {
            return Err(differ(&segment.summary().counts, &self.all));
        }
        let Some(living) = segment.living_file() else { return Ok(()) };
        if self.alive != living.counts {
            return Err(differ(&living.counts, &self.alive));
        }
        let bits: u64 = self.living.iter().map(|word| u64::from(word.count_ones())).sum();
        if bits != u64::from(living.counts.documents) {
            let expected = format!("{} living documents", living.counts.documents);
            return Err(living.frame.corrupt(0, expected, bits));
        }
        let stated = living.all_deleted_postings().collect::<Result<Vec<_>>>()?;
        let terms = (0..).zip(&self.deleted).filter(|&(_, &deleted)| deleted > 0);
        if stated.iter().copied().eq(terms.map(|(term, &deleted)| (term, deleted))) {
            return Ok(());
        }
        let at = 8 * segment.blocks() as u64;
        Err(living.frame.corrupt(at, "the postings of deleted documents by term", "others"))
    }
}

fn list_damage(
    segment: &Segment,
    window: usize,
    list: ListSummary,
    expected: &str,
    got: u32,
) -> Error {
    let what = format!("{expected} in window {window}, term {}", list.term.0);
    segment.postings_frame().corrupt(0, what, got)
}
