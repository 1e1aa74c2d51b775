//! `spork inspect --model`: the words that a model sees in a text.

use std::io::Write;

use anyhow::{Context, Result};
use spork::args::InspectArgs;
use spork_files::Output;

use crate::encoder::{TextEncoder, kind};

/// The bag of words that the model makes of a text: what stands in the text, and what it adds.
pub(crate) fn run(args: &InspectArgs, model: &str) -> Result<()> {
    let text = args.text.as_deref().context("a text to encode is needed after --model DIR")?;
    let encoder = TextEncoder::open(model, kind(args.kind), &args.encoder)?;
    let mut words = encoder.words(text)?;
    words.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
    let lexical = words.iter().filter(|word| word.lexical).count();
    let mut output = Output::open(None)?;
    writeln!(output, "{} terms: {lexical} of the text, {} expansion", words.len(), words.len() - lexical)?;
    for word in &words {
        let origin = if word.lexical { "text" } else { "expansion" };
        writeln!(output, "{:.3}\t{}\t{origin}", word.weight, word.term)?;
    }
    Ok(output.finish()?)
}
