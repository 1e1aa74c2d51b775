// Elements, made of tags, attributes and children. Text never becomes markup.

export const byId = (id) => document.getElementById(id);

/** An element. A name with a value of true is an attribute without value, of false or null none. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** A bar behind an element, as long as a share from 0 to 1. */
export function withBar(made, share) {
  made.style.setProperty("--share", String(Math.max(0, Math.min(1, share))));
  return made;
}

/** A number in few digits. */
export function short(number) {
  if (number === 0 || Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en");
  return number.toPrecision(3);
}

export const count = (number) => number.toLocaleString("en");

/** A number of things: 1 hit, 2 hits. */
export const counted = (number, one) => `${count(number)} ${one}${number === 1 ? "" : "s"}`;
