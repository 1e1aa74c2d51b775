//! What both parsers stand on: the token at hand, and bounds on what they read.

use crate::error::{Fault, Placed};
use crate::lexer::{Lexer, Token, TokenKind, cut};
use crate::tree::{Literal, LiteralValue, Place};

/// Bytes of a filter.
const MAX_LENGTH: usize = 4 << 20;
/// Filters within filters: each takes some stack.
const MAX_DEPTH: usize = 64;
/// Comparisons: each is a pass over a column.
const MAX_COMPARISONS: usize = 1024;

pub(crate) struct Cursor<'t> {
    lexer: Lexer<'t>,
    pub(crate) token: Token,
    depth: usize,
    comparisons: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str, is_json: bool) -> Result<Self, Placed> {
        if text.len() > MAX_LENGTH {
            let remedy = "split the list of values over several searches";
            let fault = Fault::TooMuch { what: "bytes", most: MAX_LENGTH, remedy };
            return Err(fault.at(&Place(MAX_LENGTH..MAX_LENGTH)));
        }
        let mut lexer = Lexer::new(text, is_json);
        let token = lexer.next()?;
        Ok(Self { lexer, token, depth: 0, comparisons: 0 })
    }

    /// Goes on, and returns the token that was at hand.
    pub(crate) fn take(&mut self) -> Result<Token, Placed> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// Whether a symbol is at hand; goes on if it is.
    pub(crate) fn takes(&mut self, symbol: &str) -> Result<bool, Placed> {
        let is_here = self.is(symbol);
        if is_here {
            self.take()?;
        }
        Ok(is_here)
    }

    pub(crate) fn is(&self, symbol: &str) -> bool {
        matches!(self.token.kind, TokenKind::Symbol(here) if here == symbol)
    }

    pub(crate) fn expect(&mut self, symbol: &str) -> Result<(), Placed> {
        if self.takes(symbol)? { Ok(()) } else { Err(self.unexpected(format!("`{symbol}`"))) }
    }

    pub(crate) fn expect_end(&self, expected: &str) -> Result<(), Placed> {
        if self.token.kind == TokenKind::End { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// The fault that the token at hand is not what was expected.
    pub(crate) fn unexpected(&self, expected: impl Into<String>) -> Placed {
        self.unexpected_but(expected, None)
    }

    pub(crate) fn unexpected_but(
        &self,
        expected: impl Into<String>,
        remedy: Option<String>,
    ) -> Placed {
        Fault::syntax(expected, self.token.kind.described(), remedy).at(&self.token.place)
    }

    /// Reads what is one level deeper.
    pub(crate) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Placed>,
    ) -> Result<T, Placed> {
        if self.depth == MAX_DEPTH {
            let remedy = "write it with fewer parentheses";
            let fault = Fault::TooMuch { what: "filters within filters", most: MAX_DEPTH, remedy };
            return Err(fault.at(&self.token.place));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Counts a comparison.
    pub(crate) fn compare(&mut self) -> Result<(), Placed> {
        if self.comparisons == MAX_COMPARISONS {
            let remedy = "join those of a column by `in (…)`";
            let fault = Fault::TooMuch { what: "comparisons", most: MAX_COMPARISONS, remedy };
            return Err(fault.at(&self.token.place));
        }
        self.comparisons += 1;
        Ok(())
    }

    /// A value.
    pub(crate) fn literal(&mut self) -> Result<Literal, Placed> {
        const EXPECTED: &str = "a value (a string in quotes, a number, true or false)";
        let value = match &self.token.kind {
            TokenKind::Text(text) => LiteralValue::Text(text.clone()),
            TokenKind::Number(number) => LiteralValue::Number(number.clone()),
            TokenKind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => LiteralValue::Truth(true),
                "false" => LiteralValue::Truth(false),
                "null" | "none" | "nan" => {
                    let remedy = "a missing value compares with nothing; ask for `exists` or `not \
                                  exists`";
                    return Err(self.unexpected_but(EXPECTED, Some(remedy.to_owned())));
                }
                "inf" | "infinity" => {
                    let remedy = "columns hold no infinity; leave the comparison out".to_owned();
                    return Err(self.unexpected_but(EXPECTED, Some(remedy)));
                }
                _ => {
                    let remedy = format!("write {:?} if it is a string", cut(word));
                    return Err(self.unexpected_but(EXPECTED, Some(remedy)));
                }
            },
            _ => return Err(self.unexpected(EXPECTED)),
        };
        let place = self.take()?.place;
        Ok(Literal { value, place })
    }
}
