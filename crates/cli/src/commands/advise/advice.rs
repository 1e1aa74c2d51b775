//! What is said of the choices.

use std::io::Write;

use anyhow::Result;

use super::front::front;
use super::shell::quoted;
use super::trial::Trial;
use crate::args::AdviseArgs;
use crate::text_table::{Align, TextTable};

/// What is asked and said.
pub(super) struct Advice<'a> {
    pub(super) args: &'a AdviseArgs,
    /// What quality is: a metric, or recall.
    pub(super) quality: &'a str,
    /// The options that each `spork index` gets beside those of its choice.
    pub(super) kept: &'a str,
}

impl Advice<'_> {
    /// Writes, for each cutoff, a table of the choices that nothing beats and of what is, and below
    /// it the commands.
    pub(super) fn write(&self, output: &mut impl Write, trials: &[Trial]) -> Result<()> {
        for (number, &k) in self.args.k.iter().enumerate() {
            if number > 0 {
                writeln!(output)?;
            }
            let at_k: Vec<Trial> = trials.iter().filter(|trial| trial.k == k).cloned().collect();
            self.write_cutoff(output, k, &at_k)?;
        }
        Ok(())
    }

    fn write_cutoff(&self, output: &mut impl Write, k: usize, trials: &[Trial]) -> Result<()> {
        let places = front(trials);
        let (best, all) = (places.len(), trials.len());
        writeln!(output, "k = {k}: {best} of {all} choices are beaten by none")?;
        writeln!(output)?;
        let right = Align::Right;
        let head = [("", right), (self.quality, right), ("±", right), ("MB", right), ("µs", right)];
        let head = [&head[..], &[("±", right), ("index", Align::Left), ("search", Align::Left)]];
        let mut table = TextTable::new(&head.concat());
        // The first is the index as it is, searched as asked.
        let now = trials.first().filter(|_| !places.contains(&0));
        table_rows(&mut table, now.into_iter().map(|trial| ("now".to_owned(), trial)));
        let numbered = places.iter().zip(1..).map(|(&place, number)| {
            let name = if place == 0 { format!("now {number}") } else { number.to_string() };
            (name, &trials[place])
        });
        table_rows(&mut table, numbered);
        table.write(output)?;
        writeln!(output)?;
        for (&place, number) in places.iter().zip(1..) {
            writeln!(output, "{number}: {}", command(self.args, self.kept, &trials[place]))?;
        }
        Ok(())
    }
}

fn table_rows<'t>(table: &mut TextTable, rows: impl Iterator<Item = (String, &'t Trial)>) {
    for (name, trial) in rows {
        table.push(vec![
            name,
            format!("{:.4}", trial.quality.mean),
            format!("{:.4}", trial.quality.spread()),
            format!("{:.2}", trial.bytes as f64 / 1e6),
            format!("{:.1}", trial.micros.mean),
            format!("{:.1}", trial.micros.spread()),
            trial.index.clone().unwrap_or_else(|| "as it is".to_owned()),
            trial.search.clone(),
        ]);
    }
}

/// The command line that makes a choice.
fn command(args: &AdviseArgs, kept: &str, trial: &Trial) -> String {
    let mut line = String::new();
    let mut index = args.index.display().to_string();
    if let Some(flags) = &trial.index {
        let own = args.input.is_empty() && args.bm25.is_empty();
        if own {
            line += &format!("spork export --index {} --output vectors.svec && ", quoted(&index));
        }
        let of = |flag: &str, files: &[std::path::PathBuf]| match files {
            [] => String::new(),
            files => {
                let files = files.iter().map(|file| quoted(&file.display().to_string()));
                format!(" {flag} {}", files.collect::<Vec<_>>().join(" "))
            }
        };
        let input =
            if own { " --input vectors.svec".to_owned() } else { of("--input", &args.input) };
        index += ".advised";
        let bm25 = of("--bm25", &args.bm25);
        let output = quoted(&index);
        line += &format!("spork index{input}{bm25} {flags}{kept} --output {output} && ");
    }
    let search = if trial.search.is_empty() { "" } else { " " };
    line + &format!(
        "spork search --index {}{}{search}{} --k {} --output run.trec",
        quoted(&index),
        queries(args, &trial.search),
        trial.search,
        trial.k
    )
}

/// The options that name the queries and weigh them as was asked, unless `search` says otherwise.
fn queries(args: &AdviseArgs, search: &str) -> String {
    let queries = &args.queries;
    let tokens = queries.encoder.query_tokens.as_deref().map(|tokens| match tokens {
        "" => " --query-tokens".to_owned(),
        file => format!(" --query-tokens={}", quoted(file)),
    });
    let path = |path: &std::path::PathBuf| path.display().to_string();
    [
        ("--topics", queries.topics.as_ref().map(path)),
        ("--beir", queries.beir.beir.as_ref().map(path)),
        ("--vectors", queries.vectors.as_ref().map(path)),
        ("--model", queries.model.clone()),
        ("--query-model", queries.query_model.clone()),
        ("--query-idf", queries.query_idf.map(|power| power.to_string())),
        ("--mix", queries.mix.as_ref().map(ToString::to_string)),
    ]
    .into_iter()
    .filter(|(flag, _)| !search.contains(flag))
    .filter_map(|(flag, value)| Some(format!(" {flag} {}", quoted(&value?))))
    .chain(tokens)
    .collect()
}
