//! Triples by id, as MS MARCO has them: `qid pid⁺ pid⁻ …`, with the texts in a collection and a
//! file of queries, and a teacher's scores as `qid pid score`. Only ids are held for each triple;
//! each text is held once.

use std::collections::HashMap;
use std::path::Path;

use rustc_hash::FxBuildHasher;
use spork_files::{Error, Line, LineError, Source, TextFormat, TextLine};

use crate::config::TriplesConfig;
use crate::error::Result;
use crate::examples::{Example, Examples};
use crate::texts::{TextId, Texts};

type Ids = HashMap<String, TextId, FxBuildHasher>;
type Scores = HashMap<(TextId, TextId), f32, FxBuildHasher>;

/// Adds the examples of these files.
///
/// # Errors
/// A file can't be read; a line is not as its format says, or names an id that is not there: with
/// its number.
pub fn read_triples(files: &TriplesConfig, examples: &mut Examples) -> Result<()> {
    let documents = read_collection(&files.collection, &mut examples.documents)?;
    let queries = read_collection(&files.queries, &mut examples.queries)?;
    let scores = match &files.scores {
        Some(path) => read_scores(path, &queries, &documents)?,
        None => Scores::default(),
    };
    each_line(&files.triples, |fields| {
        let [qid, positive, negatives @ ..] = fields else {
            return Err(LineError::columns("qid pid+ pid- …", &fields.join(" ")));
        };
        let query = known(&queries, qid, &files.queries)?;
        let positive = known(&documents, positive, &files.collection)?;
        let negatives: Vec<TextId> = negatives
            .iter()
            .map(|pid| known(&documents, pid, &files.collection))
            .collect::<std::result::Result<_, _>>()?;
        let score = |document: &TextId| scores.get(&(query, *document)).copied();
        let scored: Option<Vec<f32>> =
            std::iter::once(&positive).chain(&negatives).map(score).collect();
        examples.list.push(Example {
            query,
            positive,
            negatives,
            scores: scored.unwrap_or_default(),
        });
        Ok(())
    })
}

fn read_scores(path: &Path, queries: &Ids, documents: &Ids) -> Result<Scores> {
    let mut scores = Scores::default();
    each_line(path, |fields| {
        let [qid, pid, score] = fields else {
            return Err(LineError::columns("qid pid score", &fields.join(" ")));
        };
        let score: f32 =
            score.parse().ok().filter(|score: &f32| score.is_finite()).ok_or_else(|| {
                LineError::columns("qid pid score, a finite number", &fields.join(" "))
            })?;
        // Score files cover more than one set of triples; pairs that are not here are not looked
        // for.
        if let (Some(&query), Some(&document)) = (queries.get(*qid), documents.get(*pid)) {
            scores.insert((query, document), score);
        }
        Ok(())
    })?;
    Ok(scores)
}

fn known(ids: &Ids, id: &str, path: &Path) -> std::result::Result<TextId, LineError> {
    let unknown =
        || LineError::Json(format!("no {id:?} in {}; expected one of its ids", path.display()));
    ids.get(id).copied().ok_or_else(unknown)
}

fn read_collection(path: &Path, texts: &mut Texts) -> Result<Ids> {
    let mut source = Source::open(path)?;
    let format = TextFormat::detect(&mut source)?;
    let mut buffer = Vec::new();
    let mut ids = Ids::default();
    while let Some(line) = source.next_line(&mut buffer)? {
        let number = line.number;
        let text = TextLine::parse(format, line)
            .map_err(|error| Error::line(source.path(), number, error))?;
        ids.insert(text.id.into_owned(), texts.push(&text.text));
    }
    Ok(ids)
}

/// Hands the fields of each line to `take`.
fn each_line(
    path: &Path,
    mut take: impl FnMut(&[&str]) -> std::result::Result<(), LineError>,
) -> Result<()> {
    let mut source = Source::open(path)?;
    let mut buffer = Vec::new();
    while let Some(line) = source.next_line(&mut buffer)? {
        let Line { number, .. } = line;
        let taken = line.text().and_then(|text| take(&text.split_whitespace().collect::<Vec<_>>()));
        taken.map_err(|error| Error::line(source.path(), number, error))?;
    }
    Ok(())
}
