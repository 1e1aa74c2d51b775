//! `spork plot`: tables as pictures.

use super::*;

const TABLE: &str = concat!(
    "penalty\tFLOPS\tnDCG@10\tRR@10\n",
    "flops\t2.5\t0.41\t0.5\n",
    "flops\t0.5\t0.38\t0.4\n",
    "l1\t1.0\t0.37\t0.4\n",
);

#[test]
fn a_panel_a_column_and_a_line_a_name() {
    let bench = Bench::new();
    bench.write("table.tsv", TABLE);
    bench.ok("plot --input table.tsv --x FLOPS --y nDCG@10 RR@10 --by penalty --output both.svg");
    let both = std::fs::read_to_string(bench.path("both.svg")).unwrap();
    for word in ["FLOPS", "nDCG@10", "RR@10", "flops", "l1"] {
        assert!(both.contains(word), "{word}");
    }
    assert_eq!(both.matches("<circle").count(), 6, "a mark a row and panel");
    let output =
        bench.with_input("plot --input - --x FLOPS --y RR@10 --output one.svg", TABLE.as_bytes());
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!std::fs::read_to_string(bench.path("one.svg")).unwrap().contains("nDCG"));
}

#[test]
#[ignore = "needs a system font"]
fn a_png_where_the_name_says_so() {
    let bench = Bench::new();
    bench.write("table.tsv", TABLE);
    bench.ok("plot --input table.tsv --x FLOPS --y RR@10 --by penalty --output o.png");
    let picture = std::fs::read(bench.path("o.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n"));
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1520, 520), "twice the size of an SVG");
}

#[test]
fn logarithms_are_of_what_is_above_zero() {
    let bench = Bench::new();
    bench.write("table.tsv", "engine\tMB\tms\na\t1\t0.1\nb\t2\t10\n");
    let plot = "plot --input table.tsv --by engine --output o.svg";
    bench.ok(&format!("{plot} --x MB --y ms --log"));
    let picture = std::fs::read_to_string(bench.path("o.svg")).unwrap();
    assert_eq!(picture.matches("<circle").count(), 2);
    // Only an axis of logarithms has room for these beside each other.
    assert!(["0.1", "1", "10"].iter().all(|label| picture.contains(&format!("\n{label}\n"))));
    bench.write("table.tsv", "engine\tMB\tms\na\t1\t0\n");
    let said = bench.fails(&format!("{plot} --x MB --y ms --log"), 1);
    assert!(said.contains("\"ms\" holds 0") && said.contains("--log"), "{said}");
}

#[test]
fn what_a_table_lacks_is_said() {
    let bench = Bench::new();
    bench.write("table.tsv", TABLE);
    let said = bench.fails("plot --input table.tsv --x flops --y RR@10 --output o.svg", 1);
    assert!(
        said.contains("\"flops\"") && said.contains("penalty, FLOPS, nDCG@10, RR@10"),
        "{said}"
    );
    let said = bench.fails("plot --input table.tsv --x penalty --y RR@10 --output o.svg", 1);
    assert!(said.contains("\"l1\"") || said.contains("\"flops\""), "{said}");
    bench.write("short.tsv", "a\tb\n1\t2\n3\n");
    let said = bench.fails("plot --input short.tsv --x a --y b --output o.svg", 1);
    assert!(said.contains("short.tsv:3"), "{said}");
    bench.write("bare.tsv", "a\tb\n");
    let said = bench.fails("plot --input bare.tsv --x a --y b --output o.svg", 1);
    assert!(said.contains("no row"), "{said}");
    let said = bench.fails("plot --input table.tsv --x FLOPS --y RR@10 --output o.PDF", 1);
    assert!(
        said.contains("o.PDF") && said.contains(".svg") && !bench.path("o.PDF").exists(),
        "{said}"
    );
    bench.fails("plot --input table.tsv --x FLOPS --output o.svg", 2);
    assert!(!bench.path("o.svg").exists());
}
