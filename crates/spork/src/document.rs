//! A document as an index has it.

use spork_index::{Index, Place, Value};

use crate::Result;

/// What an index holds of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Its name.
    pub docno: String,
    /// Its text, where the index stores texts and this document has one.
    pub text: Option<String>,
    /// Its value in each column that the index stores, where it has one.
    pub columns: Vec<(String, Value)>,
    /// Its vector in each field.
    pub vectors: Vec<FieldVector>,
}

/// The values of a document's columns, in the order of the index's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns(Vec<(String, Value)>);

impl Columns {
    /// Those of a document.
    ///
    /// # Errors
    /// The index is damaged.
    pub(crate) fn read(place: &Place<'_>) -> Result<Self> {
        columns(place).map(Self)
    }

    /// Leaves none but the columns whose names `keeps` takes.
    pub fn retain(&mut self, mut keeps: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keeps(name));
    }

    /// The columns, each with its value.
    pub fn values(&self) -> &[(String, Value)] {
        &self.0
    }
}

/// A document's vector in a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldVector {
    /// The field's name.
    pub field: String,
    /// Terms and weights, the heaviest first, equal weights by term. Weights are those that were
    /// indexed, rounded to multiples of the field's scale.
    pub weights: Vec<(String, f32)>,
}

impl Document {
    /// Reads the living document of a docno; `None` if there is none.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn read(index: &Index, docno: &str) -> Result<Option<Self>> {
        let Some(docid) = index.find(docno)? else { return Ok(None) };
        let place = index.place(docid)?;
        let (vectors, columns) = (vectors(index, &place)?, columns(&place)?);
        let texts = place.segment.texts();
        let text = texts.map(|texts| texts.get(place.docid)).transpose()?.flatten();
        Ok(Some(Self { docno: docno.to_owned(), text, columns, vectors }))
    }
}

fn columns(place: &Place<'_>) -> Result<Vec<(String, Value)>> {
    let Some(columns) = place.segment.columns() else { return Ok(Vec::new()) };
    let names = columns.schema().map(|column| column.name.clone());
    let values = columns.row(place.docid.0)?.into_iter();
    Ok(names.zip(values).filter_map(|(name, value)| Some((name, value?))).collect())
}

fn vectors(index: &Index, place: &Place<'_>) -> Result<Vec<FieldVector>> {
    let fields = &index.manifest().fields;
    let empty =
        fields.iter().map(|field| FieldVector { field: field.name.clone(), weights: vec![] });
    let mut vectors: Vec<FieldVector> = empty.collect();
    let mut postings = Vec::new();
    match place.segment.forward_vectors() {
        Some(vectors) => vectors.get(place.docid, &mut postings)?,
        None => postings = place.segment.vector(place.docid)?,
    }
    for (term, impact) in postings {
        let Some(field) = place.segment.summary().counts.field_of(term) else { continue };
        let weight = fields[field].quantizer().dequantize(impact);
        let term = place.segment.lexicon().term(term)?.to_owned();
        vectors[field].weights.push((term, weight));
    }
    for vector in &mut vectors {
        vector.weights.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    Ok(vectors)
}
