//! What stored texts and forward vectors take, and how fast they are written and read on one core:
//! `stored COLLECTION FLAT FOLDER TERMS…`.
//!
//! COLLECTION is a file of docnos and texts, separated by tabs; FLAT the folder that `flat` wrote;
//! TERMS how many terms each field of its index has. The files go to FOLDER. Prints names and
//! figures, separated by tabs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use spork_core::{DocId, Random, TermId};
use spork_index::{ForwardVectors, ForwardVectorsWriter, Texts, TextsWriter};

/// Documents that are read in random order.
const READS: usize = 200_000;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [collection, flat, folder, terms @ ..] = args.as_slice() else {
        bail!("usage: stored COLLECTION FLAT FOLDER TERMS...");
    };
    let terms: Vec<u32> = terms.iter().map(|terms| terms.parse()).collect::<Result<_, _>>()?;
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    texts(Path::new(collection), folder)?;
    vectors(Path::new(flat), folder, &terms)
}

fn texts(collection: &Path, folder: &Path) -> Result<()> {
    let collection =
        std::fs::read_to_string(collection).with_context(|| collection.display().to_string())?;
    let texts: Vec<&str> = collection
        .lines()
        .map(|line| Ok(line.split_once('\t').with_context(|| format!("no tab: {line}"))?.1))
        .collect::<Result<_>>()?;
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    print("texts", texts.len());
    print("text bytes", bytes);
    let start = Instant::now();
    let mut writer = TextsWriter::create(folder)?;
    for text in &texts {
        writer.push(Some(text))?;
    }
    let length = writer.finish()?.length;
    print("texts: seconds to write", start.elapsed().as_secs_f64());
    print("texts: share of bytes", length as f64 / bytes as f64);

    let opened = Texts::open(folder, texts.len() as u32)?;
    let mut reader = opened.reader();
    let start = Instant::now();
    for (docid, text) in texts.iter().enumerate() {
        let read = reader.get(DocId(docid as u32))?;
        anyhow::ensure!(read == Some(*text), "another text of document {docid}");
    }
    print("texts: seconds to read in order", start.elapsed().as_secs_f64());
    let mut random = Random::new(1);
    let mut micros = Vec::with_capacity(READS);
    for _ in 0..READS {
        let docid = random.below(texts.len());
        let start = Instant::now();
        let text = opened.get(DocId(docid as u32))?;
        micros.push(start.elapsed().as_nanos() as f64 / 1e3);
        anyhow::ensure!(text.as_deref() == Some(texts[docid]), "another text of {docid}");
    }
    percentiles("texts: µs of a random text", micros);
    Ok(())
}

fn vectors(flat: &Path, folder: &Path, terms: &[u32]) -> Result<()> {
    let read = |name| {
        let path: PathBuf = flat.join(name);
        std::fs::read(&path).with_context(|| path.display().to_string())
    };
    let (offsets, ids, impacts) = (read("offsets.u64")?, read("terms.u32")?, read("impacts.u8")?);
    let offsets = offsets.as_chunks().0.iter().map(|&bytes| u64::from_le_bytes(bytes) as usize);
    let offsets: Vec<usize> = offsets.collect();
    let ids = ids.as_chunks().0.iter().map(|&bytes| TermId(u32::from_le_bytes(bytes)));
    let postings: Vec<_> = ids.zip(impacts.iter().map(|&impact| u16::from(impact))).collect();
    let documents = || offsets.windows(2).map(|ends| &postings[ends[0]..ends[1]]);

    let start = Instant::now();
    let mut writer = ForwardVectorsWriter::create(folder, terms)?;
    for document in documents() {
        writer.push(document)?;
    }
    let length = writer.finish()?.length;
    print("vectors: postings", postings.len());
    print("vectors: seconds to write", start.elapsed().as_secs_f64());
    print("vectors: bytes a posting", length as f64 / postings.len() as f64);

    let count = offsets.len() - 1;
    let opened = ForwardVectors::open(folder, count as u32, terms)?;
    let mut one = Vec::new();
    for (docid, document) in documents().enumerate() {
        opened.get(DocId(docid as u32), &mut one)?;
        anyhow::ensure!(one == document, "other postings of document {docid}");
    }
    let start = Instant::now();
    for docid in 0..count {
        opened.get(DocId(docid as u32), &mut one)?;
    }
    let million = postings.len() as f64 / 1e6;
    print("vectors: million postings a second, in order", million / start.elapsed().as_secs_f64());
    let mut random = Random::new(1);
    let mut micros = Vec::with_capacity(READS);
    let mut read = 0;
    for _ in 0..READS {
        let docid = random.below(count);
        let start = Instant::now();
        opened.get(DocId(docid as u32), &mut one)?;
        micros.push(start.elapsed().as_nanos() as f64 / 1e3);
        read += one.len();
    }
    let seconds = micros.iter().sum::<f64>() / 1e6;
    print("vectors: million postings a second, at random", read as f64 / 1e6 / seconds);
    percentiles("vectors: µs of a random document", micros);
    Ok(())
}

fn percentiles(what: &str, mut values: Vec<f64>) {
    values.sort_unstable_by(f64::total_cmp);
    for percent in [50, 99] {
        print(&format!("{what}, p{percent}"), values[values.len() * percent / 100]);
    }
}

fn print(what: &str, value: impl std::fmt::Display) {
    println!("{what}\t{value:.3}");
}
