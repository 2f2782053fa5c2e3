// The page: an index if there are several findings, and one finding at a time.

const DATA = JSON.parse(document.getElementById("data").textContent);
const APP = document.getElementById("app");

// A task keeps its colour in both executions: it is known by its path.
function colours(finding) {
  const order = finding.runs[0].tasks.map((task) => task.path);
  return (execution, ix) => {
    const known = order.indexOf(execution.tasks[ix].path);
    const at = known < 0 ? ix : known;
    return `t${at === 0 ? 0 : 1 + ((at - 1) % 7)}`;
  };
}

class Page {
  constructor(finding) {
    this.finding = finding;
    this.executions = finding.runs.map((run) => new Execution(run));
    this.colour = colours(finding);
    this.comparison = this.executions.length > 1 ? new Comparison(this.executions) : null;
    this.options = { arrows: true, object: "", colour: this.colour };
    this.told = new Set(finding.places.map((place) => `${place.file}:${place.line}`));
    const names = ["the one that fails", "one that passes"];
    this.timelines = this.executions.map((_, ix) => new Timeline(ix, this.comparison, names[ix], (at) => this.go(at, ix)));
    this.panes = [0, 1].map(() => new Pane(() => this.follow()));
    this.slider = el("input", { type: "range", min: 1, value: 1, "aria-label": "step" });
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value) - 1));
    this.position = el("output", { "aria-live": "polite" });
    this.what = el("section", { class: "card now-what", "aria-label": "the chosen step" });
    this.filter = el("select", null);
    this.filter.addEventListener("change", () => { this.options.object = this.filter.value; this.timelines.forEach((timeline) => timeline.filter()); });
    const arrows = el("input", { type: "checkbox", checked: true });
    arrows.addEventListener("change", () => { this.options.arrows = arrows.checked; this.timelines.forEach((timeline) => timeline.draw()); });
    // What is shown: one of the executions, or both.
    this.views = this.comparison ? [[0], [1], [0, 1]] : [[0]];
    this.switches = this.views.map((view, at) =>
      el("button", { type: "button", class: "tool", onclick: () => this.show(at) }, view.length > 1 ? "both" : names[view[0]]));
    const tool = (label, title, action) => el("button", { type: "button", class: "tool", title, "aria-label": title, onclick: action }, label);
    this.controls = el("div", { class: "controls", role: "toolbar", "aria-label": "steps" },
      tool("\u25c2", "one step back", () => this.go(this.at - 1)), this.slider, tool("\u25b8", "one step on", () => this.go(this.at + 1)), this.position,
      this.executions.length > 1 ? el("span", { role: "group", "aria-label": "execution" }, ...this.switches) : null,
      el("label", null, "only", this.filter), el("label", null, arrows, "happens-before"));
    this.root = el("article", null, ...this.head(), this.controls,
      this.stage = el("div", { class: "stage" }, ...this.timelines.map((timeline) => timeline.frame), el("div", { class: "panes" }, this.what, ...this.panes.map((pane) => pane.root))),
      el("details", null, el("summary", null, "the report as text"), el("pre", null, finding.text)));
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  head() {
    const { finding } = this;
    const list = (title, lines) => lines && lines.length ? el("section", { class: "card" }, el("h2", null, title), ...lines.map((line) => el("p", null, ...prose(line)))) : null;
    const places = finding.places.map((place) => el("button", {
      type: "button", class: "place", disabled: place.step === null, onclick: () => { if (!this.views[this.shown].includes(0)) this.show(0); this.go(place.step, 0); },
    }, el("span", { class: `number ${this.colour(this.executions[0], place.task)}` }, place.number ? circled(place.number) : "\u00b7"),
    el("span", { class: "label" }, ...prose(place.label)), el("span", { class: "where" }, `${place.file}:${place.line}`)));
    return [
      el("div", { class: "kicker" }, el("span", { class: finding.standing ? "chip quiet" : "chip" }, finding.code), el("span", null, finding.title),
        el("span", null, `${finding.package} \u00b7 ${finding.test}`), finding.standing ? el("span", { class: "chip quiet" }, finding.standing) : null),
      el("h1", null, ...prose(finding.headline)),
      finding.go ? el("p", { class: "go" }, finding.go) : null,
      el("div", { class: "cards" }, el("div", null,
        places.length ? el("section", { class: "card", "aria-label": "places" }, el("h2", null, "where"), ...places) : null,
        list(finding.waits ? finding.waits.title : "", finding.waits && finding.waits.lines.map((line) => line.replaceAll(" --[", " \u2500[").replaceAll("]--> ", "]\u2192 ")))), el("div", null,
        list(finding.why ? finding.why.title : "", finding.why && finding.why.lines),
        list("help", finding.help),
        el("section", { class: "card" }, el("h2", null, "how it was found"), ...finding.facts.map((fact) => el("p", null, fact)),
          el("p", null, "replay: ", el("code", null, finding.replay)), el("p", null, "explain: ", el("code", null, `gorace explain ${finding.code}`))))),
    ].filter((part) => part !== null);
  }

  // Shows one of the executions, or both beside each other.
  show(view) {
    if (this.shown === view) return;
    this.shown = view;
    const shown = this.views[view];
    this.switches.forEach((button, at) => button.setAttribute("aria-pressed", String(at === view)));
    this.stage.classList.toggle("both", shown.length > 1);
    const objects = new Set(shown.flatMap((ix) => this.executions[ix].objects));
    if (!objects.has(this.options.object)) this.options.object = "";
    this.filter.replaceChildren(el("option", { value: "" }, "all objects"), ...[...objects].map((name) => el("option", { value: name }, name)));
    this.filter.value = this.options.object;
    this.timelines.forEach((timeline, ix) => {
      timeline.frame.hidden = !shown.includes(ix);
      if (shown.includes(ix)) timeline.show(this.executions[ix], this.finding, shown.length > 1, this.options);
    });
    const leads = shown[0];
    const pinned = leads === 0 ? this.finding.places.map((place) => place.step).filter((step) => step !== null) : [];
    this.leads = null;
    this.controls.hidden = this.executions[leads].length === 0;
    this.go(pinned.length ? Math.max(...pinned) : this.executions[leads].length - 1, leads);
  }

  // The slider and the sources go by this execution from now on.
  lead(ix) {
    const execution = this.executions[ix];
    this.leads = ix;
    this.execution = execution;
    // The tasks of the places that are numbered, else the first two.
    const paths = this.finding.places.filter((place) => place.number).map((place) => this.executions[0].tasks[place.task].path);
    const wanted = [...new Set(paths)].map((path) => execution.tasks.findIndex((task) => task.path === path)).filter((at) => at >= 0);
    for (let at = 0; wanted.length < 2 && at < execution.tasks.length; at += 1) if (!wanted.includes(at) && execution.ofTask[at].length) wanted.push(at);
    this.panes.forEach((pane, at) => {
      pane.root.hidden = at >= wanted.length;
      if (at < wanted.length) pane.tasks(execution, wanted[at], this.colour);
    });
    this.slider.max = Math.max(1, execution.length);
  }

  // Goes to a step of the execution that leads, or of another one, which leads then.
  go(at, ix = this.leads) {
    if (this.executions[ix].length === 0) return;
    if (ix !== this.leads) this.lead(ix);
    const { execution } = this;
    this.at = Math.min(Math.max(at, 0), execution.length - 1);
    const step = execution.step(this.at);
    this.slider.value = this.at + 1;
    this.slider.setAttribute("aria-valuetext", `step ${this.at + 1}, ${execution.tasks[step.task].header}: ${step.text}`);
    this.position.textContent = `step ${(this.at + 1).toLocaleString("en")} of ${execution.length.toLocaleString("en")}`;
    for (const other of this.views[this.shown]) this.timelines[other].mark(other === ix ? this.at : this.comparison.other(ix, this.at));
    this.tell(step);
    this.follow();
  }

  follow() {
    for (const pane of this.panes) if (!pane.root.hidden) pane.follow(this.at, this.finding.sources, this.told);
  }

  // What is known of the chosen step.
  tell(step) {
    const { execution } = this;
    const others = execution.alternatives(this.at).map(([task, next]) => `${execution.tasks[task].header}: ${execution.step(next).text}`);
    const clock = execution.clock(this.at);
    const ticks = clock ? [...clock].sort((a, b) => a[0] - b[0]).map(([task, n]) => `T${task}:${n}`).join("  ") : "left out of a long execution";
    const held = execution.locksHeld(this.at);
    const there = this.comparison ? this.comparison.other(this.leads, this.at) : undefined;
    const beside = there === undefined ? "it is not there" : `step ${there + 1}: ${this.executions[1 - this.leads].step(there).text}`;
    const pair = (name, value) => [el("dt", null, name), el("dd", null, ...prose(value))];
    this.what.replaceChildren(
      el("div", null, el("strong", { class: this.colour(execution, step.task) }, execution.tasks[step.task].header), " \u00b7 ", ...prose(step.text),
        step.waits ? el("span", { class: "go" }, "  waits for ever") : null),
      el("dl", null, ...pair("could also run", others.length ? others.join("; ") : "nobody"),
        ...pair("locks held", held.length ? held.join(", ") : "none"), ...pair("clock", ticks),
        ...(this.comparison ? pair(this.leads === 0 ? "where it passes" : "where it fails", beside) : [])));
  }

  key(event) {
    if (["SELECT", "INPUT", "TEXTAREA"].includes(event.target.tagName)) return;
    const moves = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1 };
    if (moves[event.key]) { this.go(this.at + moves[event.key]); event.preventDefault(); }
    if (event.key === "Home") { this.go(0); event.preventDefault(); }
    if (event.key === "End") { this.go(this.execution.length - 1); event.preventDefault(); }
  }
}

function open() {
  const wanted = Number(location.hash.slice(1)) || 1;
  const at = Math.min(Math.max(wanted, 1), DATA.findings.length) - 1;
  const parts = [];
  if (DATA.findings.length !== 1) {
    parts.push(el("nav", { "aria-label": "findings" }, el("h2", null, `${DATA.findings.length} findings in ${DATA.tests} tests`),
      el("ol", { class: "index" }, ...DATA.findings.map((finding, ix) => el("li", null,
        el("a", { href: `#${ix + 1}`, "aria-current": ix === at ? "true" : null }, el("b", null, finding.code), el("span", null, `${finding.test}: `, ...prose(finding.headline))))))));
  }
  let page = null;
  if (DATA.findings.length) {
    page = new Page(DATA.findings[at]);
    parts.push(page.root);
  }
  APP.replaceChildren(...parts);
  APP.hidden = false;
  if (page) page.show(0);
}

window.addEventListener("hashchange", open);
open();
