// Linked maps: one set of clips, one selection, one look; hover, click, lasso, rectangle, keys.
//
// Streamlit calls the default export again whenever `data` or the theme changes, with the same
// parentElement, and runs only the last clean-up: the maps are kept by their parentElement.
const kept = new WeakMap();
const NONE = "";
const MODES = { click: "Click", lasso: "Lasso", rectangle: "Rectangle" };
const DRAG = 5; // px; less is a click
const SAID = 6; // values in the tip

class Maps {
  constructor(root) {
    this.root = root;
    this.parts = {};
    for (const element of root.querySelectorAll("[class]"))
      this.parts[element.getAttribute("class")] = element;
    const { colour, shape, only, low, high, clear, modes, hear } = this.parts;
    this.panels = [];
    this.hot = -1;
    this.off = new Set(); // values of the filter's column that are not shown
    this.mode = matchMedia("(pointer: fine)").matches ? "lasso" : "click";
    for (const part of [colour, shape, only]) part.onchange = () => this.look(part === only);
    for (const part of [low, high]) part.onchange = () => this.paint();
    clear.onclick = () => this.select([]);
    this.hearing = new Hearing(hear, () => this.tellLook());
    for (const [mode, title] of Object.entries(MODES)) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: title });
      button.setAttribute("role", "radio");
      button.onclick = () => this.setMode(mode);
      modes.append(button);
    }
    this.setMode(this.mode);
    this.watch = new ResizeObserver(() => this.layOut());
    this.watch.observe(this.parts.maps);
  }

  update(data) {
    this.data = data;
    if (this.set !== data.set) { // another reference set: nothing of the last one holds
      this.set = data.set;
      this.columns = Object.fromEntries(
        Object.entries(data.columns).map(([name, column]) => [name, unpackColumn(column)]),
      );
      this.size = data.titles.length;
      this.hearing.update(this.set, bytes(data.sound), data.look.hear === "on");
      this.order = shuffled(this.size);
      this.chosen = new Uint8Array(this.size);
      for (const row of data.selected) this.chosen[row] = 1;
      this.off.clear();
      this.hot = -1;
      const names = Object.keys(this.columns);
      const few = names.filter((name) => this.columns[name].values?.length <= SHAPES.length);
      this.fill("colour", names, data.look.colour ?? names[0]);
      this.fill("shape", [NONE, ...few], data.look.shape ?? NONE);
      this.fill("only", [NONE, ...names], NONE);
      this.offer();
    }
    this.setPanels(data.panels);
    this.layOut();
  }

  setPanels(panels) {
    while (this.panels.length < panels.length) this.panels.push(this.listen(new Panel()));
    this.panels.length = panels.length;
    panels.forEach((panel, place) => this.panels[place].update(panel));
    const figures = this.panels.map((panel) => panel.figure);
    const { maps } = this.parts;
    if (figures.some((figure, place) => maps.children[place] !== figure) || maps.children.length !== figures.length)
      maps.replaceChildren(...figures);
    maps.style.setProperty("--panels", Math.max(panels.length, 2));
  }

  fill(part, names, chosen) {
    const select = this.menu(part);
    select.replaceChildren(...names.map((name) => new Option(name || "–", name)));
    select.value = names.includes(chosen) ? chosen : names[0];
  }

  menu(part) {
    return this.parts[part].querySelector("select");
  }

  setMode(mode) {
    this.mode = mode;
    this.parts.scatter.classList.toggle("clicks", mode === "click");
    [...this.parts.modes.children].forEach((button, place) => {
      button.setAttribute("aria-checked", Object.keys(MODES)[place] === mode);
    });
  }

  /** Another colour, shape or filter: all in the browser; the server only remembers it. */
  look(filtered) {
    if (filtered) this.offer();
    this.paint();
    this.tellLook();
  }

  tellLook() {
    const [colour, shape] = [this.menu("colour").value, this.menu("shape").value];
    this.report("look", { colour, shape, hear: this.hearing.on ? "on" : "" });
  }

  /** What the filter's column has to choose from. */
  offer() {
    const { choices, range, low, high } = this.parts;
    const column = this.columns[this.menu("only").value];
    this.off.clear();
    choices.hidden = !column?.values;
    range.hidden = !column || !!column.values;
    if (column && !column.values) [low.value, high.value] = [column.low.toFixed(3), column.high.toFixed(3)];
    choices.replaceChildren(...(column?.values ?? []).map((value, code) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: value });
      button.setAttribute("aria-pressed", true);
      button.onclick = () => {
        if (!this.off.delete(code)) this.off.add(code);
        button.setAttribute("aria-pressed", !this.off.has(code));
        this.paint();
      };
      return button;
    }));
  }

  filter() {
    const column = this.columns[this.menu("only").value];
    this.shown = new Uint8Array(this.size).fill(1);
    if (!column) return;
    const [low, high] = [+this.parts.low.value - 5e-4, +this.parts.high.value + 5e-4];
    for (let row = 0; row < this.size; row++) {
      const value = column.data[row];
      if (column.values ? this.off.has(value) : !(value >= low && value <= high)) this.shown[row] = 0;
    }
  }

  layOut() {
    if (!this.panels.length || !this.panels[0].canvas.clientWidth) return;
    for (const panel of this.panels) panel.measure();
    this.paint();
  }

  paint() {
    const css = getComputedStyle(this.parts.scatter);
    const theme = (name) => css.getPropertyValue(`--st-${name}`).trim();
    this.theme = { text: theme("text-color"), primary: theme("primary-color"), background: theme("background-color") };
    const column = this.columns[this.menu("colour").value];
    const shape = this.columns[this.menu("shape").value];
    const colours = column.values ? column.colours : rampColours(theme("chart-sequential-colors").split(","));
    const missing = "#9a9a9a";
    const shapes = shape ? SHAPES : SHAPES.slice(0, 1);
    this.filter();
    const ratio = devicePixelRatio || 1;
    const r = this.size > 3000 ? 2.2 : 2.8;
    const sprites = [...colours, missing].flatMap((one) => shapes.map((kind) => sprite(one, kind, r, ratio)));
    const spriteOf = new Uint16Array(this.size);
    for (let row = 0; row < this.size; row++) {
      const place = colourOf(column, row), kind = shape ? Math.max(colourOf(shape, row), 0) : 0;
      spriteOf[row] = (place < 0 ? colours.length : place) * shapes.length + kind;
    }
    const any = this.chosen.includes(1);
    const { order, shown, chosen } = this;
    for (const panel of this.panels) panel.paint({ order, shown, chosen, any, sprites, spriteOf });
    this.parts.legend.replaceChildren(...legend(column, colours, shape, shapes, ratio, this.theme.text));
    this.parts.clear.hidden = !any;
    this.show();
    this.parts.scatter.dataset.painted = this.size;
  }

  show() {
    for (const panel of this.panels) panel.show(this.hot, this.theme);
  }

  listen(panel) {
    const at = (event) => {
      const box = panel.canvas.getBoundingClientRect();
      return [event.clientX - box.left - 1, event.clientY - box.top - 1];
    };
    panel.canvas.onpointerdown = (event) => {
      if (event.button) return;
      panel.from = at(event);
      if (this.mode === "click") return;
      panel.path = [panel.from];
      panel.canvas.setPointerCapture(event.pointerId);
    };
    panel.canvas.onpointermove = (event) => {
      const now = at(event);
      if (!panel.path) return this.point(panel, panel.nearest(...now, this.shown));
      const [[x, y], [u, v]] = [panel.from, now];
      if (this.mode === "lasso") panel.path.push(now);
      else panel.path = [[x, y], [u, y], [u, v], [x, v]];
      panel.show(this.hot, this.theme);
    };
    panel.canvas.onpointerup = (event) => {
      const [path, now, from] = [panel.path, at(event), panel.from];
      panel.path = panel.from = null;
      if (!from) return;
      if (!path?.some(([x, y]) => Math.hypot(x - from[0], y - from[1]) > DRAG)) {
        const row = panel.nearest(...now, this.shown);
        if (row >= 0) this.open(row);
        return this.show();
      }
      const rows = event.shiftKey ? this.rows() : [];
      for (let row = 0; row < this.size; row++)
        if (this.shown[row] && inside(path, panel.px[row], panel.py[row])) rows.push(row);
      this.select([...new Set(rows)]);
    };
    panel.canvas.onpointerleave = () => panel.path || this.point(panel, -1);
    panel.canvas.onpointercancel = () => { panel.path = panel.from = null; this.show(); };
    panel.canvas.onkeydown = (event) => this.key(panel, event);
    return panel;
  }

  key(panel, event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      const chosen = this.rows();
      const rows = (chosen.length ? chosen : [...this.shown.keys()])
        .filter((row) => this.shown[row] && !Number.isNaN(panel.px[row]));
      const place = rows.indexOf(this.hot);
      if (rows.length) this.point(panel, rows[(place + step + rows.length) % rows.length]);
      this.parts.said.textContent = this.hot < 0 ? "" : this.data.titles[this.hot];
    } else if (event.key === "Enter" && this.hot >= 0) this.open(this.hot);
    else if (event.key === " " && this.hot >= 0) {
      const heard = this.hearing.play(this.hot);
      if (!heard) this.parts.said.textContent = `${this.data.titles[this.hot]}: no sound`;
    }
    else if (event.key === "Escape") this.select([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  rows() {
    return [...this.chosen.keys()].filter((row) => this.chosen[row]);
  }

  select(rows) {
    this.chosen.fill(0);
    for (const row of rows) this.chosen[row] = 1;
    this.paint();
    this.parts.said.textContent = rows.length === 1 ? "1 clip selected" : `${rows.length || "No"} clips selected`;
    this.report("selected", { set: this.set, rows });
  }

  open(row) {
    this.hearing.stop();
    this.tell("clicked", { set: this.set, row });
  }

  /** The row under the pointer: ringed on all maps, told in the tip. */
  point(panel, row) {
    const { tip, scatter } = this.parts;
    if (row !== this.hot) {
      this.hot = row;
      this.show();
      if (row >= 0) this.describe(panel, row);
      this.hearing.rest(row);
    }
    tip.hidden = row < 0;
    if (row < 0) return;
    const [box, home] = [panel.canvas.getBoundingClientRect(), scatter.getBoundingClientRect()];
    const x = box.left - home.left + panel.px[row], y = box.top - home.top + panel.py[row];
    const left = x + 14 + tip.offsetWidth > home.width ? x - 14 - tip.offsetWidth : x + 14;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${y + 14}px`;
  }

  describe(panel, row) {
    const same = panel.xs.reduce((sum, x, other) => sum + (x === panel.xs[row] && panel.ys[other] === panel.ys[row]), 0);
    const names = [this.menu("colour").value, this.menu("shape").value, ...panel.tells];
    const values = [...new Set(names)].map((name) => [name, valueOf(this.columns[name], row)]);
    const more = same > 1 ? [`${same - 1} more at this point.`] : [];
    if (this.hearing.on && !this.hearing.has(row)) more.push("No sound: only its numbers are here.");
    this.parts.tip.replaceChildren(...tip(this.data.titles[row], this.data.words[row], more, values.slice(0, SAID)));
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let maps = kept.get(parentElement);
  if (!maps) kept.set(parentElement, (maps = new Maps(parentElement)));
  maps.report = setStateValue;
  maps.tell = setTriggerValue;
  maps.update(data);
  return () => {
    maps.hearing.stop();
    maps.watch.disconnect();
    kept.delete(parentElement);
  };
}
