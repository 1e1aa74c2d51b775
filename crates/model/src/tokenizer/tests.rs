//! A text in pieces has the tokens of the text as a whole.

use std::path::Path;

use proptest::prelude::*;
use tokenizers::Tokenizer;

use super::*;

fn golden(name: &str) -> TextTokenizer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    TextTokenizer::open(&folder, false).unwrap()
}

/// The same tokenizer with further tokens.
fn with_tokens(name: &str, tokens: &[&str]) -> TextTokenizer {
    let mut tokenizer = golden(name);
    let added = tokens.iter().map(|token| tokenizers::AddedToken::from(*token, false));
    tokenizer.inner.add_tokens(added).unwrap();
    tokenizer.cutter = Cutter::of(&tokenizer.inner);
    tokenizer
}

/// The same tokenizer, which keeps accents and does not clean.
fn unstripped(name: &str) -> TextTokenizer {
    let mut tokenizer = golden(name);
    let normalizer = tokenizers::normalizers::BertNormalizer::new(false, true, Some(false), true);
    tokenizer.inner.with_normalizer(Some(normalizer)).unwrap();
    tokenizer.cutter = Cutter::of(&tokenizer.inner);
    tokenizer
}

fn whole(inner: &Tokenizer, text: &str) -> Vec<u32> {
    inner.encode_fast(text, false).unwrap().get_ids().to_vec()
}

/// Parts of texts: words, the characters around which BERT splits, those that vanish or change in
/// its normalizer, special tokens and pieces of them.
const PARTS: [&str; 46] = [
    "the", "quick", "Brown", "fox", "é", "É", "naïve", "ß", "İ", "a", "7", " ", "  ", "\t", "\n",
    "\u{a0}", "\u{3000}", "\u{2028}", "\u{85}", "\u{b}", "\u{200b}", "\u{feff}", "\0", "\u{fffd}",
    "\u{301}", "中", "文", "。", ".", ",", "-", "[", "]", "[MASK]", "[MA", "##", "ガ", "ก", "한",
    "Ж", "ั", "์", "اَ", "क", "्", "\u{3099}",
];

fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => prop::sample::select(&PARTS[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => (prop::sample::select(&["a", "ガ", "é", "7x", "[", "\u{301}", "\0", "\u{200b}", "ดี", "क्"][..]), 90usize..260)
            .prop_map(|(part, times)| part.repeat(times)),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn pieces_have_the_tokens_of_the_whole(
        text in texts(),
        piece in 1usize..200,
        most in 0usize..80,
    ) {
        let tokenizers = [
            golden("bert-tied"),
            golden("bert-untied-bin"),
            with_tokens("bert-tied", &["fox##", "##the", "[x]"]),
            with_tokens("bert-tied", &["axa"]),
            unstripped("bert-tied"),
        ];
        for mut tokenizer in tokenizers {
            prop_assert!(tokenizer.cutter.is_some());
            let expected = whole(&tokenizer.inner, &text);
            let most = most.min(expected.len());
            prop_assert_eq!(&tokenizer.bare_by(&text, usize::MAX, piece).unwrap(), &expected);
            prop_assert_eq!(&tokenizer.bare_by(&text, most, piece).unwrap(), &expected[..most]);
            tokenizer.keeps_end = true;
            let end = &expected[expected.len() - most..];
            prop_assert_eq!(&tokenizer.bare_by(&text, most, piece).unwrap(), end);
        }
    }
}

#[test]
fn a_word_without_end_is_cut_short() {
    let tokenizer = golden("bert-tied");
    let cutter = tokenizer.cutter.as_ref().unwrap();
    for part in ["ab", "ガ", "สวัสดี", "e\u{301}", "\u{301}", "\0", "["] {
        let text = format!("x{} fox", part.repeat(30_000));
        let (mut rest, mut longest) = (text.as_str(), 0);
        while !rest.is_empty() {
            let (piece, after) = cutter.split(rest, 100);
            (rest, longest) = (after, longest.max(piece.len()));
        }
        assert!(longest < 1_000, "{part:?}: {longest}");
        let expected = whole(&tokenizer.inner, &text);
        assert_eq!(tokenizer.bare(&text, usize::MAX).unwrap(), expected, "{part:?}");
    }
}

#[test]
fn tokens_that_depend_on_their_surroundings_keep_a_text_whole() {
    assert!(with_tokens("bert-tied", &["new york"]).cutter.is_none());
    assert!(with_tokens("bert-tied", &["köln"]).cutter.is_none());
    let mut tokenizer = golden("bert-tied");
    let word = tokenizers::AddedToken::from("fox", false).single_word(true);
    tokenizer.inner.add_tokens([word]).unwrap();
    assert!(Cutter::of(&tokenizer.inner).is_none());
}
