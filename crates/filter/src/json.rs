//! The JSON form: an object that is
//!
//! ```text
//! {"and": [filter, …]}   {"or": [filter, …]}   {"not": filter}   {"exists": "name"}
//! {"column": "name", "op": "=" | "!=" | "<" | "<=" | ">" | ">=", "value": value}
//! {"column": "name", "op": "in" | "not in", "value": [value, …]}
//! ```

use crate::cursor::Cursor;
use crate::error::{Fault, FilterError, Placed};
use crate::lexer::TokenKind;
use crate::tree::{Comparison, Literal, Name, Node, Operator, Place};

const KEYS: &str = "\"and\", \"or\", \"not\", \"exists\", or \"column\" with \"op\" and \"value\"";

pub(crate) fn parse(text: &str) -> Result<Node, FilterError> {
    read(text).map_err(|fault| fault.in_text(text))
}

fn read(text: &str) -> Result<Node, Placed> {
    let mut cursor = Cursor::new(text, true)?;
    let node = filter(&mut cursor)?;
    cursor.expect_end("the end")?;
    Ok(node)
}

/// What an object may hold besides a filter in a filter.
#[derive(Default)]
struct Parts {
    column: Option<Name>,
    operator: Option<(Operator, Place)>,
    /// The values, whether they are a list, and where they are.
    value: Option<(Vec<Literal>, bool, Place)>,
}

fn filter(cursor: &mut Cursor<'_>) -> Result<Node, Placed> {
    let start = cursor.token.place.clone();
    cursor.expect("{")?;
    let mut parts = Parts::default();
    loop {
        let key = string(cursor, KEYS)?;
        cursor.expect(":")?;
        let node = match key.text.as_str() {
            "and" => Some(all(cursor, Node::And)?),
            "or" => Some(all(cursor, Node::Or)?),
            "not" => Some(Node::Not(Box::new(cursor.deeper(filter)?))),
            "exists" => {
                cursor.compare()?;
                Some(Node::Exists(string(cursor, "the name of a column")?))
            }
            "column" if parts.column.is_none() => {
                parts.column = Some(string(cursor, "the name of a column")?);
                None
            }
            "op" if parts.operator.is_none() => {
                parts.operator = Some(operator(cursor)?);
                None
            }
            "value" if parts.value.is_none() => {
                parts.value = Some(value(cursor)?);
                None
            }
            _ => return Err(Fault::syntax(KEYS, format!("{:?}", key.text), None).at(&key.place)),
        };
        if let Some(node) = node {
            if !parts.is_empty() {
                let expected = "\"column\", \"op\" and \"value\" in an object of their own";
                return Err(Fault::syntax(expected, format!("{:?}", key.text), None).at(&key.place));
            }
            if !cursor.takes("}")? {
                let remedy = Some("put several filters into \"and\"".to_owned());
                return Err(cursor.unexpected_but("`}`", remedy));
            }
            return Ok(node);
        }
        if cursor.takes("}")? {
            cursor.compare()?;
            return parts.comparison(&start);
        }
        if !cursor.takes(",")? {
            return Err(cursor.unexpected("`,` or `}`"));
        }
    }
}

impl Parts {
    fn is_empty(&self) -> bool {
        self.column.is_none() && self.operator.is_none() && self.value.is_none()
    }

    fn comparison(self, start: &Place) -> Result<Node, Placed> {
        let Self { column: Some(column), operator: Some((operator, place)), value: Some(value) } =
            self
        else {
            let got = "an object without one of them";
            let fault = Fault::syntax("\"column\", \"op\" and \"value\"", got, None);
            return Err(fault.at(start));
        };
        let (values, is_list, value_place) = value;
        if is_list != operator.takes_list() {
            let (expected, got) = if is_list {
                ("one value", "a list; write \"in\" or \"not in\"")
            } else {
                ("a list of values", "one value")
            };
            return Err(Fault::syntax(expected, got, None).at(&value_place));
        }
        Ok(Node::Compare(Comparison { column, operator, operator_place: place, values }))
    }
}

fn string(cursor: &mut Cursor<'_>, expected: &str) -> Result<Name, Placed> {
    let TokenKind::Text(text) = &cursor.token.kind else {
        return Err(cursor.unexpected(expected));
    };
    let text = text.clone();
    let place = cursor.take()?.place;
    Ok(Name { text, place })
}

/// A list of filters; a single one is itself.
fn all(cursor: &mut Cursor<'_>, all: fn(Vec<Node>) -> Node) -> Result<Node, Placed> {
    let mut parts = elements(cursor, |cursor| cursor.deeper(filter))?;
    Ok(if parts.len() == 1 { parts.swap_remove(0) } else { all(parts) })
}

/// The elements of an array, at least one.
fn elements<'t, T>(
    cursor: &mut Cursor<'t>,
    element: impl Fn(&mut Cursor<'t>) -> Result<T, Placed>,
) -> Result<Vec<T>, Placed> {
    cursor.expect("[")?;
    if cursor.is("]") {
        return Err(cursor.unexpected("at least one element"));
    }
    let mut elements = vec![element(cursor)?];
    while cursor.takes(",")? {
        elements.push(element(cursor)?);
    }
    if cursor.takes("]")? { Ok(elements) } else { Err(cursor.unexpected("`,` or `]`")) }
}

fn operator(cursor: &mut Cursor<'_>) -> Result<(Operator, Place), Placed> {
    let expected = || Operator::ALL.map(|operator| format!("{:?}", operator.name())).join(", ");
    let name = string(cursor, &expected())?;
    match Operator::named(&name.text) {
        Some(operator) => Ok((operator, name.place)),
        None => Err(Fault::syntax(expected(), format!("{:?}", name.text), None).at(&name.place)),
    }
}

fn value(cursor: &mut Cursor<'_>) -> Result<(Vec<Literal>, bool, Place), Placed> {
    let place = cursor.token.place.clone();
    if cursor.is("[") {
        return Ok((elements(cursor, Cursor::literal)?, true, place));
    }
    Ok((vec![cursor.literal()?], false, place))
}
