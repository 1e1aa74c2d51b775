//! Queries from Python.

use std::sync::Arc;

use numpy::PyUntypedArray;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyString, PyStringMethods, PyTuple};
use spork_search::Query;

use crate::arrays::{Integers, SparseRows, Weights};
use crate::errors::bad_value;

/// The term of each column of arrays.
#[derive(Clone)]
pub(crate) enum Terms {
    /// Column 7 is the term "7".
    Numbers,
    /// The names of columns.
    Named(Arc<Vec<String>>),
    /// The same, as a call gives them: they are not copied. The last owner has Python's lock.
    Given(Arc<Vec<PyBackedStr>>),
}

impl Terms {
    pub(crate) fn name(&self, column: usize) -> Result<String, String> {
        let (name, count) = match self {
            Self::Numbers => return Ok(column.to_string()),
            Self::Named(names) => (names.get(column).cloned(), names.len()),
            Self::Given(names) => (names.get(column).map(|name| (**name).to_owned()), names.len()),
        };
        name.ok_or_else(|| format!("column {column} of {count} terms"))
    }

    /// A row's terms and weights; weights of zero are left out.
    pub(crate) fn of_row(
        &self,
        rows: &SparseRows,
        row: usize,
    ) -> Result<Vec<(String, f32)>, String> {
        let fault = |error| format!("row {row}: {error}");
        let entries = rows.row(row).map_err(fault)?;
        let mut named = Vec::with_capacity(entries.len());
        for entry in entries {
            let (column, weight) = entry.map_err(fault)?;
            if weight != 0.0 {
                named.push((self.name(column).map_err(fault)?, weight));
            }
        }
        Ok(named)
    }
}

/// The query of a text, of terms with their weights, or of both. Terms and weights are a dict, or
/// arrays of columns and weights.
pub(crate) fn query(
    text: Option<&Bound<'_, PyAny>>,
    vector: Option<&Bound<'_, PyAny>>,
    terms: &Terms,
) -> PyResult<Query> {
    let vector = vector.map(|vector| weights(vector, terms)).transpose()?;
    let Some(text) = text else {
        return vector.map(Query::Vector).ok_or_else(|| {
            bad_value("no query: expected a text, a dict of terms and weights, or arrays")
        });
    };
    let given = text.cast::<PyString>().ok().map(PyStringMethods::to_cow).transpose()?;
    match (given, vector) {
        (Some(text), Some(vector)) => Ok(Query::Both(text.into_owned(), vector)),
        (Some(text), None) => Ok(Query::Text(text.into_owned())),
        (None, None) => Ok(Query::Vector(weights(text, terms)?)),
        (None, Some(_)) => Err(bad_value("two vectors: give the query as text beside vector=")),
    }
}

/// Terms and weights.
pub(crate) fn weights(vector: &Bound<'_, PyAny>, terms: &Terms) -> PyResult<Vec<(String, f32)>> {
    if let Ok(dict) = vector.cast::<PyDict>() {
        let mut weights = Vec::with_capacity(dict.len());
        for (term, weight) in dict {
            let term = term.cast::<PyString>().map_err(|_| {
                bad_value(format!("{term:?}: expected terms as text, in a dict of weights"))
            })?;
            weights.push((term.to_cow()?.into_owned(), weight.extract::<f64>()? as f32));
        }
        return Ok(weights);
    }
    let pair = vector.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2);
    let Some(pair) = pair else {
        return Err(bad_value(format!(
            "{}: expected a text, a dict of terms and weights, or a pair of arrays: columns and \
             weights",
            vector.get_type().name()?
        )));
    };
    let (indices, values) = (pair.get_item(0)?, pair.get_item(1)?);
    let indices = Integers::of(indices.cast::<PyUntypedArray>()?, "indices")?;
    let values = Weights::of(values.cast::<PyUntypedArray>()?, "values")?;
    if indices.len() != values.len() {
        let (indices, values) = (indices.len(), values.len());
        return Err(bad_value(format!(
            "{indices} columns and {values} weights: expected as many of both"
        )));
    }
    let entry = |place| {
        let column = indices.get(place).ok_or_else(|| "a negative column".to_owned())?;
        Ok((terms.name(column)?, values.get(place).unwrap_or_default()))
    };
    (0..indices.len()).map(entry).collect::<Result<_, String>>().map_err(bad_value)
}
