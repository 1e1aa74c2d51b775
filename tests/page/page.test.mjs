// The page as people use it: real typing, real clicks, in Chromium. With SCREENSHOTS=FOLDER it
// leaves pictures there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

import { start } from "./server.mjs";

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server, browser;

before(async () => {
  server = await start();
  const args = ["--no-sandbox"];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

/** A page whose errors fail the test. */
async function open(path = "", { viewport = WIDE, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address)) elsewhere.push(request.url());
  });
  await page.goto(`${server.address}/${path}`);
  const close = async (expected = 0) => {
    assert.equal(faults.length, expected, faults.join("\n"));
    assert.deepEqual(elsewhere, [], "nothing comes from elsewhere");
    await context.close();
  };
  return { page, close };
}

async function type(page, text) {
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await page.keyboard.type(text);
  await page.locator(".hit").first().waitFor();
  await page.getByRole("status").filter({ hasText: "exact" }).waitFor();
}

const ids = (page) => page.locator(".hit .id").allTextContents();

async function picture(page, name) {
  if (!process.env.SCREENSHOTS) return;
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
}

async function accessible(page) {
  // The page's policy lets no script in but its own; this one comes by the debugger.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html)}`);
  assert.deepEqual(told, []);
}

test("a query is typed and hits appear", async () => {
  const { page, close } = await open();
  await page.getByText("6 documents · SPLADE and BM25").waitFor();
  await type(page, "how long does jet lag last");
  assert.equal((await ids(page))[0], "jet");
  assert.match(await page.locator(".hit").first().locator("mark").first().textContent(), /jet/i);
  assert.match(await page.getByRole("status").textContent(), /hits in .* ms · query encoded/);
  await picture(page, "wide");
  await accessible(page);
  await close();
});

test("text is never markup", async () => {
  const { page, close } = await open("?q=broken+bold+lag");
  await page.locator(".hit").first().waitFor();
  await page.locator(".hit", { hasText: "html" }).locator("summary").click();
  await page.locator(".hit", { hasText: "html" }).getByRole("button", { name: "whole document" }).click();
  await page.locator(".text", { hasText: "<script>" }).waitFor();
  assert.equal(await page.title(), "Spork");
  await close();
});

test("the bag of words is edited without encoding again", async () => {
  const { page, close } = await open("?q=jet+lag");
  const bag = page.getByRole("region", { name: "What is searched for" });
  const first = await page.locator(".hit .score").first().textContent();
  assert.ok((await bag.locator(".chip").count()) > 1);
  assert.ok((await bag.locator(".dashed.chip").count()) > 0, "expansion is told apart");
  await bag.getByRole("button", { name: "More of jet", exact: true }).click();
  await page.waitForFunction(
    (before) => document.querySelector(".hit .score").textContent !== before,
    first,
  );
  assert.doesNotMatch(await page.getByRole("status").textContent(), /encoded/);
  await bag.getByRole("button", { name: "Drop jet", exact: true }).click();
  await bag.locator(".dropped", { hasText: "jet" }).first().waitFor();
  await picture(page, "edited");
  await accessible(page);
  await bag.getByRole("button", { name: "Take back jet", exact: true }).click();
  await page.waitForFunction(
    (before) => document.querySelector(".hit .score").textContent === before,
    first,
  );
  await bag.getByRole("button", { name: "Drop jet", exact: true }).click();
  await bag.getByRole("button", { name: "Back to the model" }).click();
  await page.waitForFunction(
    (before) => document.querySelector(".hit .score").textContent === before,
    first,
  );
  await close();
});

test("a hit shows why, and its whole document", async () => {
  const { page, close } = await open("?q=spork+and+spoon");
  const hit = page.locator(".hit").first();
  await hit.locator("summary").click();
  const table = hit.getByRole("table");
  assert.match(await table.textContent(), /spoon/);
  await hit.getByRole("button", { name: "The whole document" }).click();
  await hit.getByRole("heading", { name: /splade: \d+ terms/ }).waitFor();
  await hit.getByRole("heading", { name: /bm25: \d+ terms/ }).waitFor();
  await picture(page, "why");
  await accessible(page);
  await close();
});

test("rankings stand side by side", async () => {
  const { page, close } = await open("?q=plane");
  await page.getByRole("radio", { name: "Side by side" }).check();
  await page.getByRole("heading", { name: "BM25" }).waitFor();
  for (const name of ["Hybrid", "SPLADE", "BM25"]) {
    await page.getByRole("heading", { name, exact: true }).waitFor();
  }
  assert.match(await page.locator(".elsewhere").first().textContent(), /BM25 (\d|–)/);
  await picture(page, "beside");
  await accessible(page);
  await page.getByRole("radio", { name: "BM25", exact: true }).check();
  await page.waitForFunction(() => document.querySelectorAll(".ranking").length === 1);
  assert.ok((await ids(page)).includes("jet"));
  await page.reload();
  await page.locator(".hit").first().waitFor();
  assert.ok(await page.getByRole("radio", { name: "BM25", exact: true }).isChecked());
  await close();
});

test("filters restrict, and their errors say where", async () => {
  const { page, close } = await open("?q=lag");
  await page.getByLabel("Filter").fill('shelf = "web" and year > 2021');
  await page.getByText("the filter keeps 1 document").waitFor();
  assert.deepEqual(await ids(page), ["long"]);
  await page.getByLabel("Filter").fill("colour = 3");
  await page.getByRole("alert").filter({ hasText: "colour" }).waitFor();
  await picture(page, "error");
  await accessible(page);
  await page.getByLabel("Filter").fill("");
  await page.getByRole("alert").filter({ hasText: "colour" }).waitFor({ state: "hidden" });
  // The refusal is the browser's only complaint.
  await close(1);
});

test("the keyboard is enough", async () => {
  const { page, close } = await open("?q=fork+bowl");
  await page.locator(".hit").first().waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator(".hit").first().getByRole("table").waitFor();
  await page.keyboard.press("ArrowDown");
  const focused = () => page.evaluate(() => document.activeElement.querySelector(".rank").textContent);
  assert.equal(await focused(), "2");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "1");
  await page.keyboard.press("ArrowUp");
  assert.equal(await page.evaluate(() => document.activeElement.id), "query");
  await close();
});

test("an index of words alone shows what it has", async () => {
  const { page, close } = await open("?index=words&q=bowl");
  await page.locator(".hit").first().waitFor();
  assert.equal(await page.getByRole("radio").count(), 0);
  assert.equal(await page.getByRole("region", { name: "What is searched for" }).count(), 0);
  await page.getByLabel("Index").selectOption("hybrid");
  await page.getByRole("radio", { name: "Hybrid" }).waitFor();
  await close();
});

test("a phone, and the dark", async () => {
  const viewport = PHONE;
  for (const [colorScheme, path] of [
    ["light", "?q=how+long+does+jet+lag+last"],
    ["dark", "?q=plane&mode=beside"],
  ]) {
    const { page, close } = await open(path, { viewport, colorScheme });
    await page.locator(".hit").first().waitFor();
    const [wide, shown] = await page.evaluate(() => [document.body.scrollWidth, innerWidth]);
    assert.ok(wide <= shown, `${wide} of ${shown} pixels`);
    await picture(page, `phone-${colorScheme}`);
    await accessible(page);
    await close();
  }
});
