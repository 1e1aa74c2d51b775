//! Files of vectors in the formats that need to know all vectors before they write the first.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use spork_files::Output;

use crate::ciff::{self, Description, Values};
use crate::collected::{Collected, Collector};
use crate::error::{Error, Result};
use crate::format::Format;
use crate::integers::{Integers, Tally};
use crate::losses::{IdsWritten, Losses};
use crate::numbering::Numbering;
use crate::scratch::Scratch;
use crate::text_writer::{fits_in_line, write_collection, write_queries};
use crate::tokens::{ids_file, tokens_file};
use crate::{bigann, seismic};

/// What fractions are multiplied by where the format's users expect it.
const HUNDRED: f64 = 100.0;
/// The largest impact of a byte, to which the largest fraction of a CIFF file is scaled.
const BYTE: f64 = 255.0;
/// The most repetitions of a term in a query.
const MOST_REPEATED: u32 = 65_535;
/// Longer terms are cut by Seismic's Python reader, whose strings are of this length.
const SEISMIC_TERM: usize = 30;
/// Longer terms are split by Lucene's tokenizers.
const LUCENE_TERM: usize = 255;

/// How to write.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The format; one that [`CollectingWriter`] writes.
    pub format: Format,
    /// What weights are multiplied by before they are rounded, in formats that hold integers. If
    /// none is given, integers are kept, and fractions get what the format's users expect: 100 in
    /// Anserini's and PISA's formats, and in CIFF what makes the largest 255.
    pub factor: Option<f64>,
    /// A token table whose numbers terms get, in formats that have no strings; so documents and
    /// queries have the same.
    pub tokens: Option<PathBuf>,
    /// What the weights are, for a CIFF file's description.
    pub values: Values,
    /// The weight of impact 1 where weights are impacts, for a CIFF file's description.
    pub scale: Option<f64>,
    /// The encoder's description of itself, for a CIFF file's description.
    pub encoder: Option<serde_json::Value>,
    /// Temporary files and memory.
    pub scratch: Scratch,
}

/// Writes a file of a format other than JSONL and `.svec`. Vectors are kept in temporary files
/// until all are there; the file appears under its name when it is complete.
pub struct CollectingWriter {
    collector: Collector,
    output: Output,
    options: WriteOptions,
}

impl CollectingWriter {
    /// Begins a file at `path`, or standard output.
    ///
    /// # Errors
    /// The file or a temporary one can't be made there, or the format is not one of this writer's.
    pub fn create(path: Option<&Path>, options: WriteOptions) -> Result<Self> {
        if matches!(options.format, Format::Svec | Format::Jsonl | Format::Pyserini) {
            return Err(Error::Unfit {
                format: options.format.name(),
                what: "these vectors".to_owned(),
                remedy: "choose another format".to_owned(),
            });
        }
        if let Some(factor) = options.factor
            && !(factor.is_finite() && factor > 0.0)
        {
            return Err(Error::Unfit {
                format: options.format.name(),
                what: format!("weights times {factor}"),
                remedy: "give a finite factor above 0".to_owned(),
            });
        }
        let output = Output::open(path)?;
        let collector = Collector::create(output.path(), &options.scratch)?;
        Ok(Self { collector, output, options })
    }

    /// Adds a vector. Weights of zero are left out.
    ///
    /// # Errors
    /// A weight is NaN, infinite or negative, or a temporary file can't be written.
    pub fn push<'a>(
        &mut self,
        id: &str,
        weights: impl IntoIterator<Item = (&'a str, f32)>,
    ) -> Result<()> {
        self.collector.push(id, weights)
    }

    /// Writes the file, and what it has no room for beside it: `NAME.ids`, the ids one a line, and
    /// `NAME.tokens.json`, the token table.
    ///
    /// # Errors
    /// The format can't hold the vectors, memory is too low, or a file can't be written.
    pub fn finish(self) -> Result<Losses> {
        let Self { collector, mut output, options } = self;
        let mut collected = collector.finish()?;
        let mut losses = Losses {
            format: Some(options.format),
            vectors: u64::from(collected.rows.rows()),
            weights: collected.rows.entries(),
            long: long_terms(&collected, options.format),
            ..Losses::default()
        };
        let beside = (!output.is_stdout()).then(|| output.path().to_owned());
        match options.format {
            Format::Ciff | Format::Anserini | Format::AnseriniTopics | Format::Pisa => {
                write_integers(collected, &options, &mut output, &mut losses)?;
            }
            Format::SeismicBin | Format::Csr => {
                let numbering = Numbering::new(&collected, options.tokens.as_deref())?;
                collected.each(|_, _, _, weights| {
                    let lost = weights.iter().filter(|&&(term, _)| !numbering.has(term)).count();
                    losses.unknown += lost as u64;
                    Ok(())
                })?;
                if options.format == Format::Csr {
                    bigann::write(&mut collected, &numbering, &mut output)?;
                } else {
                    seismic::write_bin(&mut collected, &numbering, &mut output)?;
                }
                write_tokens(&collected, &numbering, beside.as_deref())?;
                let plain = collected.all_ids.are_numbers_in_order;
                losses.ids = write_ids(&mut collected, plain, beside.as_deref())?;
            }
            _ => {
                seismic::write_jsonl(&mut collected, &mut output)?;
                let plain = collected.all_ids.are_integers;
                losses.ids = write_ids(&mut collected, plain, beside.as_deref())?;
            }
        }
        output.finish()?;
        Ok(losses)
    }
}

