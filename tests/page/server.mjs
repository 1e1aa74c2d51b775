// A real server over a real hybrid index, for the tests of its page.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const SPORK = resolve(ROOT, process.env.SPORK ?? "target/debug/spork");
const MODEL = join(ROOT, "data/model");

const DOCUMENTS = [
  ["jet", "Jet lag lasts a few days, depending on how many time zones a plane crosses.", 2021, "health"],
  ["sleep", "Travellers who sleep badly after a long flight recover within a week.", 2019, "health"],
  ["fork", "A fork has tines; a spork is a fork and a spoon.", 2005, "kitchen"],
  ["bowl", "A wooden bowl should dry slowly after it was washed.", 2012, "kitchen"],
  ["html", "<script>document.title = 'broken'</script> & <b>bold</b> lag", 2020, "web"],
  ["long", `Lag ${"and still more words about planes ".repeat(60)}`, 2022, "web"],
];

const spork = (...args) => execFileSync(SPORK, args, { stdio: ["ignore", "pipe", "pipe"] });

/** Builds two indexes and serves them; `stop` ends the server. */
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), "spork-page-"));
  const at = (name) => join(folder, name);
  const lines = DOCUMENTS.map(([_id, text, year, shelf]) =>
    JSON.stringify({ _id, text, year, shelf }),
  );
  writeFileSync(at("corpus.jsonl"), `${lines.join("\n")}\n`);
  const quiet = ["--quiet"];
  spork("encode", ...quiet, "--model", MODEL, "--input", at("corpus.jsonl"), "--output", at("v.svec"));
  const stored = ["--store", "text", "--columns", "year:integer,shelf:keyword"];
  const bm25 = ["--bm25", at("corpus.jsonl"), ...stored];
  spork("index", ...quiet, "--input", at("v.svec"), ...bm25, "--output", at("hybrid"));
  spork("index", ...quiet, ...bm25, "--output", at("words"));
  const served = [`hybrid=${at("hybrid")}`, `words=${at("words")}`];
  const args = ["serve", "--listen", "127.0.0.1:0", "--index", ...served, "--model", MODEL];
  const child = spawn(SPORK, args, { stdio: ["ignore", "ignore", "pipe"] });
  const address = await new Promise((found, failed) => {
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
      const told = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (told) found(told[0]);
    });
    child.on("exit", () => failed(new Error(`the server ended: ${said}`)));
  });
  const stop = () =>
    new Promise((ended) => {
      child.on("exit", ended);
      child.kill("SIGTERM");
    });
  return { address, stop };
}
