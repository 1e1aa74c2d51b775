// The query's bag of words, and its changes.

import { byId, element, short, withBar } from "./elements.js";

const STEP = 1.5;
const SHOWN = 40;

/** Terms and weights: the model's, and those that the user has changed. */
export class Bag {
  #given = new Map();
  #changed = new Map();
  #lexical = new Set();
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    byId("reset").addEventListener("click", () => {
      this.forget();
      this.#onChange();
    });
  }

  /** Drops all changes. */
  forget() {
    this.#changed.clear();
  }

  /** The changed vector, or null where it is the model's. */
  get vector() {
    if (this.#changed.size === 0) return null;
    const entries = [...new Map([...this.#given, ...this.#changed])];
    return Object.fromEntries(entries.filter(([, weight]) => weight > 0));
  }

  /** Takes the model's weights from an answer to an unchanged query. */
  take(query) {
    if (this.#changed.size > 0) return;
    this.#given = new Map(Object.entries(query?.vector ?? {}));
    this.#lexical = new Set(query?.lexical ?? []);
  }

  #change(term, weight) {
    this.#changed.set(term, weight);
    if (this.#given.get(term) === weight) this.#changed.delete(term);
    this.#onChange();
  }

  #chip(term, most) {
    const model = this.#given.get(term);
    const weight = this.#changed.get(term) ?? model;
    const lexical = this.#lexical.size === 0 || this.#lexical.has(term);
    const button = (sign, label, next) =>
      element(
        "button",
        { type: "button", "aria-label": `${label} ${term}`, onclick: () => this.#change(term, next) },
        sign,
      );
    const classes = ["chip"];
    if (!lexical) classes.push("dashed");
    if (weight === 0) classes.push("dropped");
    const origin = lexical ? "in your query" : "added by the model";
    const chip = element(
      "li",
      { class: classes.join(" ") },
      element("span", { title: origin }, term),
      element("span", { class: "unseen" }, `, ${origin}, weight `),
      element("span", { class: "number" }, weight === 0 ? "dropped" : short(weight)),
      weight > 0 ? button("−", "Less of", weight / STEP) : null,
      weight > 0 ? button("+", "More of", weight * STEP) : null,
      weight > 0 ? button("×", "Drop", 0) : button("↺", "Take back", model),
    );
    return withBar(chip, weight / most);
  }

  /** Shows the bag, the heaviest terms first, in the model's order. */
  show() {
    const section = byId("bag");
    section.hidden = this.#given.size === 0;
    byId("reset").hidden = this.#changed.size === 0;
    const terms = [...this.#given].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const most = Math.max(...this.#given.values(), ...this.#changed.values(), 0);
    const focused = document.activeElement?.getAttribute("aria-label");
    const chips = terms.slice(0, SHOWN).map(([term]) => this.#chip(term, most));
    if (terms.length > SHOWN) {
      chips.push(element("li", { class: "more" }, `and ${terms.length - SHOWN} lighter ones`));
    }
    byId("terms").replaceChildren(...chips);
    // What had the focus was replaced: the keyboard goes on where it was.
    if (focused) {
      const again = [...byId("terms").querySelectorAll("button")];
      again.find((each) => each.getAttribute("aria-label") === focused)?.focus();
    }
  }
}
