//! From rankings to figures: qrels, runs, metrics, significance tests and expected FLOPS.
//!
//! A search hands its hits to the run writer, and a run together with qrels becomes metrics that
//! equal trec_eval's to their printed digits.
//!
//! - [`Qrels`] reads judgments: TREC's four columns, BEIR's three with their header, or JSON.
//! - [`Run`] reads a run, TREC or MS MARCO, and orders it as trec_eval does: the rank column is
//!   ignored, scores fall, and equal scores are in falling docno order. [`write_trec`] and
//!   [`write_msmarco`] write one in that same order.
//! - [`Metric`] is a measure with its parameters, parsed from ir-measures' names (`RR(rel=2)@10`)
//!   or trec_eval's (`recall_1000`).
//! - [`evaluate()`] gives an [`Evaluation`]: a value per metric and topic, and their summary.
//! - [`ComparisonTable`] puts runs side by side and tests each against the first.
//! - [`RunAgreement`] says how alike two runs rank, without judgments: [`overlap`] and
//!   [`rank_biased_overlap`].
//! - [`GroundTruth`] reads BigANN's nearest documents of each query, and [`evaluate_neighbors`]
//!   gives the recall of a run against them.
//! - [`Fusion`] makes one ranking of several, by reciprocal ranks or by sums of scores.
//! - [`paired_t_test`] and [`randomization_test`] are those tests; [`expected_flops`] is the cost
//!   that SPLADE papers plot effectiveness against, and [`fit_line`] says what one unit of a cost
//!   takes.
//!
//! ```
//! use spork_eval::{Metric, Options, Qrels, Run, evaluate};
//!
//! let qrels = Qrels::from_judgments([("q1", "a", 1), ("q1", "b", 0)])?;
//! let run = Run::from_hits([("q1", "b", 2.0), ("q1", "a", 1.0)])?;
//! let metrics = Metric::parse_list("RR@10 R@1000")?;
//! let evaluation = evaluate(&qrels, &run, &metrics, Options::default())?;
//! assert_eq!(evaluation.summaries(), [0.5, 1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod agreement;
mod columns;
mod comparison;
mod error;
mod evaluate;
mod flops;
mod fusion;
mod ground_truth;
mod judged;
mod linear_fit;
mod measures;
mod metric;
mod parse;
mod qrels;
mod resampling;
mod run;
mod significance;
mod split;
mod true_neighbors;
mod write;

pub use agreement::{Move, RunAgreement, TopicAgreement, overlap, rank_biased_overlap};
pub use comparison::{Comparison, ComparisonTable, RunColumn};
pub use error::{Error, MetricError, MetricProblem, RecordError, Result, WriteError};
pub use evaluate::{Evaluation, Options, evaluate};
pub use flops::expected_flops;
pub use fusion::{Fusion, FusionError, FusionMethod, Normalization, topics_of};
pub use ground_truth::{GroundTruth, GroundTruthError, GroundTruthFault, Neighbor};
pub use linear_fit::{LinearFit, fit_line};
pub use metric::{Measure, Metric};
pub use qrels::{Judgments, Qrels};
pub use resampling::Resampling;
pub use run::{Ranking, Run, ScorePrecision};
pub use significance::{TTest, paired_t_test, randomization_test};
pub use split::SplitTopics;
pub use true_neighbors::evaluate_neighbors;
pub use write::{Score, write_msmarco, write_trec};
