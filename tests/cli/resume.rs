//! `encode --resume` and finished files: nothing stale, nothing overwritten.

use super::*;

/// More than one block of vectors.
const TEXTS: usize = 4096 + 300;

fn corpus() -> String {
    (0..TEXTS).map(|number| format!("d{number}\tthe cat {}\n", number % 7)).collect()
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("corpus.tsv", corpus());
    bench
}

fn encode(rest: &str) -> String {
    let model = project("crates/model/tests/golden/st-splade");
    format!("encode --model {} --input corpus.tsv --backend {BACKEND} {rest}", model.display())
}

fn bytes(bench: &Bench, name: &str) -> Vec<u8> {
    std::fs::read(bench.path(name)).unwrap()
}

/// Inputs that are not the corpus, and what is said of each.
fn changed() -> Vec<(String, &'static str)> {
    vec![
        (corpus().replacen("d17\tthe cat", "d17\tthe dog", 1), "\"d0\" to \"d4095\""),
        (corpus().replacen("d4200\tthe cat", "d4200\tthe dog", 1), "\"d4096\" to \"d4395\""),
        (corpus().replacen("d17\t", "other\t", 1), "\"other\""),
        (corpus() + "more\ttext\n", "\"more\""),
        (corpus().replacen("d4395\tthe cat 6\n", "", 1), "\"d4395\""),
        (corpus().lines().take(20).map(|line| format!("{line}\n")).collect(), "\"d20\""),
    ]
}

#[test]
fn a_finished_file_is_complete_only_for_its_input() {
    let bench = bench();
    bench.ok(&encode("--output a.svec"));
    let whole = bytes(&bench, "a.svec");
    let resume = encode("--resume --output a.svec");
    let complete = |said: &str| said.contains("complete already") && said.contains("4396 texts");
    assert!(complete(&stderr(&bench.spork(&resume))));
    let piped = bench.with_input(&resume.replace("corpus.tsv", "-"), corpus().as_bytes());
    assert!(piped.status.success() && complete(&stderr(&piped)), "{}", stderr(&piped));
    for (corpus, says) in changed() {
        bench.write("corpus.tsv", &corpus);
        let said = bench.fails(&resume, 1);
        assert!(said.contains(says) && said.contains("--force"), "{says}: {said}");
        let piped = bench.with_input(&resume.replace("corpus.tsv", "-"), corpus.as_bytes());
        assert_eq!(piped.status.code(), Some(1));
        assert!(stderr(&piped).contains(says), "{}", stderr(&piped));
        assert!(bytes(&bench, "a.svec") == whole);
    }
}

#[test]
fn a_cut_off_file_goes_on_only_with_its_input() {
    let bench = bench();
    bench.ok(&encode("--output whole.svec"));
    let whole = bytes(&bench, "whole.svec");
    let resume = encode("--resume --output a.svec");
    // Without its end mark and the last block's end.
    let cut = &whole[..whole.len() - 60];
    for (corpus, says) in changed().into_iter().filter(|(_, says)| says.contains("\"d0\"")) {
        bench.write("a.svec.partial", cut);
        bench.write("corpus.tsv", corpus);
        let said = bench.fails(&resume, 1);
        assert!(said.contains(says) && said.contains("--force"), "{says}: {said}");
    }
    // What had not been encoded yet may change.
    bench.write("corpus.tsv", corpus());
    let piped = bench.with_input(&resume.replace("corpus.tsv", "-"), corpus().as_bytes());
    assert!(stderr(&piped).contains("4096 texts are encoded already"), "{}", stderr(&piped));
    assert!(bytes(&bench, "a.svec") == whole);
}

#[test]
fn other_settings_are_refused_by_name() {
    let bench = bench();
    bench.ok(&encode("--precision fp32 --output a.svec"));
    let whole = bytes(&bench, "a.svec");
    bench.write("b.svec.partial", &whole[..whole.len() - 60]);
    let other = project("crates/model/tests/golden/st-splade");
    copy_folder(&other, &bench.path("model"));
    let weights = bench.path("model/model.safetensors");
    let mut changed = std::fs::read(&weights).unwrap();
    // The lowest bits of the last weight.
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(&weights, changed).unwrap();
    let own = encode("").split_whitespace().nth(2).unwrap().to_owned();
    for (rest, says) in [
        ("--top-terms 3", "top_terms none, not 3"),
        ("--max-length 9", "max_length"),
        ("--lexical", "lexical_only false, not true"),
        ("--weights f16", "weights f32, not f16"),
        ("--precision bf16 --top-terms 3", "precision fp32, not bf16"),
        ("--shard 1/2", "shard none, not 1/2"),
        ("--kind query --query-tokens", "architecture"),
        ("--model model", "checksum of the model's weights"),
    ] {
        for output in ["a.svec", "b.svec"] {
            let mut line = encode(&format!("--resume --output {output} --precision fp32 {rest}"));
            if rest.contains("--precision") {
                line = line.replacen("--precision fp32 ", "", 1);
            }
            if rest.contains("--model") {
                line = line.replacen(&format!("--model {own}"), "", 1);
            }
            let said = bench.fails(&line, 1);
            assert!(
                said.contains(says) && said.contains("other settings") && said.contains(output),
                "{rest}: {said}"
            );
        }
    }
    assert!(bytes(&bench, "a.svec") == whole);
}

