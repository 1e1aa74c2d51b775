//! The data of a run, and the batch of each step.

use std::path::Path;
use std::time::Instant;

use crate::config::{MlmConfig, Objective, SpladeConfig, TrainConfig};
use crate::error::{Result, TrainError};
use crate::examples::Examples;
use crate::inputs::{read_pairs, read_texts, read_triples};
use crate::neighbors;
use crate::random::{Purpose, stream};
use crate::sampler::Topics;
use crate::splade::{RankingBatch, TeacherScores};
use crate::teachers::{TeacherNetworks, Teachers};
use crate::texts::{TextId, Texts};
use crate::tokens::Tokens;

/// A topic has about so many runs of neighbors, so that each epoch puts others together.
const RUNS_A_TOPIC: usize = 20;

/// The data of a run.
pub(crate) enum TrainingData {
    /// Queries with documents, how many negatives each takes, and whether teachers' vectors are
    /// targets.
    Ranking { examples: Examples, negatives: usize, teachers: Teachers, targets: bool },
    /// Texts whose tokens are masked.
    Masking { texts: Texts },
}

/// The tokenized texts of a step.
pub(crate) enum StepBatch {
    /// Queries with their documents.
    Ranking(RankingBatch),
    /// Texts to be masked.
    Masking(Vec<Vec<u32>>),
}

impl TrainingData {
    /// Reads the files that the settings name. What teachers make of the texts is kept in the
    /// folder `kept`.
    pub(crate) fn read(
        config: &TrainConfig,
        networks: TeacherNetworks<'_>,
        kept: &Path,
    ) -> Result<Self> {
        match &config.objective {
            Objective::Splade(splade) => {
                let examples = read_examples(splade)?;
                let teachers = Teachers::prepare(&splade.teachers, &examples, networks, kept)?;
                let targets = splade.loss.vectors > 0.0;
                Ok(Self::Ranking { examples, negatives: splade.negatives, teachers, targets })
            }
            Objective::Mlm(mlm) => read_masking(mlm),
        }
    }

    /// How many examples or texts there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ranking { examples, .. } => examples.list.len(),
            Self::Masking { texts } => texts.len(),
        }
    }

    /// Documents from all over the data, at most so many.
    pub(crate) fn sample(&self, most: usize) -> Vec<&str> {
        let pick = |number: usize| match self {
            Self::Ranking { examples, .. } => examples
                .list
                .get(number)
                .map_or("", |example| examples.documents.get(example.positive)),
            Self::Masking { texts } => texts.get(TextId(number as u32)),
        };
        let step = (self.len() / most.max(1)).max(1);
        (0..self.len()).step_by(step).take(most).map(pick).collect()
    }

    /// Which examples come in a batch together, if the settings ask for neighbors.
    pub(crate) fn topics(&self, config: &TrainConfig) -> Result<Option<Topics>> {
        let Self::Ranking { examples, teachers, .. } = self else { return Ok(None) };
        if config.batch.neighbors < 2 {
            return Ok(None);
        }
        let queries: Vec<TextId> = examples.list.iter().map(|example| example.query).collect();
        let Some((values, width)) = teachers.embeddings(&queries) else { return Ok(None) };
        let run = config.batch.neighbors;
        let started = Instant::now();
        let of = neighbors::cluster(&values, width, run * RUNS_A_TOPIC, config.seed)?;
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!("topics of {} queries: {seconds:.0} s", queries.len());
        Ok(Some(Topics::new(of, run)))
    }

    /// The texts of a step, tokenized: examples by number, and others of which only the queries
    /// take part.
    pub(crate) fn batch(
        &self,
        numbers: &[usize],
        extra: &[usize],
        tokens: &Tokens<'_>,
        seed: u64,
        step: u64,
    ) -> Result<StepBatch> {
        match self {
            Self::Ranking { examples, negatives, teachers, targets } => {
                let mut drawn =
                    examples.draw(numbers, *negatives, &mut stream(seed, Purpose::Negatives, step));
                let own = drawn.queries.len();
                let extra = extra.iter().filter_map(|&number| examples.list.get(number));
                drawn.queries.extend(extra.map(|example| example.query));
                let queries: Vec<&str> =
                    drawn.queries.iter().map(|&id| examples.queries.get(id)).collect();
                let documents: Vec<&str> =
                    drawn.documents.iter().map(|&id| examples.documents.get(id)).collect();
                Ok(StepBatch::Ranking(RankingBatch {
                    queries: tokens.queries(&queries)?,
                    own,
                    documents: tokens.documents(&documents)?,
                    vectors: if *targets {
                        teachers.vectors(&drawn.queries, &drawn.documents)
                    } else {
                        Vec::new()
                    },
                    identities: drawn.documents.iter().map(|id| id.0).collect(),
                    teacher: match drawn.scores {
                        _ if !teachers.is_empty() => {
                            TeacherScores::All(teachers.scores(&drawn.queries, &drawn.documents))
                        }
                        scores if scores.is_empty() => TeacherScores::Unknown,
                        scores => TeacherScores::Own(scores),
                    },
                }))
            }
            Self::Masking { texts } => {
                let texts: Vec<&str> =
                    numbers.iter().map(|&number| texts.get(TextId(number as u32))).collect();
                Ok(StepBatch::Masking(tokens.documents(&texts)?))
            }
        }
    }
}

fn read_examples(splade: &SpladeConfig) -> Result<Examples> {
    let mut examples = Examples::default();
    splade.pairs.iter().try_for_each(|path| read_pairs(path, &mut examples))?;
    if let Some(triples) = &splade.triples {
        read_triples(triples, &mut examples)?;
    }
    let scored = splade.loss.distils() && splade.teachers.is_empty();
    let left_out = examples.keep_usable(splade.negatives, scored)?;
    if left_out > 0 {
        tracing::warn!(
            "{left_out} examples left out: fewer than {} negatives, or no scores",
            splade.negatives
        );
    }
    Ok(examples)
}

fn read_masking(mlm: &MlmConfig) -> Result<TrainingData> {
    let mut texts = Texts::default();
    mlm.texts.iter().try_for_each(|path| read_texts(path, &mut texts))?;
    if texts.is_empty() {
        return Err(TrainError::Data("objective.texts: no text in these files".to_owned()));
    }
    Ok(TrainingData::Masking { texts })
}
