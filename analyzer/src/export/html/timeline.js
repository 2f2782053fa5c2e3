// The columns of tasks, a row a step, with arrows over them.

// An element with attributes and children; whatever programs say comes in as text.
function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === false || value === undefined) continue;
    if (key === "onclick") element.addEventListener("click", value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

// Prose in which what stands between backticks is code.
function prose(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, at) => at % 2 ? el("code", null, part) : part);
}

function circled(number) {
  return number >= 1 && number <= 20 ? String.fromCodePoint(0x245f + number) : `(${number})`;
}

class Timeline {
  // `select` is called with the step that a person chose; `ix` says which of the executions this is, of those in `comparison`.
  constructor(ix, comparison, title, select) {
    Object.assign(this, { ix, comparison, select });
    this.table = el("table", { class: "timeline" });
    this.arrows = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.arrows.setAttribute("class", "arrows");
    this.arrows.setAttribute("aria-hidden", "true");
    this.root = el("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": title }, this.table, this.arrows);
    // With its name above, which is shown where there are two.
    this.frame = el("section", { class: "frame" }, el("h2", null, title), this.root);
    this.now = null;
    new ResizeObserver(() => this.draw()).observe(this.table);
  }

  // `isBeside` if the other execution is shown too.
  show(execution, finding, isBeside, options) {
    Object.assign(this, { execution, finding, isBeside, options });
    this.isFailing = this.ix === 0;
    this.open = new Set();
    this.now = null;
    this.build();
  }

  build() {
    const { execution, finding, isFailing, options } = this;
    const used = execution.tasks.map((task, ix) => ix).filter((ix) => execution.ofTask[ix].length > 0);
    this.columns = used;
    const head = el("tr", null, el("th", { scope: "col", class: "at" }, "#"),
      ...used.map((ix) => el("th", { scope: "col", class: options.colour(execution, ix), title: execution.tasks[ix].header }, execution.tasks[ix].header)));
    const body = el("tbody", null);
    this.rowOf = new Map();
    this.drawn = undefined;
    let parted = false;
    for (const row of execution.rows(this.open)) {
      if (this.isBeside && !parted && (Array.isArray(row) ? row[1] : row) >= this.comparison.same) {
        parted = true;
        if (this.comparison.same > 0) body.append(el("tr", { class: "part" }, el("td", { class: "at" }), el("td", { colspan: used.length }, "the same until here")));
      }
      body.append(Array.isArray(row) ? this.fold(row) : this.row(row));
    }
    if (isFailing && finding.end) {
      body.append(el("tr", { class: "end" }, el("td", { class: "at" }, "\u2717"), el("td", { colspan: used.length }, finding.end)));
    }
    this.table.replaceChildren(el("thead", null, head), body);
    this.filter();
    this.draw();
  }

  row(at) {
    const { execution, columns, options } = this;
    const step = execution.step(at);
    const what = el("span", { class: `what ${options.colour(execution, step.task)}` },
      step.number ? `${circled(step.number)} ` : null, step.text);
    const comes = this.isBeside ? this.comparison.comes(this.ix, at) : "the same";
    const compared = comes === "the same" ? null
      : el("span", { class: "compared", title: comes === "otherwise" ? "something else comes of it in the other one" : null }, `  ${comes === "otherwise" ? "\u2260" : comes}`);
    const cells = columns.map((ix) => {
      if (ix !== step.task) return el("td", { class: "lane" });
      return el("td", { class: "lane", title: step.text }, what,
        step.line ? el("span", { class: "line" }, `  :${step.line}`) : null,
        step.waits ? el("span", { class: "blocked" }, "  waits for ever") : null,
        step.forced ? el("span", { class: "line" }, "  (forced switch)") : null,
        compared);
    });
    const row = el("tr", { class: `step${step.number ? " pinned" : ""}${compared ? " differs" : ""}`, onclick: () => this.select(at) },
      el("td", { class: "at" }, String(at + 1)), ...cells);
    this.rowOf.set(at, row);
    return row;
  }

  fold([from, to]) {
    const label = `${(to - from + 1).toLocaleString("en")} steps, ${from + 1} to ${to + 1}: show ${Math.min(200, to - from + 1)}`;
    const unfold = () => { for (let at = from; at <= Math.min(to, from + 199); at += 1) this.open.add(at); this.build(); this.mark(this.now); };
    return el("tr", { class: "fold" }, el("td", { class: "at" }), el("td", { colspan: this.columns.length }, el("button", { type: "button", onclick: unfold }, label)));
  }

  // Opens what is around a step that is folded.
  reveal(at) {
    if (this.rowOf.has(at)) return;
    for (let other = at - 10; other <= at + 10; other += 1) if (other >= 0 && other < this.execution.length) this.open.add(other);
    this.build();
  }

  // Marks a step, or none.
  mark(at) {
    if (at === null || at === undefined) return this.unmark();
    this.reveal(at);
    // Only rows between the step that was chosen and this one look different from before.
    const before = this.drawn === undefined ? -1 : this.drawn;
    const [from, to] = before < 0 ? [0, this.execution.length - 1] : [Math.min(before, at), Math.max(before, at)];
    this.now = at;
    this.drawn = at;
    for (let step = from; step <= to; step += 1) {
      const row = this.rowOf.get(step);
      if (!row) continue;
      row.classList.toggle("now", step === at);
      row.classList.toggle("after", step > at);
      if (step === at) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
    }
    const row = this.rowOf.get(at);
    const box = this.root;
    const cell = row.cells[this.columns.indexOf(this.execution.steps[at][0]) + 1];
    if (cell.offsetLeft < box.scrollLeft || cell.offsetLeft + cell.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = cell.offsetLeft - 40;
    if (box.scrollHeight > box.clientHeight + 4) {
      const head = this.table.tHead.offsetHeight;
      if (row.offsetTop - head < box.scrollTop) box.scrollTop = row.offsetTop - head - 8;
      else if (row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight + 8;
    }
  }

  unmark() {
    for (const row of this.rowOf.values()) { row.classList.remove("now", "after"); row.removeAttribute("aria-current"); }
    this.now = null;
    this.drawn = undefined;
  }

  // Steps at objects of other names are dimmed.
  filter() {
    const { object } = this.options;
    for (const [at, row] of this.rowOf) {
      row.classList.toggle("dim", object !== "" && this.execution.objects[this.execution.steps[at][2]] !== object);
    }
  }

  // Arrows from what came first to what it ordered, between columns; a dashed line where nothing orders two accesses.
  draw() {
    if (!this.execution) return;
    this.arrows.replaceChildren();
    this.arrows.setAttribute("width", this.table.offsetWidth);
    this.arrows.setAttribute("height", this.table.offsetHeight);
    // Beside what stands in a cell: on its left, or on its right.
    const point = (at, task, right) => {
      const row = this.rowOf.get(at);
      const column = this.columns.indexOf(task);
      if (!row || column < 0) return null;
      const cell = row.cells[column + 1];
      const text = cell.lastElementChild;
      const x = right && text ? Math.min(cell.offsetLeft + text.offsetLeft + text.offsetWidth, cell.offsetLeft + cell.offsetWidth) + 4 : cell.offsetLeft + 3;
      return [x, row.offsetTop + row.offsetHeight / 2];
    };
    const between = (from, to) => {
      const [a, b] = [from, to].map((at) => this.columns.indexOf(this.execution.steps[at][0]));
      return [point(from, this.execution.steps[from][0], a <= b), point(to, this.execution.steps[to][0], a > b)];
    };
    const line = (a, b, kind, title) => {
      if (!a || !b) return;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const [x1, y1] = a, [x2, y2] = b;
      const bend = Math.max(10, Math.abs(x2 - x1) / 2);
      const side = x2 >= x1 ? 1 : -1;
      path.setAttribute("d", `M${x1} ${y1} C${x1 + side * bend} ${y1} ${x2 - side * bend} ${y2} ${x2} ${y2}`);
      if (kind) path.setAttribute("class", kind);
      const label = document.createElementNS("http://www.w3.org/2000/svg", "title");
      label.textContent = title;
      path.append(label);
      this.arrows.append(path);
      if (kind !== "missing") {
        const tip = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        tip.setAttribute("cx", x2); tip.setAttribute("cy", y2); tip.setAttribute("r", "2.5");
        tip.setAttribute("fill", "var(--soft)");
        this.arrows.append(tip);
      }
    };
    const { execution } = this;
    if (this.options.arrows) {
      for (const [from, to, task, at, kind] of execution.edges) {
        const source = execution.steps[from][0];
        if (source === task) continue;
        // What waited is older than what it waited for: then the edge shows in the next thing that the task does.
        const isTarget = to > from && execution.steps[to][0] === task;
        const target = isTarget ? to : execution.ofTask[task].find((step) => step >= at);
        if (target === undefined) continue;
        line(...between(from, target), null, `${execution.kinds[kind]}: step ${from + 1} is before step ${target + 1}`);
      }
    }
    if (this.isFailing && this.finding.missing) {
      const [first, second] = this.finding.missing;
      line(...between(first, second), "missing", "nothing orders these two");
    }
  }
}