#[test]
fn another_precision_is_refused_unless_it_is_allowed() {
    let bench = bench();
    bench.ok(&encode("--precision fp32 --output a.svec"));
    let whole = bytes(&bench, "a.svec");
    bench.write("b.svec.partial", &whole[..whole.len() - 60]);
    for output in ["a.svec", "b.svec"] {
        let line = encode(&format!("--resume --precision bf16 --output {output}"));
        let said = bench.fails(&line, 1);
        for part in [output, "fp32", "this run by", "bf16", "--allow-mismatch"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let resumed = bench.spork(&format!("{line} --allow-mismatch"));
        assert!(resumed.status.success(), "{}", stderr(&resumed));
    }
    assert!(bytes(&bench, "a.svec") == whole, "nothing was missing from it");
    // The other one says what it holds, and is resumed by either from now on.
    bench.ok("index --input b.svec --output i");
    let shown = bench.ok("inspect --index i");
    assert!(shown.contains(r#""precision":"bf16+fp32""#), "{shown}");
    let again = encode("--resume --precision fp32 --allow-mismatch --output b.svec");
    let said = stderr(&bench.spork(&again));
    assert!(said.contains("complete already"), "{said}");
}

#[test]
fn a_file_that_does_not_say_its_texts_is_not_resumed() {
    let bench = bench();
    bench.ok(&encode("--precision fp32 --output a.jsonl"));
    // Vectors of another program, or of an earlier version of this one.
    bench.ok("convert --input a.jsonl --output a.svec");
    let said = bench.fails(&encode("--resume --precision fp32 --output a.svec"), 1);
    assert!(said.contains("does not say which texts") && said.contains("--force"), "{said}");
    bench.ok(&encode("--precision fp32 --output b.svec"));
    bench.ok(&encode("--precision fp32 --output a.svec --force"));
    assert!(bytes(&bench, "a.svec") == bytes(&bench, "b.svec"));
}

#[test]
fn a_finished_file_is_replaced_only_by_force() {
    let bench = bench();
    let all = bench.path("corpus.tsv");
    for name in ["a.svec", "a.jsonl"] {
        bench.ok(&encode(&format!("--output {name}")));
        let before = bytes(&bench, name);
        bench.write("one.tsv", "d1\tcat\n");
        let one = encode(&format!("--output {name}")).replace("corpus.tsv", "one.tsv");
        let said = bench.fails(&one, 1);
        assert!(said.contains(name) && said.contains("--force"), "{said}");
        assert!(bytes(&bench, name) == before);
        bench.ok(&format!("{one} --force"));
        assert!(bytes(&bench, name).len() < before.len());
    }
    let said = bench.fails(&encode("--resume --force --output a.svec"), 2);
    assert!(said.contains("--force"), "{said}");
    // What an interrupted run left is hours of work, too.
    bench.write("c.svec.partial", "left");
    let said = bench.fails(&encode("--output c.svec"), 1);
    assert!(said.contains("c.svec.partial") && said.contains("--force"), "{said}");
    bench.ok(&encode("--output c.svec --force"));
    assert!(!bench.path("c.svec.partial").exists() && all.exists());
}

#[test]
fn several_devices_ask_before_they_replace() {
    let bench = bench();
    let line = encode("--device cpu,cpu --output all.svec");
    bench.ok(&line);
    let whole = bytes(&bench, "all.svec");
    let said = bench.fails(&line, 1);
    assert!(said.contains("all.svec") && said.contains("--force"), "{said}");
    bench.write("corpus.tsv", corpus().replacen("d17\tthe cat", "d17\tthe dog", 1));
    let said = bench.fails(&format!("{line} --resume"), 1);
    assert!(said.contains("d4095"), "{said}");
    assert!(bytes(&bench, "all.svec") == whole);
    bench.ok(&format!("{line} --force"));
    assert!(bytes(&bench, "all.svec") != whole);
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_error_that_fails_changes_no_exit_code() {
    let bench = bench();
    bench.write("one.tsv", "d1\tcat\n");
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for (rest, code) in [
        ("--output one.svec", 0),
        ("--device cpu,cpu --output two.svec", 0),
        ("--output nowhere/a.svec", 1),
        ("--no-such-flag", 2),
    ] {
        let line = encode(rest).replace("corpus.tsv", "one.tsv");
        let mut command = bench.command(&line);
        let status = command.stdout(Stdio::null()).stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{line}");
    }
}
