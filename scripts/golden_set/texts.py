"""A small vocabulary, and awkward texts."""

import string

SPECIALS = [
    "[PAD]",
    "[unused0]",
    "[unused1]",
    "[unused2]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[unused3]",
]

WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
one you were her all she there would their we him been has when who will more no if out so said what up its about
into than them can only other new some could time these two may then do first any my now such like our over man me
even most made after also did many before must through back years where much your way well down should because each
just those people how too little state good very make world still own see men work long here get both between life
being under never day same another know while last might us great old year off come since against go came right
used take three search query document index vector sparse term weight score rank token model learn network language
text word neural retrieval engine memory fast small large number result cell blood protein disease gene study
water energy light heat space star planet ocean river city history music art law market price trade bank money
quick brown fox jump lazy dog cat tree house book read write run walk
""".split()

SUFFIXES = """
s es ed ing er est ly ion tion ation ness ment able ible al ial ic ical ous ious ive ity ty y ful less ism ist ize
ise en ant ent ance ence age ary ory ure th ment ward wise ship hood dom
""".split()

# Characters of other scripts as a word's start and as its continuation; Hangul in the parts that NFD leaves.
OTHER_LETTERS = "αβγδεζηικλνοστςабвеёиклмнопрстцфшاليعربةمحركثשלוםहिनदीลภาษไยがのすアンé"
JAMO = "\u1112\u1161\u11ab\u1100\u116e\u11a8"
IDEOGRAPHS = "的中国文人大学日本語検索检引擎"
SYMBOLS = "–—’“”…€°µ×→😀"


def vocabulary():
    """A WordPiece vocabulary: small, but with every kind of entry that a real one has."""
    alphanumeric = string.ascii_lowercase + string.ascii_uppercase + string.digits
    starts = [
        *string.punctuation,
        *SYMBOLS,
        *alphanumeric,
        *OTHER_LETTERS,
        *JAMO,
        *IDEOGRAPHS,
        *WORDS,
    ]
    continuations = [*alphanumeric, *OTHER_LETTERS, *JAMO, *SUFFIXES]
    return list(dict.fromkeys([*SPECIALS, *starts, *("##" + piece for piece in continuations)]))


def long_text():
    """Ten thousand words of the vocabulary, by a linear congruential generator."""
    state, words = 1, []
    for _ in range(10_000):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        words.append(WORDS[(state >> 16) % len(WORDS)])
    return " ".join(words)


def texts():
    """What goes through every model. The order is part of the golden files: append only."""
    return [
        "",
        " \t\n ",
        "search",
        "The quick brown fox jumps over the lazy dog.",
        "what is a sparse vector?",
        "Learned sparse retrieval gives each document a weight for every term of the language model, so an "
        "inverted index can search it.",
        "Protein-protein interactions in blood cells (n=42) were studied; p<0.05, 95% CI: 1.2-3.4!",
        "don't can't won't it's “quoted” – dashed — and … dotted",
        "NEURAL RETRIEVAL, Neural Retrieval, nEuRaL rEtRiEvAl",
        "Café résumé naïve Ångström São Paulo e\u0301te\u0301 İstanbul straße ﬁre Ǆ ＡＢＣ１２３",
        "中国的搜索引擎 and 日本語の検索 mixed with English",
        "محرك البحث العربي שלום",
        "поиск информации και αναζήτηση",
        "한국어 हिन्दी ภาษาไทย",
        "I 😀 search 🙂👩\u200d🔬🇫🇷 ☃",
        "nul\u0000byte zero\u200bwidth soft\u00adhyphen bom\ufeff bad\ufffd tab\there bell\u0007 del\u007f",
        "no\u00a0break ideographic\u3000space line\u2028separator para\u2029graph rtl\u200f mark",
        "the capital of [MASK] is [MASK]",
        "one [SEP] two [CLS] three [PAD] four [UNK] five [unused0]",
        "[mask] [Sep] [MASK]ed un[MASK] ##ing ## [ MASK ]",
        "dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog",
        "☃☃☃ ꙮ ⅷ 𠀀 漢",
        "a" * 100,
        "a" * 101,
        "unsearchableness re-indexing modellings 3.14159 1,000,000 https://example.org/a_b?c=d&e=f#g user@example.org",
        "word " * 13 + "fourteen",
        "word " * 14 + "fifteen",
        "\n".join(["first line", "", "second\tline", "third line  "]),
        "!@#$%^&*()_+-=[]{}|;':\",./<>?`~\\",
        "The ocean holds more energy and heat than land and air together. " * 6,
        long_text(),
    ]
