//! `spork convert`: vectors from one format to another, the parts of a sharded encoding in order.

use std::path::Path;

use anyhow::{Result, bail};
use spork_core::TermId;
use spork_files::{Error, Source};
use spork_model::EncoderRecord;
use spork_vectors::binary::{BinaryReader, Block, Header, is_binary};
use spork_vectors::{VectorFormat, VectorLine};

use crate::args::ConvertArgs;
use crate::provenance;
use crate::vector_sink::{Earlier, VectorSink};
use spork_files::SeenIds;

pub(crate) fn run(args: &ConvertArgs) -> Result<()> {
    let mut inputs = args.input.iter().map(|path| Input::open(path)).collect::<Result<Vec<_>>>()?;
    let parts = in_order(&mut inputs)?;
    let encoder = provenance::common_record(&args.input)?.map(EncoderRecord::into_json);
    let weights = inputs[0].header().weights;
    let header = Header { weights: args.weights.unwrap_or(weights), encoder, shard: None };
    let earlier = if args.force { Earlier::Replace } else { Earlier::Refuse };
    let (mut sink, _) = VectorSink::open(args.output.as_deref(), &header, earlier)?;
    let mut ids = SeenIds::default();
    if parts {
        take_turns(&mut inputs, &mut sink, &mut ids)?;
    } else {
        for input in &mut inputs {
            while input.copy_some(&mut sink, &mut ids)? {}
        }
    }
    sink.finish()
}

/// A block of each part in turn: blocks are dealt out like cards.
fn take_turns(parts: &mut [Input], sink: &mut VectorSink, ids: &mut SeenIds) -> Result<()> {
    let mut more = true;
    while more {
        more = false;
        for part in &mut *parts {
            more |= part.copy_some(sink, ids)?;
        }
    }
    Ok(())
}

/// Puts parts in their order, and says whether inputs are parts.
fn in_order(inputs: &mut [Input]) -> Result<bool> {
    let shard = |input: &Input| input.header().shard;
    let Some(first) = inputs.iter().find_map(shard) else { return Ok(false) };
    inputs.sort_by_key(|input| shard(input).map(spork_vectors::binary::Shard::index));
    let whole = inputs.len() == first.count()
        && inputs.iter().enumerate().all(|(index, input)| {
            shard(input)
                .is_some_and(|shard| shard.index() == index && shard.count() == first.count())
        });
    if !whole {
        let got: Vec<String> = inputs
            .iter()
            .map(|input| {
                shard(input).map_or_else(|| "no part".to_owned(), |shard| shard.to_string())
            })
            .collect();
        bail!(
            "expected all {} parts of one encoding, each once; got {}",
            first.count(),
            got.join(", ")
        );
    }
    Ok(true)
}

enum Input {
    Lines(Source, VectorFormat, Header),
    Binary { reader: BinaryReader<Box<dyn std::io::BufRead + Send>>, terms: Vec<String>, read: u64 },
}

impl Input {
    fn open(path: &Path) -> Result<Self> {
        let mut source = Source::open(path)?;
        if is_binary(&mut source)? {
            let reader = BinaryReader::from_source(source)?;
            return Ok(Self::Binary { reader, terms: Vec::new(), read: 0 });
        }
        let format = VectorFormat::detect(&mut source)?;
        Ok(Self::Lines(source, format, Header::default()))
    }

    fn header(&self) -> &Header {
        match self {
            Self::Lines(_, _, header) => header,
            Self::Binary { reader, .. } => reader.header(),
        }
    }

    /// Copies a block or a line; `false` at the end.
    fn copy_some(&mut self, sink: &mut VectorSink, ids: &mut SeenIds) -> Result<bool> {
        match self {
            Self::Lines(source, format, _) => {
                let mut buffer = Vec::new();
                let Some(line) = source.next_line(&mut buffer)? else { return Ok(false) };
                let number = line.number;
                let vector = VectorLine::parse(*format, line)
                    .map_err(|error| Error::line(source.path(), number, error))?;
                ids.add(&vector.id, source.path(), number)?;
                sink.push(
                    &vector.id,
                    vector.weights.iter().map(|(term, weight)| (term.as_ref(), *weight)),
                )?;
            }
            Self::Binary { reader, terms, read } => {
                let Some(Block { new_terms, vectors, texts }) = reader.next_block()? else {
                    return Ok(false);
                };
                terms.extend(new_terms);
                sink.begin_copy(texts, vectors.len());
                for vector in vectors {
                    *read += 1;
                    ids.add(&vector.id, reader.path(), *read)?;
                    let term =
                        |&(id, weight): &(TermId, f32)| (terms[id.0 as usize].as_str(), weight);
                    sink.push(&vector.id, vector.vector.entries().iter().map(term))?;
                }
            }
        }
        Ok(true)
    }
}
