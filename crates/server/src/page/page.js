// The page: a query is typed, its hits are shown.

import { indexes, Refused, search, useKey } from "./api.js";
import { Bag } from "./bag.js";
import { byId, counted, element, short } from "./elements.js";
import { ranking } from "./hits.js";

/** Milliseconds after the last key. */
const PAUSE = 150;
const SNIPPET = 240;
const NAMES = { splade: "SPLADE", bm25: "BM25" };

const page = { indexes: [], timer: 0 };
const bag = new Bag(() => run());

const index = () => page.indexes.find((each) => each.name === byId("index").value);
const nameOf = (field) => NAMES[field] ?? field;

/** Ways to rank: all fields together, each alone, or all of these side by side. */
function ways(fields) {
  if (fields.length < 2) return [];
  const only = (name) => fields.map((field) => `${field.name}=${field.name === name ? 1 : 0}`);
  return [
    { id: "all", name: "Hybrid", mix: null },
    ...fields.map(({ name }) => ({ id: name, name: nameOf(name), mix: only(name).join(",") })),
    { id: "beside", name: "Side by side" },
  ];
}

function chosen() {
  const all = ways(index().fields);
  if (all.length === 0) return [{ name: nameOf(index().fields[0]?.name ?? ""), mix: null }];
  const id = document.querySelector("input[name=mode]:checked")?.value ?? "all";
  return id === "beside" ? all.slice(0, -1) : all.filter((way) => way.id === id);
}

/** Shows what the chosen index can do. */
function showIndex() {
  const of = index();
  const fields = of.fields.map((field) => nameOf(field.name)).join(" and ");
  byId("about").textContent = `${counted(of.documents, "document")} · ${fields || "no fields"}`;
  const modes = byId("modes");
  modes.querySelectorAll("label").forEach((label) => label.remove());
  for (const way of ways(of.fields)) {
    const input = element("input", { type: "radio", name: "mode", value: way.id });
    input.checked = way.id === "all";
    modes.append(element("label", {}, input, ` ${way.name}`));
  }
  modes.hidden = ways(of.fields).length === 0;
  byId("filter-row").hidden = of.columns.length === 0;
  const hint = byId("columns");
  hint.hidden = of.columns.length === 0;
  hint.textContent = `Columns: ${of.columns.map(({ name, kind }) => `${name} (${kind})`).join(", ")}`;
  byId("filter").placeholder = example(of.columns[0]);
}

function example(column) {
  const values = { integer: ">= 2020", float: "> 0.5", boolean: "= true", time: '> "2024-01-01"' };
  return column ? `${column.name} ${values[column.kind] ?? '= "en"'}` : "";
}

/** The requests of the form. */
function requests() {
  const of = index();
  const text = byId("query").value;
  const hasModel = of.model != null && of.fields.some((field) => field.source === "vectors");
  return chosen().map((way) => {
    const request = {
      index: of.name,
      query: text,
      k: Number(byId("k").value),
      explain: true,
      snippet: SNIPPET,
      columns: of.columns.map((column) => column.name),
    };
    if (way.mix) request.mix = way.mix;
    if (byId("filter").value.trim()) request.filter = byId("filter").value;
    const usesVector = !way.mix || way.mix.includes("splade=1");
    if (hasModel && usesVector && bag.vector) {
      request.vector = bag.vector;
      // A field of vectors alone takes no text beside its vector.
      if (of.fields.length === 1) delete request.query;
    }
    return request;
  });
}

function clear() {
  byId("results").replaceChildren();
  byId("bag").hidden = true;
  byId("status").textContent = "";
  byId("error").hidden = true;
}

function status(answers) {
  const slowest = answers.reduce((a, b) => (a.took.total_us > b.took.total_us ? a : b));
  const { took } = slowest;
  const ms = (microseconds) => `${(microseconds / 1000).toFixed(2)} ms`;
  const hits = Math.max(...answers.map((answer) => answer.hits.length));
  const parts = [`${counted(hits, "hit")} in ${ms(took.search_us)}`];
  // A vector that is given, and a text for BM25, pass no model.
  const encoded = !bag.vector && Object.keys(slowest.query?.vector ?? {}).length > 0;
  if (encoded) parts.push(`query encoded in ${ms(took.prepare_us)}`);
  parts.push(`${counted(took.postings, "posting")} scored`);
  if (slowest.matched != null) parts.push(`the filter keeps ${counted(slowest.matched, "document")}`);
  const unsure = answers.find((answer) => !answer.exact);
  parts.push(unsure ? `not exact: up to ${short(unsure.unseen_at_most ?? 0)} unseen` : "exact");
  return parts.join(" · ");
}

