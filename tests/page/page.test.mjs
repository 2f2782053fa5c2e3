// The page of a report in a real browser: `npm install && npm test` in this folder. It needs Chromium (CHROMIUM names it,
// else /usr/bin/chromium) and cargo. With PICTURES=folder pictures are taken, to be looked at.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "gorace-page-"));
const gorace = (...args) =>
  execFileSync("cargo", ["run", "--quiet", "-p", "cargo-gorace", "--bin", "gorace", "--", ...args], { cwd: ROOT, encoding: "utf8" });

const stored = (name) => join(ROOT, "analyzer/tests/data", `${name}.gtrace.json`);

// A page of a stored finding; `edit` may change the trace file before.
function page(name, edit) {
  const trace = JSON.parse(readFileSync(stored(name), "utf8"));
  // The sources are where they were: the folder of the fixtures. Their text may have changed since.
  trace.program.manifest_dir = join(ROOT, "fixtures");
  trace.sources = [];
  if (edit) edit(trace);
  const file = join(FOLDER, `${name}-${Math.random().toString(36).slice(2)}.gtrace.json`);
  writeFileSync(file, JSON.stringify(trace));
  const html = file.replace(".gtrace.json", ".html");
  gorace("export", file, "--format", "html", "-o", html);
  return { html, file };
}

let browser;
before(async () => {
  browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
});
after(() => browser.close());

