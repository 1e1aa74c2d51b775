//! The language.
//!
//! ```text
//! filter     = and { "or" and }
//! and        = unary { "and" unary }
//! unary      = "not" unary | "(" filter ")" | "exists" name | comparison
//! comparison = name ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
//!            | name [ "not" ] "in" "(" value { "," value } ")"
//! ```

use crate::cursor::Cursor;
use crate::error::{FilterError, Placed};
use crate::lexer::{TokenKind, cut, is_reserved, written_name};
use crate::tree::{Comparison, Literal, Name, Node, Operator, Place};

const FILTER: &str = "a comparison (as in `year >= 2020`), `exists`, `not` or `(`";

pub(crate) fn parse(text: &str) -> Result<Node, FilterError> {
    read(text).map_err(|fault| fault.in_text(text))
}

fn read(text: &str) -> Result<Node, Placed> {
    let mut cursor = Cursor::new(text, false)?;
    let node = any(&mut cursor)?;
    let remedy = match &cursor.token.kind {
        TokenKind::Symbol("&&") => Some("write `and`"),
        TokenKind::Symbol("||") => Some("write `or`"),
        TokenKind::Symbol(",") => Some("write `and` or `or` between comparisons"),
        _ => None,
    };
    if remedy.is_some() {
        return Err(cursor.unexpected_but("`and`, `or` or the end", remedy.map(str::to_owned)));
    }
    cursor.expect_end("`and`, `or` or the end")?;
    Ok(node)
}

fn any(cursor: &mut Cursor<'_>) -> Result<Node, Placed> {
    chain(cursor, "or", Node::Or, |cursor| chain(cursor, "and", Node::And, unary))
}

/// One or more parts with a word between; a single one is itself.
fn chain(
    cursor: &mut Cursor<'_>,
    word: &str,
    all: fn(Vec<Node>) -> Node,
    part: fn(&mut Cursor<'_>) -> Result<Node, Placed>,
) -> Result<Node, Placed> {
    let first = part(cursor)?;
    if !is_word(cursor, word) {
        return Ok(first);
    }
    let mut parts = vec![first];
    while is_word(cursor, word) {
        cursor.take()?;
        parts.push(part(cursor)?);
    }
    Ok(all(parts))
}

fn is_word(cursor: &Cursor<'_>, word: &str) -> bool {
    matches!(&cursor.token.kind, TokenKind::Word(here) if here.eq_ignore_ascii_case(word))
}

fn unary(cursor: &mut Cursor<'_>) -> Result<Node, Placed> {
    if is_word(cursor, "not") {
        cursor.take()?;
        return Ok(Node::Not(Box::new(cursor.deeper(unary)?)));
    }
    if cursor.takes("(")? {
        let node = cursor.deeper(any)?;
        cursor.expect(")")?;
        return Ok(node);
    }
    cursor.compare()?;
    if is_word(cursor, "exists") {
        cursor.take()?;
        return exists(cursor);
    }
    comparison(cursor)
}

/// A name, which may be in parentheses.
fn exists(cursor: &mut Cursor<'_>) -> Result<Node, Placed> {
    let is_enclosed = cursor.takes("(")?;
    let column = name(cursor, "the name of a column")?;
    if is_enclosed {
        cursor.expect(")")?;
    }
    Ok(Node::Exists(column))
}

fn name(cursor: &mut Cursor<'_>, expected: &str) -> Result<Name, Placed> {
    let text = match &cursor.token.kind {
        TokenKind::Text(text) => text.clone(),
        TokenKind::Word(word) if !is_reserved(word) => word.clone(),
        TokenKind::Word(word) => {
            let remedy = format!("write \"{word}\" if a column has this name");
            return Err(cursor.unexpected_but(expected, Some(remedy)));
        }
        TokenKind::Symbol("!") => {
            return Err(cursor.unexpected_but(expected, Some("write `not`".to_owned())));
        }
        TokenKind::Number(number) => {
            let remedy = format!("write \"{number}\" if a column has this name");
            return Err(cursor.unexpected_but(expected, Some(remedy)));
        }
        _ => return Err(cursor.unexpected(expected)),
    };
    let place = cursor.take()?.place;
    Ok(Name { text, place })
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<Node, Placed> {
    let column = name(cursor, FILTER)?;
    let (operator, operator_place) = operator(cursor, &column)?;
    let values = if operator.takes_list() { list(cursor)? } else { vec![cursor.literal()?] };
    Ok(Node::Compare(Comparison { column, operator, operator_place, values }))
}

fn operator(cursor: &mut Cursor<'_>, column: &Name) -> Result<(Operator, Place), Placed> {
    const EXPECTED: &str = "`=`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `not in`";
    if is_word(cursor, "in") {
        return Ok((Operator::In, cursor.take()?.place));
    }
    if is_word(cursor, "not") {
        let Place(start) = cursor.take()?.place;
        if !is_word(cursor, "in") {
            return Err(cursor.unexpected("`in` after `not`"));
        }
        let Place(end) = cursor.take()?.place;
        return Ok((Operator::NotIn, Place(start.start..end.end)));
    }
    let found = match &cursor.token.kind {
        TokenKind::Symbol(symbol) => Operator::named(symbol).ok_or(match *symbol {
            "==" | ":" => Some("write `=`".to_owned()),
            "<>" => Some("write `!=`".to_owned()),
            _ => None,
        }),
        // Where a column of booleans stands alone.
        _ => {
            let column = written_name(&cut(&column.text));
            Err(Some(format!("write `{column} = true` or `exists {column}`")))
        }
    };
    match found {
        Ok(operator) => Ok((operator, cursor.take()?.place)),
        Err(remedy) => Err(cursor.unexpected_but(EXPECTED, remedy)),
    }
}

fn list(cursor: &mut Cursor<'_>) -> Result<Vec<Literal>, Placed> {
    if !cursor.takes("(")? {
        let remedy = Some("write the values in parentheses, as in `in (1, 2)`".to_owned());
        return Err(cursor.unexpected_but("`(`", remedy));
    }
    let mut values = vec![cursor.literal()?];
    while cursor.takes(",")? {
        values.push(cursor.literal()?);
    }
    if !cursor.takes(")")? {
        return Err(cursor.unexpected("`,` or `)`"));
    }
    Ok(values)
}
