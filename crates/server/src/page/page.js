"use strict";

const byId = (id) => document.getElementById(id);

function hitItem(hit) {
  const item = document.createElement("li");
  item.append(`${hit.id}  ${hit.score.toFixed(3)} `);
  for (const part of hit.snippet ?? []) {
    const shown = document.createElement(part.matched ? "mark" : "span");
    shown.textContent = part.text;
    item.append(shown);
  }
  return item;
}

async function search(event) {
  event.preventDefault();
  const response = await fetch("v1/search", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: byId("query").value, snippet: 200 }),
  });
  const answer = await response.json();
  byId("hits").replaceChildren(...(answer.hits ?? []).map(hitItem));
  byId("status").textContent = response.ok
    ? `${answer.hits.length} hits, ${(answer.took.total_us / 1000).toFixed(1)} ms`
    : answer.error.message;
}

byId("search").addEventListener("submit", search);
