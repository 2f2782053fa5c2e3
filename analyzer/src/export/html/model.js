// What follows from the data of one execution: nothing here touches the page.

const WAITS = 1, FORCED = 2, TOLD = 4;
// Executions of no more steps are shown whole.
const WHOLE = 1500;

class Execution {
  constructor(data) {
    Object.assign(this, data);
    this.length = data.steps.length;
    this.ofTask = data.tasks.map(() => []);
    data.steps.forEach((step, at) => this.ofTask[step[0]].push(at));
    this.edgesTo = new Map();
    for (const edge of data.edges) {
      const [, to, task] = edge;
      const key = `${to}/${task}`;
      if (!this.edgesTo.has(key)) this.edgesTo.set(key, []);
      this.edgesTo.get(key).push(edge);
    }
    this.clocks = null;
  }

  step(at) {
    const [task, text, object, file, line, number, flags] = this.steps[at];
    return {
      at, task, object, line, number,
      text: this.texts[text],
      file: file < 0 ? null : this.files[file],
      waits: (flags & WAITS) !== 0, forced: (flags & FORCED) !== 0, told: (flags & TOLD) !== 0,
    };
  }

  // The last step of a task at or before `at`; -1 for none.
  lastOf(task, at) {
    const steps = this.ofTask[task] || [];
    let low = 0, high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle] <= at) low = middle + 1; else high = middle;
    }
    return low === 0 ? -1 : steps[low - 1];
  }

  // The tasks that could have run instead of step `at`, each with the step that it would have made: those whose next step
  // waits for nothing, that is, all that the step before it waited for has come.
  alternatives(at) {
    const found = [];
    this.tasks.forEach((task, ix) => {
      if (ix === this.steps[at][0]) return;
      const last = this.lastOf(ix, at - 1);
      const next = this.ofTask[ix].find((step) => step >= at);
      if (next === undefined) return;
      const started = last < 0 ? task.spawned < at : true;
      const edges = last < 0 ? [] : this.edgesTo.get(`${last}/${ix}`) || [];
      if (started && edges.every((edge) => edge[3] <= at)) found.push([ix, next]);
    });
    return found;
  }

  // The locks that the step's task holds after it.
  locksHeld(at) {
    const task = this.steps[at][0];
    const held = [];
    for (const step of this.ofTask[task]) {
      if (step > at) break;
      const [, , , , , , flags, takes, frees] = this.steps[step];
      if (frees >= 0) { const ix = held.lastIndexOf(frees); if (ix >= 0) held.splice(ix, 1); }
      if (takes >= 0 && (flags & WAITS) === 0) held.push(takes);
    }
    return held.map((object) => this.objects[object]);
  }

  // The vector clock of the step's task after it (Lamport, Fidge, Mattern).
  clock(at) {
    if (!this.clocks) {
      const now = this.tasks.map(() => new Map());
      const sources = new Set(this.edges.map((edge) => edge[0]));
      const after = new Map();
      const join = (into, other) => other.forEach((n, task) => into.set(task, Math.max(n, into.get(task) || 0)));
      let next = 0;
      this.clocks = [];
      this.steps.forEach(([task], step) => {
        for (; next < this.edges.length && this.edges[next][3] <= step; next += 1) {
          const [from, , of] = this.edges[next];
          if (after.has(from)) join(now[of], after.get(from));
        }
        now[task].set(task, (now[task].get(task) || 0) + 1);
        // Whoever opens a barrier passes on what it learns by that.
        for (let i = next; i < this.edges.length && this.edges[i][3] === step + 1; i += 1) {
          const [from, to, , , kind] = this.edges[i];
          if (to === step && this.kinds[kind] === "barrier" && after.has(from)) join(now[task], after.get(from));
        }
        if (sources.has(step)) after.set(step, new Map(now[task]));
        // Of long executions a clock a step would fill the memory: it is kept for those that are told of.
        if (this.length <= 20000 || sources.has(step)) this.clocks[step] = new Map(now[task]);
      });
    }
    return this.clocks[at] || null;
  }

  // Rows to show: steps, and ranges that are folded. What the report tells of, and what is around it, is never folded.
  rows(open) {
    const rows = [];
    if (this.length <= WHOLE) {
      for (let at = 0; at < this.length; at += 1) rows.push(at);
      return rows;
    }
    const near = new Set();
    this.steps.forEach((step, at) => {
      if ((step[6] & TOLD) !== 0) for (let other = at - 3; other <= at + 3; other += 1) near.add(other);
    });
    for (let at = 0; at < 5; at += 1) { near.add(at); near.add(this.length - 1 - at); }
    let from = -1;
    const close = (to) => { if (from >= 0) rows.push([from, to]); from = -1; };
    for (let at = 0; at < this.length; at += 1) {
      if (near.has(at) || open.has(at)) { close(at - 1); rows.push(at); } else if (from < 0) from = at;
    }
    close(this.length - 1);
    return rows;
  }
}

// Two executions of one program beside each other: which step of the one is which of the other (at the same place and object,
// after the same ones of the same task), and how many steps they begin with in common.
class Comparison {
  constructor(executions) {
    this.executions = executions;
    this.others = executions.map(() => new Map());
    const [one, two] = executions;
    const paths = new Map(two.tasks.map((task, ix) => [task.path, ix]));
    one.tasks.forEach((task, ix) => {
      const mine = one.ofTask[ix], theirs = two.ofTask[paths.get(task.path)] || [];
      for (let n = 0; n < mine.length && n < theirs.length && this.fit(mine[n], theirs[n]); n += 1) {
        this.others[0].set(mine[n], theirs[n]);
        this.others[1].set(theirs[n], mine[n]);
      }
    });
    this.same = 0;
    while (this.others[0].get(this.same) === this.same && this.comes(0, this.same) === "the same") this.same += 1;
  }

  // Whether a step of the first is this one of the second, whatever comes of it. Of some steps one execution does not know
  // where they are.
  fit(mine, theirs) {
    const [one, two] = [[0, mine], [1, theirs]].map(([ix, at]) => {
      const execution = this.executions[ix], { text, object, file, line } = execution.step(at);
      return { word: text.split(" ")[0], object: execution.objects[object], file, line };
    });
    const isPlaced = one.file !== null && two.file !== null;
    return one.object === two.object && (isPlaced ? one.file === two.file && one.line === two.line : one.word === two.word);
  }

  // The same step in the other execution; `undefined` if it is not there.
  other(ix, at) {
    return this.others[ix].get(at);
  }

  // How a step compares: "the same", "otherwise" if something else came of it, or "only here".
  comes(ix, at) {
    const there = this.other(ix, at);
    if (there === undefined) return "only here";
    return this.executions[ix].step(at).text === this.executions[1 - ix].step(there).text ? "the same" : "otherwise";
  }
}
