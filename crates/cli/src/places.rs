//! What a command line names as input and as output, so that no command destroys the one with the
//! other, or replaces what took hours without being told to.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Arg, ArgMatches, Command, ValueHint};
use spork_files::{BeirFolder, Place, Source, check_places};
use spork_search::encoder_file;
use spork_vectors::has_mark;

/// Arguments that name outputs; every other argument that is a path names inputs.
const OUTPUTS: &[&str] =
    &["output", "stats", "json", "per_query_output", "tsv", "explanations", "plot"];
/// Arguments that may name inputs and are no paths: models are also known by Hub ids.
const NAMED_INPUTS: &[&str] = &["model", "query_model", "teacher", "query_tokens"];
/// Commands whose output takes hours, whatever it holds, and the argument that makes it so.
const LONG: &[(&str, Option<&str>)] = &[("encode", None), ("mine", Some("teacher"))];
/// A training run fills a folder, resumes it, and refuses one that holds another run; its settings
/// may lie in it.
const IN_PLACE: &str = "train";

/// Checks the places that a command line names.
///
/// # Errors
/// An output that is an input, or that replaces what took hours without `--force`.
pub(crate) fn check(program: &Command, matches: &ArgMatches) -> Result<()> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    let Some(command) = program.find_subcommand(name) else { return Ok(()) };
    if name == IN_PLACE {
        return Ok(());
    }
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for argument in command.get_arguments() {
        let Some(role) = Role::of(argument) else { continue };
        let id = argument.get_id().as_str();
        let flag = format!("--{}", id.replace('_', "-"));
        let given = matches.try_get_raw(id).ok().flatten().into_iter().flatten();
        let mut paths: Vec<&OsStr> = given.collect();
        if paths.is_empty() && id == "output" {
            paths.push(OsStr::new("-"));
        }
        let places = if role == Role::Output { &mut outputs } else { &mut inputs };
        let paths = paths.into_iter().map(PathBuf::from);
        // Outputs may lie beside the files of a BEIR folder.
        let paths = paths.flat_map(|path| match id {
            "beir" => BeirFolder::places(&path),
            _ => vec![path],
        });
        places.extend(paths.map(|path| (flag.clone(), path)));
    }
    check_places(&places(&inputs), &places(&outputs))?;
    let flag = |id| matches!(matches.try_get_one::<bool>(id), Ok(Some(true)));
    if !flag("force") && !flag("resume") {
        let can_force = command.get_arguments().any(|argument| argument.get_id() == "force");
        let given = |id: &Option<&str>| id.is_none_or(|id| matches.contains_id(id));
        let long = LONG.iter().any(|(command, argument)| *command == name && given(argument));
        for (_, path) in &outputs {
            check_finished(path, long, can_force)?;
        }
    }
    check(command, matches)
}

fn places(named: &[(String, PathBuf)]) -> Vec<Place<'_>> {
    named.iter().map(|(name, path)| Place { name, path }).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Input,
    Output,
}

impl Role {
    fn of(argument: &Arg) -> Option<Self> {
        let id = argument.get_id().as_str();
        if argument.get_value_hint() == ValueHint::AnyPath {
            Some(if OUTPUTS.contains(&id) { Self::Output } else { Self::Input })
        } else {
            NAMED_INPUTS.contains(&id).then_some(Self::Input)
        }
    }
}

/// Refuses to replace a file of vectors, or, where the command takes `long`, any file.
fn check_finished(path: &Path, long: bool, can_force: bool) -> Result<()> {
    if !path.metadata().is_ok_and(|file| file.is_file() && file.len() > 0) {
        return Ok(());
    }
    // What can't be read, such as a picture, holds none.
    let binary = |mut source| has_mark(&mut source).unwrap_or(false);
    let vectors = encoder_file(path).is_file() || Source::open(path).is_ok_and(binary);
    if !vectors && !long {
        return Ok(());
    }
    let what = if vectors { "holds vectors" } else { "is there already" };
    let remedy = if can_force { "replace it with --force, or give" } else { "remove it, or give" };
    bail!("{} {what}, perhaps hours of work; {remedy} another --output", path.display())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::args::Args;

    fn roles(command: &Command, roles: &mut BTreeSet<(String, &'static str)>) {
        for argument in command.get_arguments() {
            match Role::of(argument) {
                Some(Role::Input) => roles.insert((argument.get_id().to_string(), "input")),
                Some(Role::Output) => roles.insert((argument.get_id().to_string(), "output")),
                None => false,
            };
        }
        command.get_subcommands().for_each(|command| self::roles(command, roles));
    }

    /// A new argument that is a path shows here: is it an output?
    #[test]
    fn every_path_of_the_command_line_has_its_role() {
        let mut found = BTreeSet::new();
        roles(&Args::command(), &mut found);
        let inputs = [
            "beir",
            "bm25",
            "config",
            "corpus",
            "docnos",
            "evaluations",
            "index",
            "input",
            "like",
            "model",
            "models",
            "pairs",
            "qrels",
            "query_model",
            "query_tokens",
            "records",
            "reference",
            "run",
            "teacher",
            "tokens",
            "topics",
            "truth",
            "vectors",
            "vocabulary",
        ];
        let keys: &[&str] =
            if cfg!(feature = "serve") { &["admin_key_file", "read_key_file"] } else { &[] };
        let outputs =
            ["explanations", "json", "output", "per_query_output", "plot", "stats", "tsv"];
        let inputs = inputs.iter().chain(keys);
        let expected = inputs.map(|id| ((*id).to_owned(), "input"));
        let expected: BTreeSet<_> =
            expected.chain(outputs.map(|id| (id.to_owned(), "output"))).collect();
        assert_eq!(found, expected);
    }
}
