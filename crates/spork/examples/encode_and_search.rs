//! Encodes texts with a SPLADE model, indexes their vectors, and searches by meaning.
//!
//! `cargo run --example encode_and_search [MODEL [QUERY]]`: MODEL is a folder or a name on the
//! Hugging Face Hub; without one, the default model of Spork's repository is taken, `data/model`,
//! from the folder that this runs in.

use spork_search::{LoadOptions, build, open, open_model};

const DOCUMENTS: [(&str, &str); 3] = [
    ("engine", "The mechanic changed the oil and the brakes of the automobile."),
    ("pasta", "Boil the pasta for nine minutes, then stir in olive oil and garlic."),
    ("sleep", "Travellers who cross time zones sleep badly for some days."),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let model = args.next().unwrap_or("data/model".to_owned());
    let model = open_model(model, &LoadOptions::default())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("index");
    build(&path).encoded(&model, DOCUMENTS)?;

    // The index records its model: another one would be refused.
    let index = open(&path)?.with_model(model)?;
    let query = args.next().unwrap_or("car repair".to_owned());
    for (rank, hit) in index.search(query, 10)?.iter().enumerate() {
        println!("{:2}  {}  {:.3}", rank + 1, hit.docno, hit.score);
    }
    Ok(())
}
