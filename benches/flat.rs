//! An index and queries as plain arrays, for engines that know nothing of Spork: `flat INDEX
//! QUERIES FOLDER`.
//!
//! Little-endian files, documents in the order of the index, terms as the index numbers them: row i
//! of the documents is `terms.u32[offsets.u64[i]..offsets.u64[i + 1]]`, ascending, with the same
//! places of `impacts.u8`; so for queries, with `query-offsets.u64`, `query-terms.u32` and
//! `query-weights.u32`. `docnos.txt` holds a docno a line.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use spork_cli::inputs::read_query_vectors;
use spork_core::{DocId, Impact};
use spork_files::Output;
use spork_index::{Index, Segment};
use spork_searcher::Query;
use spork_vectors::ReadOptions;

fn main() -> Result<()> {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [index, queries, folder] = args.as_slice() else {
        bail!("usage: flat INDEX QUERIES FOLDER");
    };
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let index = Index::open(index)?;
    let [segment] = index.segments() else { bail!("one segment is needed; merge the index") };
    if segment.living_counts().documents < segment.documents() {
        bail!("documents of the index are deleted; merge it");
    }
    write_documents(segment, folder)?;
    write_queries(&index, queries, folder)
}

fn create(folder: &Path, name: &str) -> Result<Output> {
    Ok(Output::open(Some(&folder.join(name)))?)
}

fn write_documents(segment: &Segment, folder: &Path) -> Result<()> {
    let mut docnos = create(folder, "docnos.txt")?;
    for docid in 0..segment.documents() {
        writeln!(docnos, "{}", segment.docnos().get(DocId(docid))?)?;
    }
    docnos.finish()?;
    let mut rows = Rows::create(folder, ["offsets.u64", "terms.u32", "impacts.u8"])?;
    for number in 0..segment.windows() {
        for vector in vectors(segment, number)? {
            for (term, impact) in vector {
                let impact = u8::try_from(impact)
                    .with_context(|| format!("an impact of {impact}; peers take 255 at most"))?;
                rows.add(term, &[impact])?;
            }
            rows.end()?;
        }
    }
    rows.finish()
}

/// The vectors of a window's documents, ascending by term.
fn vectors(segment: &Segment, number: usize) -> Result<Vec<Vec<(u32, Impact)>>> {
    let window = segment.window(number)?;
    let mut vectors = vec![Vec::new(); window.documents()];
    for summary in window.summaries() {
        let postings = window.postings(summary).map_err(|damage| segment.damage(damage))?;
        for (docid, impact) in postings {
            vectors[usize::from(docid)].push((summary.term.0, impact));
        }
    }
    Ok(vectors)
}

fn write_queries(index: &Index, queries: &Path, folder: &Path) -> Result<()> {
    let mut rows =
        Rows::create(folder, ["query-offsets.u64", "query-terms.u32", "query-weights.u32"])?;
    for query in read_query_vectors(queries, &ReadOptions::default())? {
        let query =
            Query::new(index, &query.weights).with_context(|| format!("query {}", query.qid))?;
        for &(term, weight) in query.in_segment(0) {
            rows.add(term.0, &weight.to_le_bytes())?;
        }
        rows.end()?;
    }
    rows.finish()
}

/// A matrix in three files: where rows end, columns, values.
struct Rows {
    offsets: Output,
    columns: Output,
    values: Output,
    entries: u64,
}

impl Rows {
    fn create(folder: &Path, [offsets, columns, values]: [&str; 3]) -> Result<Self> {
        let mut rows = Self {
            offsets: create(folder, offsets)?,
            columns: create(folder, columns)?,
            values: create(folder, values)?,
            entries: 0,
        };
        rows.end()?;
        Ok(rows)
    }

    fn add(&mut self, column: u32, value: &[u8]) -> Result<()> {
        self.entries += 1;
        self.columns.write_all(&column.to_le_bytes())?;
        Ok(self.values.write_all(value)?)
    }

    fn end(&mut self) -> Result<()> {
        Ok(self.offsets.write_all(&self.entries.to_le_bytes())?)
    }

    fn finish(self) -> Result<()> {
        for file in [self.offsets, self.columns, self.values] {
            file.finish()?;
        }
        Ok(())
    }
}
