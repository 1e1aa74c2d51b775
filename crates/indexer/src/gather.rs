//! From the input of all fields to a segment.

use spork_core::{DocId, kill_point};
use spork_index::{Field, Index, Manifest, SegmentWriter};

use crate::Result;
use crate::assemble::{Assembled, Assembly, lasting};
use crate::collect::Records;
use crate::docnos::Docnos;
use crate::field::{CollectedField, Reading, collect_field};
use crate::field_terms::FieldTerms;
use crate::impacts::first_terms;
use crate::invert::least_memory;
use crate::join::join;
use crate::memory::MemoryBound;
use crate::options::Options;
use crate::progress::Progress;
use crate::report::{FieldReport, Report};
use crate::source::Source;

/// How input becomes a segment.
pub(crate) struct Gathering<'a> {
    pub(crate) options: &'a Options,
    /// The index that the segment is added to, and whether its documents may be replaced; none for
    /// a new index.
    pub(crate) given: Option<(&'a Index, bool)>,
    pub(crate) progress: &'a dyn Progress,
}

/// A new segment.
pub(crate) struct Gathered {
    pub(crate) fields: Vec<GatheredField>,
    pub(crate) assembled: Assembled,
    /// Documents of the index that it replaces.
    pub(crate) replaced: Vec<DocId>,
}

/// What became of a field's input.
pub(crate) struct GatheredField {
    pub(crate) field: Field,
    pub(crate) pruned: u64,
    report: FieldReport,
}

impl Gathering<'_> {
    /// Reads the sources and writes their segment. The sources of a new index are its fields; in
    /// the segment of another, each of its fields has at most one.
    pub(crate) fn run(&self, sources: &[Source<'_>], writer: SegmentWriter) -> Result<Gathered> {
        let memory = MemoryBound(self.options.memory);
        memory.left_beside(0, least_memory(0))?;
        let folder = writer.scratch_folder().to_owned();
        let mut docnos = match self.given {
            Some((index, update)) => Docnos::beside(index, update),
            None => Docnos::default(),
        };
        let (mut terms, mut fields, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for (source, given) in self.plan(sources) {
            let several = sources.len() > 1;
            let (options, progress) = (self.options, self.progress);
            let reading = Reading { options, given, several, folder: &folder, progress };
            let room = (memory, lasting(&docnos.read, &terms));
            let (collected, documents) = match (source, given) {
                (Some(source), _) => collect_field(source, &reading, &mut docnos, room)?,
                (None, Some(field)) => CollectedField::without_documents(field, &folder)?,
                (None, None) => continue,
            };
            records.push(documents);
            fields.push(GatheredField::of(&collected));
            terms.push(collected.terms);
        }
        let (docnos, replaced) = docnos.finish();
        let left = memory.left_beside(lasting(&docnos, &terms), 0)?;
        let forward = self.join(records, &terms, docnos.len(), &folder, left)?;
        kill_point("indexer.joined");
        let order = self.given.map_or(self.options.order, |(index, _)| index.manifest().order);
        let assembly = Assembly { docnos, terms: &terms, forward };
        let assembled = assembly.write(writer, order, memory, self.progress)?;
        Ok(Gathered { fields, assembled, replaced })
    }

    fn join(
        &self,
        records: Vec<Records>,
        terms: &[FieldTerms],
        documents: usize,
        folder: &std::path::Path,
        memory: u64,
    ) -> Result<crate::forward::Forward> {
        join(records, &first_terms(terms), documents, folder, memory, self.progress)
    }

    /// Each field with its source, which a field of another index may lack.
    fn plan<'s>(
        &'s self,
        sources: &'s [Source<'s>],
    ) -> Vec<(Option<&'s Source<'s>>, Option<&'s Field>)> {
        let Some((index, _)) = self.given else {
            return sources.iter().map(|source| (Some(source), None)).collect();
        };
        let source = |field: &Field| sources.iter().find(|source| source.kind() == field.source);
        index.manifest().fields.iter().map(|field| (source(field), Some(field))).collect()
    }
}

impl GatheredField {
    fn of(collected: &CollectedField) -> Self {
        let &CollectedField { zeros, pruned, documents, text, .. } = collected;
        Self {
            field: collected.field.clone(),
            pruned,
            report: FieldReport { documents, zeros, pruned, text, ..FieldReport::default() },
        }
    }
}

impl Gathered {
    /// What there is to tell of it, in an index that it is part of.
    pub(crate) fn report(self, manifest: Manifest) -> Report {
        let Assembled { summary, inverted, .. } = self.assembled;
        let losses = inverted.rounded_to_zero.iter().zip(&inverted.clipped);
        let report = |(field, (&rounded_to_zero, &clipped)): (GatheredField, (&u64, &u64))| {
            FieldReport { rounded_to_zero, clipped, ..field.report }
        };
        let fields = self.fields.into_iter().zip(losses).map(report).collect();
        let replaced = self.replaced.len() as u32;
        Report { manifest, summary, fields, replaced }
    }
}
