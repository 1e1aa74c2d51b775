//! The transformer encoder of BERT and DistilBERT: embeddings and post-layer-norm layers of
//! self-attention and feed-forward. Texts come unpadded, one after the other.
//!
//! States are floats between the parts; what a matrix multiplies is in the network's format. Rows
//! are padded to whole lines of bfloat16, and so are a head's numbers.

use std::marker::PhantomData;
use std::sync::Arc;

use spork_model::config::Activation;
use spork_model::{NetworkConfig, Precision};

use crate::attention::{Attention, AttentionScratch, Heads};
use crate::error::Result;
use crate::format::{Format, InFormat, in_format};
use crate::norm::{Norm, NormRows};
use crate::panels::{Dense, Parts};
use crate::product::{Finish, Product, ProductIn, Target};
use crate::simd::{LANES, Level, Line, room};
use crate::tensors::Packer;

/// Rows that go through the feed-forward part together, so that what is inside of it stays in the
/// second-level cache.
const BLOCK: usize = 112;

/// Embeddings and layers.
pub(crate) struct Transformer {
    level: Level,
    precision: Precision,
    /// A token's state.
    row: Parts,
    /// The word embedding, [vocabulary, width].
    words: Arc<Vec<f32>>,
    /// Position and token type embedding, [positions, width].
    positions: Vec<f32>,
    embedding_norm: Norm,
    heads: Heads,
    activation: Activation,
    layers: Vec<Layer>,
}

struct Layer {
    /// Queries, keys and values.
    project: Dense,
    attention_output: Dense,
    attention_norm: Norm,
    expand: Dense,
    contract: Dense,
    output_norm: Norm,
}

/// Memory of one worker, used again for each batch.
#[derive(Default)]
pub(crate) struct Scratch {
    /// States as floats.
    pub(crate) states: Vec<Line>,
    /// The same in the format, where that is not floats.
    copy: Vec<Line>,
    projected: Vec<Line>,
    context: Vec<Line>,
    inner: Vec<Line>,
    attention: AttentionScratch,
}

impl Transformer {
    pub(crate) fn new(config: &NetworkConfig, packer: &mut Packer) -> Result<Self> {
        let width = config.width as usize;
        let names = config.architecture.names();
        let row = Parts::whole(width);
        let words = packer.take(&format!("{}.weight", names.words))?;
        let mut positions = packer.take(&format!("{}.weight", names.positions))?;
        if let Some(name) = names.token_types {
            // Every token of a single text has token type 0.
            let types = packer.take(&format!("{name}.weight"))?;
            for position in positions.chunks_mut(width) {
                for (number, token_type) in position.iter_mut().zip(&types) {
                    *number += token_type;
                }
            }
        }
        let heads = Parts::new(config.heads as usize, width / config.heads as usize);
        let layers = (0..config.layers).map(|number| Layer::new(config, packer, number, heads));
        let layers = layers.collect::<Result<_>>()?;
        Ok(Self {
            level: packer.level,
            precision: packer.precision,
            row,
            words: Arc::new(words),
            positions,
            embedding_norm: packer.norm(names.embedding_norm, row, config.norm_epsilon)?,
            heads: Heads { count: heads.count, width: heads.width, sixteens: heads.padded / LANES },
            activation: config.activation,
            layers,
        })
    }

    /// Where the numbers of a state lie.
    pub(crate) fn row(&self) -> Parts {
        self.row
    }

    /// The word embedding, [vocabulary, width].
    pub(crate) fn words(&self) -> &Arc<Vec<f32>> {
        &self.words
    }

    /// Puts the states after the last layer into [`Scratch::states`]: a row a token, as floats.
    pub(crate) fn run(&self, texts: &[&[u32]], scratch: &mut Scratch) {
        in_format(self.precision, Run { transformer: self, texts, scratch });
    }

    /// x·Wᵀ + b of the states that [`Self::run`] left, and then the activation: floats.
    pub(crate) fn transform(&self, dense: &Dense, count: usize, scratch: &mut Scratch) {
        in_format(self.precision, Transform { transformer: self, dense, count, scratch });
    }

    fn embed<F: Format>(&self, texts: &[&[u32]], states: &mut [Line], copy: Option<&mut [Line]>) {
        let (width, sixteens) = (self.row.width, self.row.sixteens());
        let mut rows = states.chunks_exact_mut(sixteens);
        let tokens = texts.iter().flat_map(|ids| ids.iter().zip(self.positions.chunks(width)));
        for ((&id, position), row) in tokens.zip(&mut rows) {
            let word = &self.words[id as usize * width..][..width];
            for ((line, word), position) in
                row.iter_mut().zip(word.chunks(LANES)).zip(position.chunks(LANES))
            {
                for ((lane, word), position) in line.0.iter_mut().zip(word).zip(position) {
                    *lane = (word + position).to_bits();
                }
            }
        }
        self.normalize::<F>(&self.embedding_norm, states, copy);
    }

    fn normalize<F: Format>(&self, norm: &Norm, rows: &mut [Line], copy: Option<&mut [Line]>) {
        self.level.run(NormRows::<F> { norm, rows, copy, format: PhantomData });
    }