fn write_integers(
    mut collected: Collected,
    options: &WriteOptions,
    output: &mut Output,
    losses: &mut Losses,
) -> Result<()> {
    let integers = integers(&collected, options);
    let tally = Tally::new(&mut collected.rows, integers)?;
    let rounds = collected.weights.fractions || integers.factor != 1.0;
    losses.factor = rounds.then_some(integers.factor);
    losses.zeroed = tally.zeroed;
    losses.clipped = (tally.clipped, integers.largest);
    match options.format {
        Format::Ciff => {
            let scale = if rounds { Some(1.0 / integers.factor) } else { options.scale };
            let description = Description {
                values: options.values,
                scale: scale.filter(|&scale| scale != 1.0),
                encoder: options.encoder.clone(),
                writer: concat!("spork ", env!("CARGO_PKG_VERSION")).to_owned(),
            };
            ciff::write(collected, integers, &tally, &description, output)
        }
        Format::Anserini => write_collection(&mut collected, integers, output),
        format => {
            collected.each(|terms, _, _, weights| {
                let lost = |&&(term, _): &&(u32, f32)| !fits_in_line(&terms[term as usize]);
                losses.spaced += weights.iter().filter(lost).count() as u64;
                Ok(())
            })?;
            let separator = if format == Format::Pisa { ':' } else { '\t' };
            write_queries(&mut collected, integers, separator, output)
        }
    }
}

fn integers(collected: &Collected, options: &WriteOptions) -> Integers {
    let repeats = matches!(options.format, Format::AnseriniTopics | Format::Pisa);
    let largest = if repeats { MOST_REPEATED } else { i32::MAX as u32 };
    let factor =
        options.factor.unwrap_or_else(|| match (collected.weights.fractions, options.format) {
            (false, _) => 1.0,
            (true, Format::Ciff) => BYTE / f64::from(collected.weights.largest),
            (true, _) => HUNDRED,
        });
    Integers { factor, largest }
}

/// How many terms are longer than readers of the format take.
fn long_terms(collected: &Collected, format: Format) -> (u64, usize) {
    let most = match format {
        Format::Seismic | Format::SeismicBin => SEISMIC_TERM,
        Format::Anserini | Format::AnseriniTopics => LUCENE_TERM,
        _ => return (0, 0),
    };
    let long = collected.terms.iter().filter(|term| term.chars().nth(most).is_some());
    (long.count() as u64, most)
}

/// Writes the ids beside the output, unless they are `plain` to see. A file of ids that an earlier
/// output left there would be taken for this one's: it goes.
fn write_ids(
    collected: &mut Collected,
    plain: bool,
    beside: Option<&Path>,
) -> Result<Option<IdsWritten>> {
    let Some(output) = beside else {
        return Ok((!plain).then_some(IdsWritten::Nowhere));
    };
    let path = ids_file(output);
    if plain {
        remove(&path)?;
        return Ok(None);
    }
    let mut file = Output::open(Some(&path))?;
    collected.each(|_, _, id, _| {
        writeln!(file, "{id}").map_err(|error| Error::io(&ids_file(output), error))
    })?;
    file.finish()?;
    Ok(Some(IdsWritten::Beside(path)))
}

/// Writes the token table beside the output where the numbers are its own.
fn write_tokens(collected: &Collected, numbering: &Numbering, beside: Option<&Path>) -> Result<()> {
    match beside {
        Some(output) if numbering.is_own => numbering.write(collected, output),
        Some(output) => remove(&tokens_file(output)),
        None if numbering.is_own => Err(Error::Unfit {
            format: "standard output",
            what: "the token table that goes with these numbers".to_owned(),
            remedy: "give an --output FILE, or a table of yours with --tokens".to_owned(),
        }),
        None => Ok(()),
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path, error)),
        _ => Ok(()),
    }
}
