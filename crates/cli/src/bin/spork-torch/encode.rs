//! `spork encode`: text to vectors.

use std::io::Write;
use std::time::Instant;

use anyhow::{Result, bail};
use spork_vectors::{Error, Line, Output, Source, TextFormat, TextLine, write_vector_line};

use spork::args::EncodeArgs;
use spork::bars::bar;
use spork::inputs::SeenIds;
use spork::provenance;

use crate::encoder::{TextEncoder, kind};

/// Texts encoded together: long and short ones find company of their length among so many.
const LOOK_AHEAD: usize = 4096;

pub(crate) fn run(args: &EncodeArgs) -> Result<()> {
    let mut source = Source::open(&args.input)?;
    let format = TextFormat::detect(&mut source)?;
    let encoder = TextEncoder::open(&args.model, kind(args.kind), &args.encoder)?;
    let mut output = Output::open(args.output.as_deref())?;
    let bar = bar("encoding", "texts", Source::count_lines(&args.input)?);
    let (start, mut encoded, mut ids) = (Instant::now(), 0, SeenIds::default());
    loop {
        let texts = next_texts(&mut source, format, &mut ids)?;
        if texts.is_empty() {
            break;
        }
        let contents: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let vectors =
            encoder.encode(&contents, &mut |done| bar.set_position((encoded + done.texts) as u64))?;
        for ((id, _), weights) in texts.iter().zip(&vectors) {
            let weights = weights.iter().map(|(term, weight)| (term.as_str(), *weight));
            write_vector_line(&mut output, id, weights).map_err(|error| Error::io(output.path(), error))?;
        }
        encoded += texts.len();
    }
    bar.finish_and_clear();
    if encoded == 0 {
        bail!("{}: no text in it; expected one a line", args.input.display());
    }
    if !output.is_stdout() {
        let mut sidecar = Output::open(Some(&provenance::sidecar(output.path())))?;
        writeln!(sidecar, "{}", serde_json::to_string(&encoder.identity()?)?)?;
        sidecar.finish()?;
    }
    output.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    tracing::info!("{encoded} texts in {seconds:.1} s, {:.1} a second", encoded as f64 / seconds);
    Ok(())
}

fn next_texts(source: &mut Source, format: TextFormat, ids: &mut SeenIds) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    let mut buffer = Vec::new();
    while texts.len() < LOOK_AHEAD {
        let Some(line) = source.next_line(&mut buffer)? else { break };
        let Line { number, .. } = line;
        let text =
            TextLine::parse(format, line).map_err(|error| Error::line(source.path(), number, error))?;
        ids.add(&text.id, source.path(), number)?;
        texts.push((text.id.into_owned(), text.text.into_owned()));
    }
    Ok(texts)
}