function showError(error) {
  const told = byId("error");
  // Some messages begin with their place.
  const known = !error.place || error.message.includes(error.place);
  const place = known ? "" : ` (${error.place})`;
  const remedy = error.remedy ? ` ${error.remedy}.` : "";
  told.textContent =
    error instanceof Refused
      ? `${error.message}${place}${remedy ? `.${remedy}` : ""}`
      : "The server does not answer. Is it still running?";
  told.hidden = false;
  byId("key-form").hidden = error.status !== 401;
}

/** Searches, and shows what is found. */
async function run() {
  clearTimeout(page.timer);
  remember();
  if (!index() || byId("query").value.trim() === "") return clear();
  const ways = chosen();
  try {
    const answers = await search(requests());
    if (answers === null) return;
    byId("error").hidden = true;
    byId("status").textContent = status(answers);
    const withVector = answers.find((answer) => Object.keys(answer.query?.vector ?? {}).length > 0);
    bag.take(withVector?.query);
    bag.show();
    show(ways, answers);
  } catch (error) {
    showError(error);
  }
}

function show(ways, answers) {
  const ranks = answers.map((answer, place) => [
    ways[place].name,
    new Map(answer.hits.map((hit) => [hit.id, hit.rank])),
  ]);
  const several = index().fields.length > 1;
  const options = { index: index().name, several };
  const rankings = answers.map((answer, place) =>
    ranking(ways[place].name, answer, ranks, options),
  );
  byId("results").className = rankings.length > 1 ? "beside" : "";
  byId("results").replaceChildren(...rankings);
}

/** Keeps the form in the address, so that it can be sent to somebody. */
function remember() {
  const address = new URLSearchParams();
  const mode = document.querySelector("input[name=mode]:checked")?.value;
  const values = { q: byId("query").value, filter: byId("filter").value };
  if (page.indexes.length > 1) values.index = byId("index").value;
  if (mode && mode !== "all") values.mode = mode;
  if (byId("k").value !== "10") values.k = byId("k").value;
  for (const [name, value] of Object.entries(values)) if (value) address.set(name, value);
  const text = address.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

function recall() {
  const address = new URLSearchParams(location.search);
  const wanted = address.get("index");
  if (page.indexes.some((each) => each.name === wanted)) byId("index").value = wanted;
  showIndex();
  byId("query").value = address.get("q") ?? "";
  byId("filter").value = address.get("filter") ?? "";
  const k = address.get("k");
  if ([...byId("k").options].some((option) => option.value === k)) byId("k").value = k;
  const mode = [...document.querySelectorAll("input[name=mode]")];
  const input = mode.find((each) => each.value === address.get("mode"));
  if (input) input.checked = true;
}

function later() {
  clearTimeout(page.timer);
  page.timer = setTimeout(run, PAUSE);
}

/** Moves the focus from hit to hit. */
function step(event) {
  const titles = [...document.querySelectorAll(".hit summary")];
  const at = titles.indexOf(document.activeElement);
  const inQuery = document.activeElement === byId("query");
  if (titles.length === 0 || (at < 0 && !inQuery)) return;
  if (event.key === "ArrowDown") titles[Math.min(at + 1, titles.length - 1)].focus();
  else if (at > 0) titles[at - 1].focus();
  else if (at === 0) byId("query").focus();
  else return;
  event.preventDefault();
}

function onKey(event) {
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("query").select();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (event.target === byId("query") || !typing) step(event);
  }
}

function listen() {
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  byId("query").addEventListener("input", () => {
    bag.forget();
    later();
  });
  byId("filter").addEventListener("input", later);
  byId("k").addEventListener("change", run);
  byId("modes").addEventListener("change", run);
  byId("index").addEventListener("change", () => {
    bag.forget();
    showIndex();
    run();
  });
  document.addEventListener("keydown", onKey);
}

async function start() {
  listen();
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    useKey(byId("key").value);
    byId("key-form").hidden = true;
    byId("error").hidden = true;
    open();
  });
  open();
}

/** Asks what there is, and does the search that the address names. */
async function open() {
  try {
    page.indexes = (await indexes()).indexes;
  } catch (error) {
    return showError(error);
  }
  byId("index").replaceChildren(...page.indexes.map(({ name }) => element("option", {}, name)));
  byId("index-choice").hidden = page.indexes.length < 2;
  if (page.indexes.length === 0) return;
  recall();
  byId("query").focus();
  run();
}

start();