    fn product<F: Format>(
        &self,
        rows: &[Line],
        dense: &Dense,
        finish: Finish<'_>,
        out: &mut [Line],
        out_stride: usize,
    ) {
        let panels = dense.panels();
        let stride = panels.depth;
        let count = rows.len() / stride;
        let finish = Finish { bias: Some(dense.bias()), ..finish };
        let product = Product { rows, stride, count, panels, finish, out, out_stride };
        self.level.run(ProductIn::<F>(product, PhantomData));
    }

    /// From states to states.
    fn layer<F: Format>(&self, layer: &Layer, texts: &[&[u32]], scratch: &mut Scratch) {
        let count: usize = texts.iter().map(|ids| ids.len()).sum();
        let sixteens = self.row.sixteens();
        let head_row = self.heads.count * F::lines(self.heads.sixteens);
        let state_row = F::lines(sixteens);
        let Scratch { states, copy, projected, context, inner, attention } = scratch;
        let states = &mut states[..count * sixteens];
        let copies = F::PER_WORD > 1;
        let copy = if copies { &mut copy[..count * state_row] } else { &mut [] };
        let projected = room(projected, count * 3 * head_row);
        let context = room(context, count * head_row);
        let in_format = Finish { target: Target::Format, ..Finish::default() };
        let residual = Finish { target: Target::Residual, ..Finish::default() };

        let input = if copies { &*copy } else { &*states };
        self.product::<F>(input, &layer.project, in_format, projected, 3 * head_row);
        let mut first = 0;
        for ids in texts {
            let tokens = ids.len();
            let attention = Attention::<F> {
                heads: self.heads,
                tokens,
                projected: &projected[first * 3 * head_row..][..tokens * 3 * head_row],
                out: &mut context[first * head_row..][..tokens * head_row],
                scratch: attention,
                format: PhantomData,
            };
            attention.run(self.level);
            first += tokens;
        }
        let inner_row = layer.contract.panels().depth;
        let expanded = Finish { activation: Some(self.activation), ..in_format };
        for first in (0..count).step_by(BLOCK) {
            let rows = first..count.min(first + BLOCK);
            let states = &mut states[rows.start * sixteens..rows.end * sixteens];
            let mut copy = copies.then(|| &mut copy[rows.start * state_row..rows.end * state_row]);
            let context = &context[rows.start * head_row..rows.end * head_row];
            let inner = room(inner, rows.len() * inner_row);
            self.product::<F>(context, &layer.attention_output, residual, states, sixteens);
            self.normalize::<F>(&layer.attention_norm, states, copy.as_deref_mut());
            let input = copy.as_deref().unwrap_or(states);
            self.product::<F>(input, &layer.expand, expanded, inner, inner_row);
            self.product::<F>(inner, &layer.contract, residual, states, sixteens);
            self.normalize::<F>(&layer.output_norm, states, copy);
        }
    }
}

impl Layer {
    fn new(config: &NetworkConfig, packer: &mut Packer, number: i64, heads: Parts) -> Result<Self> {
        let names = config.architecture.layer_names(number);
        let row = Parts::whole(config.width as usize);
        let inner = Parts::whole(config.feed_forward as usize);
        let projections = Parts { count: 3 * heads.count, ..heads };
        let epsilon = config.norm_epsilon;
        Ok(Self {
            project: packer.dense(&[&names.query, &names.key, &names.value], row, projections)?,
            attention_output: packer.dense(&[&names.attention_output], heads, row)?,
            attention_norm: packer.norm(&names.attention_norm, row, epsilon)?,
            expand: packer.dense(&[&names.expand], row, inner)?,
            contract: packer.dense(&[&names.contract], inner, row)?,
            output_norm: packer.norm(&names.output_norm, row, epsilon)?,
        })
    }
}

/// [`Transformer::run`] in a format.
struct Run<'r> {
    transformer: &'r Transformer,
    texts: &'r [&'r [u32]],
    scratch: &'r mut Scratch,
}

impl InFormat for Run<'_> {
    type Output = ();

    fn run<F: Format>(self) {
        let Self { transformer, texts, scratch } = self;
        let count: usize = texts.iter().map(|ids| ids.len()).sum();
        let sixteens = transformer.row.sixteens();
        let states = room(&mut scratch.states, count * sixteens);
        // What pads a row.
        states.fill(Line::ZERO);
        let copy = (F::PER_WORD > 1).then(|| room(&mut scratch.copy, count * F::lines(sixteens)));
        transformer.embed::<F>(texts, states, copy);
        for layer in &transformer.layers {
            transformer.layer::<F>(layer, texts, scratch);
        }
    }
}

/// [`Transformer::transform`] in a format.
struct Transform<'r> {
    transformer: &'r Transformer,
    dense: &'r Dense,
    count: usize,
    scratch: &'r mut Scratch,
}

impl InFormat for Transform<'_> {
    type Output = ();

    fn run<F: Format>(self) {
        let Self { transformer, dense, count, scratch } = self;
        let sixteens = transformer.row.sixteens();
        let finish = Finish { activation: Some(transformer.activation), ..Finish::default() };
        let out = room(&mut scratch.context, count * sixteens);
        if F::PER_WORD > 1 {
            let input = &scratch.copy[..count * F::lines(sixteens)];
            transformer.product::<F>(input, dense, finish, out, sixteens);
        } else {
            let input = &scratch.states[..count * sixteens];
            transformer.product::<F>(input, dense, finish, out, sixteens);
        }
        std::mem::swap(&mut scratch.context, &mut scratch.states);
    }
}
