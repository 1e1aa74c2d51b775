//! Masked-language-model training (Devlin et al. 2018), which warms up a head: of the chosen tokens
//! 80 % are masked, 10 % replaced and 10 % left, and the model predicts the original ones. Logits
//! are computed at those tokens only.

use spork_core::Random;
use spork_encoder_torch::batch::Batch;
use tch::{Kind, Reduction, Tensor};

use crate::config::BatchConfig;
use crate::error::{Result, TrainError};
use crate::grad_cache::by_length;
use crate::log::StepRecord;
use crate::random::{Purpose, stream, torch_seed};
use crate::splade::value;
use crate::student::Student;
use crate::tokens::Tokens;

/// The tokens that masking has to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaskTokens {
    /// The id of `[MASK]`.
    mask: u32,
    /// Number of special tokens at the start of a text, which are never masked.
    before: usize,
    /// Number of special tokens at the end of a text, which are never masked.
    after: usize,
    /// Number of ids.
    vocabulary: usize,
}

impl MaskTokens {
    /// Those of a run's tokenizer.
    ///
    /// # Errors
    /// It has no `[MASK]`.
    pub(crate) fn new(tokens: &Tokens<'_>) -> Result<Self> {
        let mask = tokens.tokenizer.id("[MASK]").ok_or_else(|| {
            TrainError::Data(
                "the tokenizer has no [MASK], which masked-language-model training needs"
                    .to_owned(),
            )
        })?;
        let frame = tokens.tokenizer.frame_length();
        let vocabulary = tokens.tokenizer.tokens().len();
        Ok(Self { mask, before: frame.div_ceil(2), after: frame / 2, vocabulary })
    }
}

/// The objective of masked language modeling.
#[derive(Debug)]
pub(crate) struct Masking {
    pub(crate) share: f64,
    pub(crate) tokens: MaskTokens,
    pub(crate) batch: BatchConfig,
}

/// Texts with some tokens masked.
struct Masked {
    texts: Vec<Vec<u32>>,
    /// By text: the positions that were chosen and their original tokens.
    chosen: Vec<Vec<(usize, u32)>>,
}

impl Masking {
    /// Adds the gradients of a step to the student's variables, and returns its record.
    pub(crate) fn step(
        &self,
        student: &Student,
        texts: &[Vec<u32>],
        seed: u64,
    ) -> Result<StepRecord> {
        let masked = self.mask(texts, &mut stream(seed, Purpose::Mask, 0));
        let count: usize = masked.chosen.iter().map(Vec::len).sum();
        let mut record = StepRecord { texts: texts.len(), ..StepRecord::default() };
        for (number, part) in by_length(&masked.texts, self.batch.tokens).iter().enumerate() {
            tch::manual_seed(torch_seed(seed, Purpose::Dropout, number as u64));
            let Some(loss) = self.loss(student, &masked, part)? else { continue };
            let loss = loss.f_div_scalar(count.max(1) as f64)?;
            loss.f_backward()?;
            record.loss += value(&loss)?;
        }
        Ok(record)
    }

    /// The summed loss of a part; none where no token was chosen.
    fn loss(&self, student: &Student, masked: &Masked, part: &[usize]) -> Result<Option<Tensor>> {
        let rows: Vec<&[u32]> = part.iter().map(|&text| masked.texts[text].as_slice()).collect();
        let tokens = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let (mut places, mut answers) = (Vec::new(), Vec::new());
        for (row, &text) in part.iter().enumerate() {
            for &(position, answer) in &masked.chosen[text] {
                places.push((row * tokens + position) as i64);
                answers.push(i64::from(answer));
            }
        }
        if places.is_empty() {
            return Ok(None);
        }
        let network = student.network()?;
        let batch = Batch::new(&rows, student.device)?;
        let states = network.transformer().states_with_dropout(&batch, student.dropout)?;
        let places = Tensor::f_from_slice(&places)?.f_to_device(student.device)?;
        let answers = Tensor::f_from_slice(&answers)?.f_to_device(student.device)?;
        let states = states.f_flatten(0, 1)?.f_index_select(0, &places)?;
        let head = network.head();
        let logits = head
            .logits(&head.transform(&states)?, 0..head.vocabulary()?)?
            .f_to_kind(Kind::Float)?;
        Ok(Some(logits.f_cross_entropy_loss::<Tensor>(
            &answers,
            None,
            Reduction::Sum,
            -100,
            0.0,
        )?))
    }

    fn mask(&self, texts: &[Vec<u32>], random: &mut Random) -> Masked {
        let MaskTokens { mask, before, after, vocabulary } = self.tokens;
        let (mut chosen, mut changed) = (Vec::new(), Vec::new());
        for text in texts {
            let mut ids = text.clone();
            let mut answers = Vec::new();
            let own = text.len().saturating_sub(before + after);
            for (position, id) in ids.iter_mut().enumerate().skip(before).take(own) {
                if random.unit() >= self.share {
                    continue;
                }
                answers.push((position, *id));
                let fate = random.unit();
                if fate < 0.8 {
                    *id = mask;
                } else if fate < 0.9 {
                    *id = random.below(vocabulary) as u32;
                }
            }
            chosen.push(answers);
            changed.push(ids);
        }
        Masked { texts: changed, chosen }
    }
}
