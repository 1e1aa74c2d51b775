//! `spork convert`: vectors from one format to another, the parts of a sharded encoding in order.

use anyhow::{Result, bail};
use spork_core::TermId;
use spork_model::EncoderRecord;
use spork_search::common_encoder;
use spork_vectors::Shard;
use spork_vectors::binary::{Block, Header, NumberedVector};
use spork_vectors::{CiffBlock, SeenVectors, Values, VectorReader};

use crate::args::ConvertArgs;
use crate::format_sink::{FormatSink, SinkOptions, output_format, scratch};

pub(crate) fn run(args: &ConvertArgs) -> Result<()> {
    let format = output_format(args.to, args.output.as_deref());
    // Formats that are written as vectors come leave the memory to the inputs, which are all open
    // at once.
    let reading = if FormatSink::streams(format) { args.memory } else { args.memory / 2 };
    let share = reading / args.input.len() as u64;
    let scratch = scratch(args.output.as_deref(), share);
    let options = args.reading.options(args.topics.clone(), scratch);
    let open = |path| Ok(Input::new(VectorReader::open(path, &options)?));
    let mut inputs = args.input.iter().map(|path| open(path)).collect::<Result<Vec<_>>>()?;
    let parts = in_order(&mut inputs)?;
    let encoder = common_encoder(&args.input, args.allow_mismatch)?.map(EncoderRecord::into_json);
    let weights = inputs[0].header().weights;
    let held = values(&inputs)?;
    let options = SinkOptions {
        format,
        header: Header { weights: args.weights.unwrap_or(weights), encoder, ..Header::default() },
        force: args.force,
        factor: args.writing.factor,
        tokens: args.reading.tokens.clone(),
        values: held,
        scale: None,
        memory: args.memory - reading,
    };
    let mut sink = FormatSink::open(args.output.as_deref(), options)?;
    let mut seen = SeenVectors::default();
    if parts {
        take_turns(&mut inputs, &mut sink, &mut seen)?;
    } else {
        for input in &mut inputs {
            while input.copy_block(&mut sink, &mut seen)? {}
        }
    }
    if held == Values::Counts {
        inputs.iter().for_each(Input::tell_lengths);
    }
    drop(inputs);
    sink.finish()
}

/// What the numbers of all inputs are.
fn values(inputs: &[Input]) -> Result<Values> {
    let counts =
        inputs.iter().filter(|input| input.reader.values() == Some(Values::Counts)).count();
    if counts == 0 {
        return Ok(Values::Impacts);
    }
    if counts < inputs.len() {
        bail!("some inputs hold term counts and others weights; convert them separately");
    }
    tracing::warn!("the weights of the output are term counts: BM25 has not weighed them");
    Ok(Values::Counts)
}

/// A block of each part in turn: blocks are dealt out like cards.
fn take_turns(parts: &mut [Input], sink: &mut FormatSink, seen: &mut SeenVectors) -> Result<()> {
    let mut more = true;
    while more {
        more = false;
        for part in &mut *parts {
            more |= part.copy_block(sink, seen)?;
        }
    }
    Ok(())
}

/// Puts parts in their order, and says whether inputs are parts.
fn in_order(inputs: &mut [Input]) -> Result<bool> {
    let shard = |input: &Input| input.header().shard;
    let Some(first) = inputs.iter().find_map(shard) else { return Ok(false) };
    inputs.sort_by_key(|input| shard(input).map(Shard::index));
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

/// A file and the terms that its blocks have brought.
struct Input {
    reader: VectorReader,
    terms: Vec<String>,
    /// Documents whose stated lengths are not the sums of their numbers.
    other_lengths: u64,
}

impl Input {
    fn new(reader: VectorReader) -> Self {
        Self { reader, terms: Vec::new(), other_lengths: 0 }
    }

    fn header(&self) -> &Header {
        self.reader.header()
    }

    /// Tells of the lengths that the output does not hold.
    fn tell_lengths(&self) {
        if self.other_lengths > 0 {
            tracing::warn!(
                "{}: {} documents have other lengths than the sums of their counts; the output \
                 does not hold them, and BM25 weighs by the sums",
                self.reader.path().display(),
                self.other_lengths
            );
        }
    }

    /// Copies a block; `false` at the end.
    fn copy_block(&mut self, sink: &mut FormatSink, seen: &mut SeenVectors) -> Result<bool> {
        let Some(CiffBlock { block, lengths }) = self.reader.next_with_lengths()? else {
            return Ok(false);
        };
        let Block { new_terms, vectors, texts } = block;
        self.other_lengths += other_lengths(&vectors, &lengths);
        self.terms.extend(new_terms);
        sink.begin_copy(texts, vectors.len());
        for vector in vectors {
            seen.add(&vector.id, self.reader.path())?;
            let term = |&(id, weight): &(TermId, f32)| (&*self.terms[id.0 as usize], weight);
            sink.push(&vector.id, vector.vector.entries().iter().map(term))?;
        }
        Ok(true)
    }
}

/// How many of these vectors have another length than the sum of their numbers.
fn other_lengths(vectors: &[NumberedVector], lengths: &[u32]) -> u64 {
    let sum = |vector: &NumberedVector| -> f64 {
        vector.vector.entries().iter().map(|&(_, number)| f64::from(number)).sum()
    };
    let other =
        vectors.iter().zip(lengths).filter(|&(vector, &length)| sum(vector) != f64::from(length));
    other.count() as u64
}
