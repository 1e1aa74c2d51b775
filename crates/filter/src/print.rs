//! Filters back as text, in both forms.

use std::fmt;

use crate::filter::Filter;
use crate::lexer::{quoted, written_name};
use crate::tree::{Comparison, Literal, LiteralValue, Node};

impl fmt::Display for Filter {
    /// In the language, with no more parentheses than it needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self.root()))
    }
}

impl Filter {
    /// In JSON.
    pub fn to_json(&self) -> String {
        json(self.root())
    }
}

fn text(node: &Node) -> String {
    match node {
        Node::And(parts) => joined(parts, " and "),
        Node::Or(parts) => joined(parts, " or "),
        Node::Not(part) => format!("not {}", enclosed(part, part.is_chain())),
        Node::Exists(column) => format!("exists {}", written_name(&column.text)),
        Node::Compare(comparison) => {
            let Comparison { column, operator, values, .. } = comparison;
            let values = list(values);
            let values = if operator.takes_list() { format!("({values})") } else { values };
            format!("{} {} {values}", written_name(&column.text), operator.name())
        }
    }
}

impl Node {
    fn is_chain(&self) -> bool {
        matches!(self, Self::And(_) | Self::Or(_))
    }
}

/// Parts of a chain. A chain in it is enclosed, so that it stays one when it is read, but for `and`
/// within `or`.
fn joined(parts: &[Node], word: &str) -> String {
    let part = |part: &Node| {
        enclosed(part, part.is_chain() && !(word == " or " && matches!(part, Node::And(_))))
    };
    parts.iter().map(part).collect::<Vec<_>>().join(word)
}

fn enclosed(node: &Node, is_enclosed: bool) -> String {
    if is_enclosed { format!("({})", text(node)) } else { text(node) }
}

fn list(values: &[Literal]) -> String {
    values.iter().map(|literal| literal.value.to_string()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for LiteralValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => f.write_str(number),
            Self::Truth(truth) => write!(f, "{truth}"),
        }
    }
}

fn json(node: &Node) -> String {
    let all = |parts: &[Node]| parts.iter().map(json).collect::<Vec<_>>().join(", ");
    match node {
        Node::And(parts) => format!("{{\"and\": [{}]}}", all(parts)),
        Node::Or(parts) => format!("{{\"or\": [{}]}}", all(parts)),
        Node::Not(part) => format!("{{\"not\": {}}}", json(part)),
        Node::Exists(column) => format!("{{\"exists\": {}}}", quoted(&column.text)),
        Node::Compare(comparison) => {
            let Comparison { column, operator, values, .. } = comparison;
            let values = list(values);
            let values = if operator.takes_list() { format!("[{values}]") } else { values };
            let (column, operator) = (quoted(&column.text), operator.name());
            format!("{{\"column\": {column}, \"op\": \"{operator}\", \"value\": {values}}}")
        }
    }
}
