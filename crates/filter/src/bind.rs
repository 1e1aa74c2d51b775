//! A filter checked against columns: names become places, values ranges.

use std::ops::Bound;

use spork_index::{ColumnKind, ColumnSpec, Time, Value, ValueRange};

use crate::decimal::{Among, among_integers};
use crate::error::{Fault, Placed};
use crate::lexer::cut;
use crate::tree::{Comparison, Literal, LiteralValue, Name, Node, Operator};

/// A filter that fits the columns of an index, ready for its segments.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundFilter {
    pub(crate) columns: Vec<ColumnSpec>,
    pub(crate) root: Test,
}

/// What a document is tested for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// That it has a value in a column.
    Present(usize),
    /// That it has a value in one of the ranges; of `others` that it has values, and none there.
    Within {
        column: usize,
        ranges: Vec<ValueRange>,
        others: bool,
    },
}

pub(crate) fn bind(root: &Node, columns: &[ColumnSpec]) -> Result<BoundFilter, Placed> {
    Ok(BoundFilter { columns: columns.to_vec(), root: test(root, columns)? })
}

fn test(node: &Node, columns: &[ColumnSpec]) -> Result<Test, Placed> {
    let all = |parts: &[Node]| {
        parts.iter().map(|part| test(part, columns)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match node {
        Node::And(parts) => Test::All(all(parts)?),
        Node::Or(parts) => Test::Any(all(parts)?),
        Node::Not(part) => Test::Not(Box::new(test(part, columns)?)),
        Node::Exists(name) => Test::Present(find(name, columns)?),
        Node::Compare(comparison) => compare(comparison, columns)?,
    })
}

fn find(name: &Name, columns: &[ColumnSpec]) -> Result<usize, Placed> {
    columns.iter().position(|column| column.name == name.text).ok_or_else(|| {
        let known = columns.iter().map(|column| column.name.clone()).collect();
        Fault::UnknownColumn { name: name.text.clone(), known }.at(&name.place)
    })
}

fn compare(comparison: &Comparison, columns: &[ColumnSpec]) -> Result<Test, Placed> {
    let Comparison { column, operator, operator_place, values } = comparison;
    let place = find(column, columns)?;
    let spec = &columns[place];
    if spec.kind == ColumnKind::Boolean && operator.needs_order() {
        let fault = Fault::Value {
            column: spec.name.clone(),
            kind: spec.kind,
            expected: "`=`, `!=`, `in` or `not in`",
            got: format!("`{}`", operator.name()),
            remedy: Some("true and false have no order".to_owned()),
        };
        return Err(fault.at(operator_place));
    }
    let mut ranges = Vec::with_capacity(values.len());
    for literal in values {
        ranges.extend(range(spec, *operator, literal)?);
    }
    let others = matches!(operator, Operator::NotEqual | Operator::NotIn);
    Ok(Test::Within { column: place, ranges, others })
}

/// The values that an operator finds with a literal; none if no value can be.
fn range(
    spec: &ColumnSpec,
    operator: Operator,
    literal: &Literal,
) -> Result<Option<ValueRange>, Placed> {
    let value = match (spec.kind, &literal.value) {
        (ColumnKind::Keyword, LiteralValue::Text(text)) => Value::Keyword(text.clone()),
        (ColumnKind::Boolean, LiteralValue::Truth(truth)) => Value::Boolean(*truth),
        (ColumnKind::Integer, LiteralValue::Number(number)) => {
            return Ok(integers(operator, among_integers(number)));
        }
        (ColumnKind::Float, LiteralValue::Number(number)) => match number.parse() {
            Ok(number) => Value::Float(number),
            Err(_) => return Err(mismatch(spec, literal, None)),
        },
        (ColumnKind::Time, LiteralValue::Text(text)) => match text.parse::<Time>() {
            Ok(time) => Value::Time(time),
            Err(error) => return Err(mismatch(spec, literal, Some(error.to_string()))),
        },
        _ => return Err(mismatch(spec, literal, None)),
    };
    Ok(Some(match operator {
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn => {
            ValueRange::of(value)
        }
        Operator::Less => below(Bound::Excluded(value)),
        Operator::AtMost => below(Bound::Included(value)),
        Operator::Greater => above(Bound::Excluded(value)),
        Operator::AtLeast => above(Bound::Included(value)),
    }))
}

fn below(to: Bound<Value>) -> ValueRange {
    ValueRange { from: Bound::Unbounded, to }
}

fn above(from: Bound<Value>) -> ValueRange {
    ValueRange { from, to: Bound::Unbounded }
}

/// The integers that an operator finds with a number, which need not be one.
fn integers(operator: Operator, number: Among) -> Option<ValueRange> {
    let Among { floor, is_integer } = number;
    // The integers up to `last`, and from `first` on.
    let up_to = |last: i128| match i64::try_from(last) {
        Ok(last) => Some(below(Bound::Included(Value::Integer(last)))),
        Err(_) => (last > 0).then_some(below(Bound::Unbounded)),
    };
    let from = |first: i128| match i64::try_from(first) {
        Ok(first) => Some(above(Bound::Included(Value::Integer(first)))),
        Err(_) => (first < 0).then_some(above(Bound::Unbounded)),
    };
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::NotIn => {
            let value = i64::try_from(floor).ok().filter(|_| is_integer)?;
            Some(ValueRange::of(Value::Integer(value)))
        }
        Operator::Less => up_to(if is_integer { floor - 1 } else { floor }),
        Operator::AtMost => up_to(floor),
        Operator::Greater => from(floor + 1),
        Operator::AtLeast => from(if is_integer { floor } else { floor + 1 }),
    }
}

fn mismatch(spec: &ColumnSpec, literal: &Literal, why: Option<String>) -> Placed {
    let got = cut(&literal.value.to_string());
    let remedy = match (spec.kind, &literal.value) {
        (ColumnKind::Keyword, other) => Some(format!("write \"{other}\"")),
        (ColumnKind::Integer | ColumnKind::Float, LiteralValue::Text(_)) => {
            Some("write it without quotes".to_owned())
        }
        (ColumnKind::Time, LiteralValue::Number(_)) => Some("write it in quotes".to_owned()),
        (ColumnKind::Boolean, _) => Some("write true or false without quotes".to_owned()),
        _ => None,
    };
    let expected = match spec.kind {
        ColumnKind::Keyword => "a string in quotes",
        ColumnKind::Integer | ColumnKind::Float => "a number",
        kind => kind.expected(),
    };
    let column = spec.name.clone();
    let remedy = why.or(remedy);
    Fault::Value { column, kind: spec.kind, expected, got, remedy }.at(&literal.place)
}
