//! Which texts share a batch: texts of similar length, so that little of a batch is padding.

/// Texts of a small batch at most: bounds the [texts, vocabulary] matrix of weights, 31 MB at
/// 30,522 terms.
const MOST_TEXTS: usize = 256;
/// In a large batch, a text for so many tokens at most.
const LEAST_TOKENS_A_TEXT: usize = 32;

fn most_texts(budget: usize) -> usize {
    MOST_TEXTS.max(budget / LEAST_TOKENS_A_TEXT)
}

/// Groups texts of the given lengths into batches of at most `budget` tokens, padding counted (a
/// longer text has a batch of its own); texts without tokens are in none. Longest first, so that
/// memory is allocated at the start; equal lengths keep their order.
pub(crate) fn batches(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).filter(|&text| lengths[text] > 0).collect();
    order.sort_by_key(|&text| std::cmp::Reverse(lengths[text]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut longest = 0;
    for text in order {
        match batches.last_mut() {
            Some(batch)
                if batch.len() < most_texts(budget) && longest * (batch.len() + 1) <= budget =>
            {
                batch.push(text);
            }
            _ => {
                longest = lengths[text];
                batches.push(vec![text]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_once_within_the_budget(
            lengths in prop::collection::vec(0usize..50, 0..600),
            budget in 0usize..20_000,
        ) {
            let batches = batches(&lengths, budget);
            let mut seen: Vec<usize> = batches.concat();
            seen.sort_unstable();
            let texts = (0..lengths.len()).filter(|&text| lengths[text] > 0);
            prop_assert_eq!(seen, texts.collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|&text| lengths[text]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || longest * batch.len() <= budget);
                prop_assert!(batch.len() <= most_texts(budget));
            }
        }
    }
}
