// Source that follows the steps: one pane a task.

class Pane {
  // `change` is called when a person chooses another task.
  constructor(change) {
    this.choice = el("select", { "aria-label": "the task whose source is shown" });
    this.choice.addEventListener("change", () => { this.task = Number(this.choice.value); change(); });
    this.file = el("span", { class: "file" });
    this.source = el("div", { class: "source", tabindex: "0", role: "region", "aria-label": "source" });
    this.root = el("section", { class: "card pane" }, el("header", null, this.choice, this.file), this.source);
    this.shown = null;
  }

  tasks(execution, task, colour) {
    this.execution = execution;
    this.task = task;
    this.colour = colour;
    this.choice.replaceChildren(...execution.tasks.map((info, ix) => el("option", { value: ix, selected: ix === task }, info.header)));
    this.shown = null;
  }

  // Shows where the task is at a step: the last that it did until then.
  follow(at, sources, told) {
    const { execution, task } = this;
    let step = execution.lastOf(task, at);
    while (step >= 0 && !execution.step(step).file) step = execution.lastOf(task, step - 1);
    if (step < 0) {
      this.file.textContent = "";
      this.source.replaceChildren(el("p", null, "It has not begun yet."));
      this.shown = null;
      return;
    }
    const { file, line } = execution.step(step);
    this.file.textContent = `${file}:${line}`;
    const rows = sources[file];
    if (!rows) {
      this.source.replaceChildren(el("p", null, "The source is not here, or has changed since the run."));
      this.shown = null;
      return;
    }
    if (this.shown !== file) {
      this.rows = new Map();
      let last = 0;
      this.source.replaceChildren();
      for (const [number, text] of rows) {
        if (last && number > last + 1) this.source.append(el("div", null, el("span", null, "\u22ee"), ""));
        const row = el("div", { class: told.has(`${file}:${number}`) ? "told" : null }, el("span", null, String(number)), el("span", { dir: "ltr" }, text));
        this.rows.set(number, row);
        this.source.append(row);
        last = number;
      }
      this.shown = file;
      this.marked = null;
    }
    if (this.marked) { this.marked.className = this.before; }
    const row = this.rows.get(line);
    this.marked = row || null;
    if (row) {
      this.before = row.className;
      row.className = `now ${this.colour(execution, task)}`;
      // Whole rows: none is cut at the top.
      const above = Math.floor(this.source.clientHeight / row.offsetHeight / 2) * row.offsetHeight;
      this.source.scrollTop = Math.max(0, row.offsetTop - this.source.offsetTop - above);
    }
  }
}
