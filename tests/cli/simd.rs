//! `SPORK_MAX_SIMD` caps the vector instructions, and changes no answer.

use spork_core::{MAX_SIMD, SimdLevel};

use super::*;

#[test]
fn a_cap_changes_no_answer_and_is_refused_above_the_machine() {
    let bench = Bench::new();
    let line = |i: usize| {
        let terms = format!("\"all\": {}, \"t{}\": 3, \"u{}\": 9", 1 + i % 200, i % 7, i % 501);
        format!("{{\"id\": \"d{i}\", \"vector\": {{{terms}}}}}\n")
    };
    bench.write("v.jsonl", (0..5000).map(line).collect::<String>());
    bench.write("q.tsv", "1\tall\n2\tt1 u5 all\n3\tt2 t3 u77\n");
    bench.ok("index --input v.jsonl --output i");
    let search = "search --index i --vectors q.tsv --k 100";
    let expected = bench.ok(search);
    let machine = SimdLevel::of_machine();
    for level in SimdLevel::ALL {
        let output = bench.command(search).env(MAX_SIMD, level.name()).output().unwrap();
        if level <= machine {
            assert!(output.status.success(), "{}", stderr(&output));
            assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{level:?}");
        } else {
            assert_eq!(output.status.code(), Some(1), "{level:?}");
            let said = stderr(&output);
            let has = format!("this machine has {} at most", machine.name());
            assert!(said.contains(MAX_SIMD) && said.contains(&has), "{said}");
        }
    }
    let output = bench.command(search).env(MAX_SIMD, "neon").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("expected scalar, avx2 or avx512"), "{}", stderr(&output));
}