// Opens a page; whatever it complains of, or asks the network for, is an error.
async function open({ html }, width = 1280, scheme = "light") {
  const tab = await browser.newPage();
  const complaints = [];
  tab.on("console", (message) => { if (["error", "warn"].includes(message.type())) complaints.push(message.text()); });
  tab.on("pageerror", (error) => complaints.push(String(error)));
  tab.on("dialog", (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  tab.on("request", (request) => { if (!request.url().startsWith("file:")) complaints.push(`asks for ${request.url()}`); });
  await tab.setViewport({ width, height: 1200 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await tab.goto(`file://${html}`);
  await tab.waitForSelector("#app:not([hidden])");
  return { tab, complaints };
}

const lines = (tab) => tab.$$eval(".pane:not([hidden]) .source", (panes) =>
  panes.map((pane) => pane.querySelector(".now")?.firstElementChild.textContent ?? null));

async function slide(tab, step) {
  await tab.$eval("input[type=range]", (slider, at) => { slider.value = at; slider.dispatchEvent(new Event("input")); }, step);
}

test("opens without an error, and the slider moves both panes", async () => {
  const { tab, complaints } = await open(page("bank_transfer"));
  // Steps 4 and 5 of the story: each task takes its first lock; 6 and 7: each waits for the other's.
  await slide(tab, 3);
  assert.deepEqual(await lines(tab), [null, null], "neither has begun");
  await slide(tab, 5);
  assert.deepEqual(await lines(tab), ["12", "19"]);
  await slide(tab, 7);
  assert.deepEqual(await lines(tab), ["13", "20"]);
  assert.deepEqual(complaints, []);
});

test("keys move the steps", async () => {
  const { tab } = await open(page("bank_transfer"));
  const position = () => tab.$eval("output", (output) => output.textContent);
  assert.equal(await position(), "step 7 of 7");
  await tab.focus(".scroll");
  await tab.keyboard.press("ArrowUp");
  assert.equal(await position(), "step 6 of 7");
  await tab.keyboard.press("Home");
  assert.equal(await position(), "step 1 of 7");
  assert.match(await tab.$eval("input[type=range]", (slider) => slider.getAttribute("aria-valuetext")), /step 1, T0 main: spawn T1/);
});

for (const name of ["racy_counter", "bank_transfer", "leaked_receiver", "panic_in_order"]) {
  test(`the pinned accesses of ${name} are the report's`, async () => {
    const { html, file } = page(name);
    const { tab, complaints } = await open({ html });
    const accesses = JSON.parse(gorace("export", file, "--format", "json")).accesses.map(({ file, line }) => `${file}:${line}`);
    const pinned = await tab.$$eval(".place:not(:disabled) .where", (places) => places.map((place) => place.textContent));
    assert.ok(pinned.length > 0);
    for (const place of pinned) assert.ok(accesses.includes(place), `${place} of ${accesses}`);
    // Choosing one shows its step, which stands in the same line.
    const line = await tab.$eval(".place:not(:disabled)", (place) => { place.click(); return place.querySelector(".where").textContent.split(":").pop(); });
    assert.ok((await tab.$eval("tr.now", (row) => row.textContent)).includes(`:${line}`));
    assert.deepEqual(complaints, []);
  });
}

test("a race has a dashed line and says what else could have run", async () => {
  const { tab } = await open(page("racy_counter"));
  assert.equal(await tab.$$eval(".arrows path.missing", (paths) => paths.length), 1);
  // At step 3 main spawns T2, and T1 could have ended.
  await slide(tab, 3);
  assert.match(await tab.$eval(".now-what dd", (told) => told.textContent), /^T1: exit$/);
});

test("what programs say is text", async () => {
  const hostile = "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>\u202edesrever" + "x".repeat(10_000);
  const { tab, complaints } = await open(page("racy_counter", (trace) => {
    for (const task of trace.trace.tasks) task.name = hostile;
    for (const object of trace.trace.objects) object.name = hostile;
  }));
  assert.equal(await tab.evaluate(() => window.hacked), undefined);
  assert.equal(await tab.$$eval("img", (images) => images.length), 0);
  assert.match(await tab.$eval("h1", (title) => title.textContent), /<script>window\.hacked/);
  assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "nothing sticks out");
  assert.deepEqual(complaints, []);
});

const frames = (tab) => tab.$$eval(".frame:not([hidden])", (all) => all.map((frame) => frame.querySelector("h2").textContent));
// The chosen step of each execution that is shown.
const chosen = (tab) => tab.$$eval(".frame:not([hidden])", (all) => all.map((frame) => frame.querySelector("tr.now")?.innerText.trim().split(/\s+/).slice(1).join(" ") ?? null));
const press = async (tab, name) => {
  const buttons = await tab.$$("[role=group] button");
  for (const button of buttons) if (await button.evaluate((it) => it.textContent) === name) return button.click();
  assert.fail(`no button ${name}`);
};

test("the passing execution stands beside the failing one", async () => {
  const { tab, complaints } = await open(page("panic_in_order"));
  assert.deepEqual(await frames(tab), ["the one that fails"]);
  await press(tab, "one that passes");
  assert.deepEqual(await frames(tab), ["one that passes"]);
  assert.equal(await tab.$$eval(".frame:not([hidden]) tr.end", (rows) => rows.length), 0, "nothing ends badly in it");
  await press(tab, "both");
  assert.deepEqual(await frames(tab), ["the one that fails", "one that passes"]);
  // The two begin alike: main starts both tasks.
  const parted = await tab.$$eval("tr.part", (rows) => rows.map((row) => row.previousElementSibling.innerText.trim().split(/\s+/)[0]));
  assert.equal(parted.length, 2);
  assert.ok(Number(parted[0]) >= 2 && parted[0] === parted[1], `${parted}`);
  // The server takes the lock in both, and panics in the one alone.
  const step = async (text) => tab.$$eval(".frame:first-of-type tr.step", (rows, wanted) => rows.findIndex((row) => row.innerText.includes(wanted)), text);
  await slide(tab, await step("panic :12") + 1);
  assert.deepEqual(await chosen(tab), ["panic :12 only here", null]);
  assert.match(await tab.$eval(".now-what", (told) => told.innerText), /where it passes\s+it is not there/);
  await slide(tab, await step("lock `config` :11") + 1);
  const both = await chosen(tab);
  assert.match(both[0], /lock `config` :11$/);
  assert.match(both[1], /lock `config` :11/);
  // A step of the other one can be chosen as well, and then the slider is its.
  const steps = await tab.$$eval(".frame:last-of-type tr.step", (rows) => { rows[0].click(); return rows.length; });
  assert.equal(await tab.$eval("output", (output) => output.textContent), `step 1 of ${steps}`);
  assert.match((await chosen(tab)).join("; "), /^spawn T1 :9; spawn T1 :9$/);
  assert.deepEqual(complaints, []);
});

test("a run with several findings has an index", async () => {
  const run = mkdtempSync(join(FOLDER, "run-"));
  for (const name of ["racy_counter", "bank_transfer"]) {
    const trace = JSON.parse(readFileSync(stored(name), "utf8"));
    const { program, facts } = trace;
    writeFileSync(join(run, `${facts.id}.gtrace.json`), JSON.stringify(trace));
    const result = {
      schema: 1, kind: "result", program, verdict: "failed", preemptions: null, limits: [], stopped: "complete",
      executions: facts.executions, redundant: 0, auxiliary: 0, steps: 9, nanoseconds: null, strategies: "dpor",
      findings: [facts.id], notes: [], misfit: null, interleavings: null, runs: 1,
    };
    writeFileSync(join(run, `result-${name}.json`), JSON.stringify(result));
  }
  const html = join(run, "page.html");
  // 66: there are findings.
  assert.throws(() => gorace("merge", run, "--report", `html=${html}`), { status: 66 });
  const { tab, complaints } = await open({ html });
  const title = () => tab.$eval("h1", (element) => element.textContent);
  assert.match(await title(), /^deadlock/);
  await tab.click(".index li:nth-child(2) a");
  await tab.waitForFunction(() => document.querySelector("h1").textContent.startsWith("data race"));
  assert.equal(await tab.$eval(".index a[aria-current]", (link) => link.firstElementChild.textContent), "GR0001");
  assert.deepEqual(complaints, []);
});

// The first read of the race's trace again and again.
const long = (steps) => (trace) => {
  const read = trace.trace.events[8];
  while (trace.trace.events.length < steps) trace.trace.events.push(read);
};

for (const [steps, rows] of [[1_000, [1_000, 1_000]], [100_000, [10, 100]]]) {
  test(`${steps} steps`, async (context) => {
    const file = page("racy_counter", long(steps));
    const start = performance.now();
    const { tab, complaints } = await open(file);
    context.diagnostic(`opened after ${Math.round(performance.now() - start)} ms`);
    const shown = await tab.$$eval("tr.step", (all) => all.length);
    assert.ok(shown >= rows[0] && shown <= rows[1], `${shown} rows`);
    assert.equal(await tab.$eval("input[type=range]", (slider) => slider.max), String(steps));
    await slide(tab, steps / 2);
    assert.ok((await tab.$eval("tr.now", (row) => row.textContent)).startsWith(String(steps / 2)), "a folded step is opened");
    assert.deepEqual(complaints, []);
  });
}

test("it fits its window, in both schemes", async () => {
  const folder = process.env.PICTURES;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const name of ["racy_counter", "bank_transfer", "leaked_receiver", "panic_in_order"]) {
    const file = page(name);
    for (const width of [1280, 390]) {
      for (const scheme of ["light", "dark"]) {
        const { tab, complaints } = await open(file, width, scheme);
        assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} at ${width}`);
        assert.deepEqual(complaints, []);
        if (folder) await tab.screenshot({ path: join(folder, `${name}-${width}-${scheme}.png`), fullPage: true });
        if (await tab.$("[role=group]")) {
          await press(tab, "both");
          assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `both of ${name} at ${width}`);
          if (folder) await tab.screenshot({ path: join(folder, `${name}-${width}-${scheme}-both.png`), fullPage: true });
        }
        await tab.close();
      }
    }
  }
});
