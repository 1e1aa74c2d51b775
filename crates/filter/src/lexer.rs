//! A filter's text as tokens; both forms have the same.

use crate::error::{Fault, Placed};
use crate::tree::Place;

/// A token and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A name, a word of the language, or a value without quotes.
    Word(String),
    /// A string, without quotes and escapes.
    Text(String),
    /// A number as JSON writes it.
    Number(String),
    Symbol(&'static str),
    End,
}

/// The longer ones first. Those of other languages are read to be refused with a remedy.
const SYMBOLS: [&str; 20] = [
    "!=", "<=", ">=", "<>", "==", "&&", "||", "=~", "=", "<", ">", "(", ")", ",", "{", "}", "[",
    "]", ":", "!",
];

/// Reads token after token.
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// In JSON, strings have double quotes.
    is_json: bool,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str, is_json: bool) -> Self {
        Self { text, at: 0, is_json }
    }

    /// The next token; the end again and again.
    pub(crate) fn next(&mut self) -> Result<Token, Placed> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let kind = match self.rest().chars().next() {
            None => TokenKind::End,
            Some(quote @ ('"' | '\'')) => TokenKind::Text(self.string(quote)?),
            Some('0'..='9' | '-') => TokenKind::Number(self.number()?),
            Some(letter) if starts_word(letter) => TokenKind::Word(self.word()),
            Some(letter) => match SYMBOLS.into_iter().find(|s| self.rest().starts_with(s)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    TokenKind::Symbol(symbol)
                }
                None => {
                    let got = format!("{letter:?}");
                    let remedy = Some("write strings in quotes".to_owned());
                    let expected = "a name, a value or an operator";
                    return Err(self.fault(start, letter.len_utf8(), expected, got, remedy));
                }
            },
        };
        Ok(Token { kind, place: Place(start..self.at) })
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fault(
        &self,
        start: usize,
        length: usize,
        expected: &str,
        got: String,
        remedy: Option<String>,
    ) -> Placed {
        Fault::syntax(expected, got, remedy).at(&Place(start..start + length))
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|letter| !continues_word(letter)).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }

    fn number(&mut self) -> Result<String, Placed> {
        let (start, rest) = (self.at, self.rest());
        let digits = |at: usize| rest[at..].bytes().take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with('-'));
        let whole = digits(sign);
        let mut end = sign + whole;
        let mut is_number = whole > 0;
        if rest[end..].starts_with('.') {
            let fraction = digits(end + 1);
            is_number &= fraction > 0;
            end += 1 + fraction;
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            is_number &= exponent > 0;
            end += 1 + sign + exponent;
        }
        let more = rest[end..].find(|letter| !continues_word(letter)).unwrap_or(rest[end..].len());
        if !is_number || more > 0 {
            let whole = &rest[..end + more];
            let got = whole.chars().take(40).collect();
            let remedy = Some("write strings and times in quotes".to_owned());
            return Err(self.fault(start, whole.len(), "a number", got, remedy));
        }
        self.at += end;
        // JSON has no zeros before other digits.
        let zeros = rest[sign..sign + whole - 1].bytes().take_while(|&byte| byte == b'0').count();
        Ok(format!("{}{}", &rest[..sign], &rest[sign + zeros..end]))
    }

    fn string(&mut self, quote: char) -> Result<String, Placed> {
        let start = self.at;
        if self.is_json && quote == '\'' {
            let remedy = Some("JSON has double quotes".to_owned());
            return Err(self.fault(start, 1, "a string", "a single quote".to_owned(), remedy));
        }
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find([quote, '\\']) else {
                let remedy = Some(format!("end it with {quote}"));
                let got = "a string without end".to_owned();
                return Err(self.fault(start, self.text.len() - start, "a string", got, remedy));
            };
            string.push_str(&rest[..end]);
            self.at += end + 1;
            if rest[end..].starts_with(quote) {
                return Ok(string);
            }
            string.push(self.escape()?);
        }
    }

    /// The character of an escape behind its backslash.
    fn escape(&mut self) -> Result<char, Placed> {
        let letter = self.rest().chars().next();
        self.at += letter.map_or(0, char::len_utf8);
        match letter {
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some(letter @ ('"' | '\'' | '\\' | '/')) => Ok(letter),
            Some('u') => self.unicode_escape(),
            other => {
                let length = 1 + other.map_or(0, char::len_utf8);
                let got = other
                    .map_or("the end".to_owned(), |letter| format!("\\{}", letter.escape_debug()));
                let expected = r#"an escape (\" \' \\ \/ \n \r \t \b \f \u0000)"#;
                let remedy = Some(r"write \\ for a backslash".to_owned());
                Err(self.fault(self.at - length, length, expected, got, remedy))
            }
        }
    }

    /// Four hexadecimal digits; of characters beyond 16 bits two halves, as JSON has them.
    fn unicode_escape(&mut self) -> Result<char, Placed> {
        let start = self.at;
        let first = self.unit();
        let code = match first {
            Some(high @ 0xd800..0xdc00) if self.rest().starts_with("\\u") => {
                self.at += 2;
                let low = self.unit().filter(|low| (0xdc00..0xe000).contains(low));
                low.map(|low| 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            }
            code => code,
        };
        code.and_then(char::from_u32).ok_or_else(|| {
            let got = "none, or half of one".to_owned();
            let length = self.at - start;
            self.fault(start, length, "a character as four hexadecimal digits", got, None)
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

fn starts_word(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn continues_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-')
}

/// Words that are no names unless they are in quotes.
const WORDS: [&str; 12] =
    ["and", "or", "not", "in", "exists", "true", "false", "null", "none", "nan", "inf", "infinity"];

/// Whether a word is one of the language.
pub(crate) fn is_reserved(word: &str) -> bool {
    WORDS.contains(&word.to_ascii_lowercase().as_str())
}

/// A name as it is written: in quotes where it has to be.
pub(crate) fn written_name(name: &str) -> String {
    let is_word = name.starts_with(starts_word) && name.chars().all(continues_word);
    if is_word && !is_reserved(name) { name.to_owned() } else { quoted(name) }
}

/// A string as JSON writes it.
pub(crate) fn quoted(text: &str) -> String {
    spork_index::Value::Keyword(text.to_owned()).to_string()
}

impl TokenKind {
    /// How messages call it.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Word(word) => format!("`{}`", cut(word)),
            Self::Text(text) => format!("the string {:?}", cut(text)),
            Self::Number(number) => format!("the number {}", cut(number)),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The start of a text, as messages quote it.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
