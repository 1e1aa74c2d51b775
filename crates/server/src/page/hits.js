// Hits, and why they are hits.

import { documentOf } from "./api.js";
import { count, element, short, withBar } from "./elements.js";

const CHIPS = 6;
const BAG = 60;
const ORIGINS = { text: "its text", expansion: "expansion", unknown: "unknown" };
const QUERY_ORIGINS = { text: "your query", expansion: "expansion", unknown: "unknown" };

function snippet(parts) {
  const shown = parts.map((part) => (part.matched ? element("mark", {}, part.text) : part.text));
  return element("p", { class: "snippet" }, ...shown);
}

/** The terms that give most, each as long as its share of the score. */
function matches(explain, several) {
  const chips = explain.terms.slice(0, CHIPS).map((term) => {
    const expansion = term.in_query === "expansion" || term.in_document === "expansion";
    const chip = element(
      "li",
      { class: expansion ? "chip dashed" : "chip", title: expansion ? "expansion" : "in both texts" },
      term.term,
      element("span", { class: "unseen" }, expansion ? ", expansion," : ", in both texts,"),
      several ? element("span", { class: "field" }, ` ${term.field}`) : null,
      element("span", { class: "number" }, ` ${Math.round(100 * term.share)} %`),
    );
    return withBar(chip, term.share);
  });
  const more = explain.terms.length - chips.length;
  if (more > 0) chips.push(element("li", { class: "more" }, `and ${more} more`));
  return element("ul", { class: "chips", "aria-label": "Terms that give most" }, ...chips);
}

function row(tag, ...cells) {
  return element("tr", {}, ...cells.map((cell) => element(tag, {}, String(cell))));
}

/** The whole sum. */
function table(explain) {
  const head = ["term", "field", "query", "document", "gives", "share", "in query", "in document"];
  const rows = explain.terms.map((term) =>
    row(
      "td",
      term.term,
      term.field,
      short(term.query_value),
      short(term.document_value),
      short(term.value),
      `${(100 * term.share).toFixed(1)} %`,
      QUERY_ORIGINS[term.in_query],
      ORIGINS[term.in_document],
    ),
  );
  const missing = explain.missing.map((term) => term.term).join(", ");
  return [
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Terms of the score" },
      element("table", {}, element("thead", {}, row("th", ...head)), element("tbody", {}, ...rows)),
    ),
    missing ? element("p", { class: "hint" }, `Not in the document: ${missing}.`) : null,
  ];
}

/** The document's own bag of words, by field, and its text. */
async function bag(index, id, place) {
  const shown = await documentOf(index, id);
  const parts = [];
  if (shown.text != null) parts.push(element("p", { class: "text" }, shown.text));
  for (const [field, weights] of Object.entries(shown.vector ?? {})) {
    const entries = Object.entries(weights).sort((a, b) => b[1] - a[1]);
    const most = entries[0]?.[1] ?? 1;
    const chips = entries
      .slice(0, BAG)
      .map(([term, weight]) =>
        withBar(
          element("li", { class: "chip" }, term, element("span", { class: "number" }, ` ${short(weight)}`)),
          weight / most,
        ),
      );
    if (entries.length > BAG) {
      chips.push(element("li", { class: "more" }, `and ${entries.length - BAG} lighter ones`));
    }
    parts.push(element("h3", {}, `${field}: ${count(entries.length)} terms`));
    parts.push(element("ul", { class: "chips" }, ...chips));
  }
  place.replaceChildren(...parts);
}

function columns(values) {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) return null;
  const shown = entries.flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, Array.isArray(value) ? value.join(", ") : String(value)),
  ]);
  return element("dl", { class: "columns" }, ...shown);
}

/** One hit. `elsewhere` says where other rankings have it. */
export function hitItem(hit, { index, several, elsewhere }) {
  const title = element(
    "summary",
    {},
    element("span", { class: "rank" }, `${hit.rank}`),
    element("span", { class: "id" }, hit.id),
    element("span", { class: "score" }, short(hit.score)),
    elsewhere ? element("span", { class: "elsewhere" }, elsewhere) : null,
  );
  const inside = element("div", { class: "bag" });
  const open = element(
    "button",
    {
      type: "button",
      onclick: async () => {
        open.disabled = true;
        try {
          await bag(index, hit.id, inside);
          open.remove();
        } catch (error) {
          open.disabled = false;
          inside.replaceChildren(element("p", { role: "alert" }, error.message));
        }
      },
    },
    "The whole document",
  );
  const why = element(
    "details",
    {},
    title,
    ...(hit.explain ? table(hit.explain) : []),
    open,
    inside,
  );
  return element(
    "li",
    { class: "hit" },
    why,
    hit.snippet?.length ? snippet(hit.snippet) : null,
    columns(hit.columns),
    hit.explain ? matches(hit.explain, several) : null,
  );
}

/** A ranking under its heading. */
export function ranking(name, answer, ranks, options) {
  const place = (hit) => {
    const others = ranks.filter(([other]) => other !== name);
    if (others.length === 0) return null;
    const told = others.map(([other, of]) => {
      const rank = of.get(hit.id);
      return rank ? `${other} ${rank}` : `${other} –`;
    });
    return told.join(" · ");
  };
  const items = answer.hits.map((hit) => hitItem(hit, { ...options, elsewhere: place(hit) }));
  const list = element("ol", { class: "hits" }, ...items);
  const nothing = element("p", { class: "hint" }, "Nothing found.");
  return element(
    "section",
    { class: "ranking" },
    element("h2", {}, name),
    answer.hits.length > 0 ? list : nothing,
  );
}
