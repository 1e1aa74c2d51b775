//! Which terms have a list in a window, and which list: a bit a term, found in one place.

use spork_core::TermId;

/// Terms of a group: as many bits as a cache line has beside a number.
const GROUP: usize = 480;
/// Bytes of a group, a cache line: lists before it, u32, and a bit a term.
pub(crate) const MAP_LINE: usize = 64;

/// The bytes of the map of `terms`, ascending.
pub(crate) fn encode(terms: &[TermId]) -> Vec<u8> {
    let groups = terms.last().map_or(0, |last| last.0 as usize / GROUP + 1);
    let mut map = vec![0u8; groups * MAP_LINE];
    for term in terms {
        let (group, bit) = (term.0 as usize / GROUP, term.0 as usize % GROUP);
        map[group * MAP_LINE + 4 + bit / 8] |= 1 << (bit % 8);
    }
    let mut before = 0u32;
    for group in map.chunks_exact_mut(MAP_LINE) {
        let lists: u32 = group[4..].iter().map(|byte| byte.count_ones()).sum();
        group[..4].copy_from_slice(&before.to_le_bytes());
        before += lists;
    }
    map
}

/// The map of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TermMap<'f> {
    groups: &'f [[u8; MAP_LINE]],
}

impl<'f> TermMap<'f> {
    pub(crate) fn new(groups: &'f [[u8; MAP_LINE]]) -> Self {
        Self { groups }
    }

    /// The cache line that holds the bit of `term`.
    #[inline]
    pub(crate) fn line(&self, term: TermId) -> &'f [u8] {
        self.groups.get(term.0 as usize / GROUP).map_or(&[], <[u8; MAP_LINE]>::as_slice)
    }

    /// The number of the list of `term`, if it has one.
    #[inline]
    pub(crate) fn find(&self, term: TermId) -> Option<usize> {
        let group = self.groups.get(term.0 as usize / GROUP)?;
        let bit = term.0 as usize % GROUP;
        let (number, bits) = parts(group);
        // The bit is in word (bit + 32) / 64 of the line, whose first half word is the number.
        let (word, within) = ((bit + 32) / 64, (bit + 32) % 64);
        let words = bits[word];
        if words >> within & 1 == 0 {
            return None;
        }
        let before: u32 = bits[..word].iter().map(|word| word.count_ones()).sum();
        let here = (words & ((1 << within) - 1)).count_ones();
        Some(number as usize + (before + here) as usize)
    }

    /// All terms that have a list, ascending.
    pub(crate) fn iter(self) -> impl Iterator<Item = TermId> + use<'f> {
        self.groups.iter().enumerate().flat_map(|(number, group)| {
            let has = move |bit: &usize| group[4 + bit / 8] >> (bit % 8) & 1 == 1;
            (0..GROUP).filter(has).map(move |bit| TermId((number * GROUP + bit) as u32))
        })
    }
}

/// Lists before a group, and its line as words with that number blanked out.
fn parts(group: &[u8; MAP_LINE]) -> (u32, [u64; 8]) {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(group.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    let number = words[0] as u32;
    words[0] &= !0 << 32;
    (number, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_term_is_found_at_its_number(terms in prop::collection::btree_set(0u32..3000, 0..400)) {
            let terms: Vec<TermId> = terms.into_iter().map(TermId).collect();
            let bytes = encode(&terms);
            let map = TermMap::new(bytes.as_chunks().0);
            prop_assert_eq!(map.iter().collect::<Vec<_>>(), terms.clone());
            for term in (0..3100).map(TermId) {
                prop_assert_eq!(map.find(term), terms.binary_search(&term).ok());
            }
        }
    }
}
