// Calls to the server. Of searches only the latest counts: an earlier one that is still under way
// is given up.

/** What the server answered in place of a result: a message, and maybe a place and a remedy. */
export class Refused extends Error {
  constructor(status, body) {
    const told = body?.error ?? {};
    super(told.message ?? `the server answered ${status}`);
    this.place = told.place;
    this.remedy = told.remedy;
    this.status = status;
  }
}

async function answer(response) {
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

const KEY = "spork-key";

/** Keeps the key that the server wants, until the tab is closed. */
export const useKey = (key) => sessionStorage.setItem(KEY, key);

function authorized(headers = {}) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...headers, Authorization: `Bearer ${key}` } : headers;
}

export async function get(path) {
  return answer(await fetch(path, { headers: authorized() }));
}

async function post(path, body, signal) {
  const headers = authorized({ "Content-Type": "application/json" });
  return answer(
    await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal }),
  );
}

/** The indexes that there are, with their fields and columns. */
export const indexes = () => get("v1/indexes");

/** A document as its index has it. */
export async function documentOf(index, id) {
  const place = `v1/indexes/${encodeURIComponent(index)}/documents/${encodeURIComponent(id)}`;
  return (await get(place)).document;
}

let current = new AbortController();

/** Does searches together; null if others came meanwhile. */
export async function search(requests) {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  try {
    return await Promise.all(requests.map((request) => post("v1/search", request, signal)));
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  }
}
