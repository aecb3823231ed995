// Points of the maps: what came from Python as numbers, and how they are drawn.
const MISSING = 65535;
const SHAPES = ["circle", "square", "diamond", "triangle", "cross"];
const MARGIN = 12; // px, so that marks at the edge are whole
const STEPS = 32; // colours of a ramp of numbers

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function unpackColumn(column) {
  const { buffer } = bytes(column.packed);
  return { ...column, data: column.values ? new Uint16Array(buffer) : new Float32Array(buffer) };
}

/** Coordinates of all rows in [0, 1]; NaN where a row has none. */
function unpackPanel(panel) {
  const unit = (text) => Float32Array.from(
    new Uint16Array(bytes(text).buffer), (value) => (value === MISSING ? NaN : value / (MISSING - 1)),
  );
  return { ...panel, xs: unit(panel.x), ys: unit(panel.y) };
}

function mix(from, to, share) {
  const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.trim().slice(at, at + 2), 16));
  const [a, b] = [parse(from), parse(to)];
  return `rgb(${a.map((value, k) => Math.round(value + share * (b[k] - value))).join(" ")})`;
}

/** Colours of a ramp of numbers, from the theme's own list. */
function rampColours(list) {
  return Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (list.length - 1);
    const at = Math.min(Math.floor(place), list.length - 2);
    return mix(list[at], list[at + 1], place - at);
  });
}

/** Which colour of its column a row has; -1 for none. */
function colourOf(column, row) {
  const value = column.data[row];
  if (column.values) return value === MISSING ? -1 : value;
  if (Number.isNaN(value)) return -1;
  const share = (value - column.low) / (column.high - column.low || 1);
  return Math.round(Math.min(Math.max(share, 0), 1) * (STEPS - 1));
}

/** A row's value in a column, for people; undefined for none. */
function valueOf(column, row) {
  const value = column?.data[row];
  if (!column || Number.isNaN(value)) return undefined;
  return column.values ? column.values[value] : value.toFixed(2);
}

/** What the tip of a point says: title, words, how many more are there, values by name. */
function tip(title, words, more, values) {
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const list = document.createElement("dl");
  for (const [name, value] of values)
    if (value !== undefined) list.append(make("dt", name), make("dd", value));
  const said = words ? `“${words}”` : "";
  return [make("b", title), said, ...more.map((line) => make("div", line)), list];
}

function outline(pen, shape, x, y, r) {
  pen.beginPath();
  if (shape === "circle") pen.arc(x, y, r, 0, 7);
  else if (shape === "square") pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
  else if (shape === "diamond") {
    pen.moveTo(x, y - 1.3 * r);
    for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0]]) pen.lineTo(x + 1.3 * dx * r, y + 1.3 * dy * r);
    pen.closePath();
  } else if (shape === "triangle") {
    pen.moveTo(x, y - 1.2 * r);
    pen.lineTo(x + 1.2 * r, y + r);
    pen.lineTo(x - 1.2 * r, y + r);
    pen.closePath();
  } else {
    for (const [dx, dy] of [[1, 1], [1, -1]]) {
      pen.moveTo(x - dx * r, y - dy * r);
      pen.lineTo(x + dx * r, y + dy * r);
    }
  }
}

/** A picture of one point, to be copied: quicker than a path for each. */
function sprite(colour, shape, r, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * (1.3 * r + 1.5) * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const centre = canvas.width / ratio / 2;
  outline(pen, shape, centre, centre, r);
  pen.lineWidth = 1.6;
  pen.strokeStyle = pen.fillStyle = colour;
  if (shape === "cross") pen.stroke();
  else pen.fill();
  return canvas;
}

/** What colours and shapes mean, as elements. */
function legend(column, colours, shape, shapes, ratio, ink) {
  const entry = (...parts) => {
    const line = document.createElement("span");
    line.append(...parts);
    return line;
  };
  const ramp = document.createElement("span");
  ramp.className = "ramp";
  ramp.style.background = `linear-gradient(to right, ${colours.join(",")})`;
  const entries = column.values
    ? column.values.map((value, code) => entry(sprite(colours[code], "circle", 4.5, ratio), value))
    : [entry(column.low.toFixed(2), ramp, column.high.toFixed(2))];
  const kinds = shape?.values.map((value, code) => entry(sprite(ink, shapes[code], 4, ratio), value));
  return [...entries, ...(kinds ?? [])];
}

function inside(polygon, x, y) {
  let hit = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i], [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) hit = !hit;
  }
  return hit;
}

/** A seeded order of all rows: drawn as they come, later categories would hide earlier ones. */
function shuffled(size) {
  const order = Uint32Array.from({ length: size }, (_, row) => row);
  let seed = 1;
  for (let last = size - 1; last > 0; last--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = seed % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** One map on its canvas. */
class Panel {
  constructor(title) {
    this.figure = document.createElement("figure");
    this.caption = document.createElement("figcaption");
    this.canvas = document.createElement("canvas");
    this.note = document.createElement("div");
    this.note.className = "trust";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.figure.append(this.caption, this.canvas, this.note);
    this.base = document.createElement("canvas");
    this.path = null;
  }

  update(panel) {
    Object.assign(this, unpackPanel(panel));
    this.caption.textContent = panel.title;
    this.note.textContent = panel.trust;
    this.canvas.setAttribute(
      "aria-label",
      `Map of ${panel.title}. Arrow keys step through the clips, Space plays one, Enter opens it, Escape clears the selection.`,
    );
  }

  measure() {
    const { clientWidth, clientHeight } = this.canvas;
    this.ratio = devicePixelRatio || 1;
    this.width = clientWidth;
    this.height = clientHeight;
    for (const canvas of [this.canvas, this.base]) {
      canvas.width = Math.round(clientWidth * this.ratio);
      canvas.height = Math.round(clientHeight * this.ratio);
    }
    this.px = this.xs.map((value) => this.across(value));
    this.py = this.ys.map((value) => this.down(value));
  }

  across(value) {
    return MARGIN + value * (this.width - 2 * MARGIN);
  }

  down(value) {
    return MARGIN + (1 - value) * (this.height - 2 * MARGIN);
  }

  /** All points, once for each change; `shown` and `chosen` are masks of rows. */
  paint({ order, shown, chosen, any, sprites, spriteOf }) {
    const pen = this.base.getContext("2d");
    pen.clearRect(0, 0, this.base.width, this.base.height);
    const copy = (row) => {
      const picture = sprites[spriteOf[row]];
      const half = picture.width / 2;
      pen.drawImage(picture, this.px[row] * this.ratio - half, this.py[row] * this.ratio - half);
    };
    for (const pass of any ? [0, 1] : [1]) {
      pen.globalAlpha = pass ? 0.8 : 0.14;
      for (const row of order)
        if (shown[row] && (!any || chosen[row] === pass) && !Number.isNaN(this.px[row])) copy(row);
    }
    pen.globalAlpha = 1;
  }

  /** The points, and above them what changes with the pointer: cheap. */
  show(hot, colours) {
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.base.width) pen.drawImage(this.base, 0, 0);
    pen.scale(this.ratio, this.ratio);
    this.marks(pen, colours);
    if (hot >= 0 && !Number.isNaN(this.px[hot])) {
      outline(pen, "circle", this.px[hot], this.py[hot], 7);
      pen.lineWidth = 2;
      pen.strokeStyle = colours.text;
      pen.stroke();
    }
    if (!this.path) return;
    pen.beginPath();
    for (const [x, y] of this.path) pen.lineTo(x, y);
    pen.closePath();
    pen.lineWidth = 1.5;
    pen.strokeStyle = colours.text;
    pen.stroke();
    pen.globalAlpha = 0.08;
    pen.fillStyle = colours.text;
    pen.fill();
    pen.globalAlpha = 1;
  }

  /** The kept variants by number, the current clip, and the path between them. */
  marks(pen, colours) {
    const at = this.marked.map(({ x, y, ...mark }) => ({ ...mark, x: this.across(x), y: this.down(y) }));
    pen.lineWidth = 2;
    pen.strokeStyle = colours.text;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    for (const { x, y } of at) pen.lineTo(x, y);
    pen.stroke();
    pen.setLineDash([]);
    pen.font = "600 12px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const { x, y, label, current } of at) {
      outline(pen, "circle", x, y, 8);
      pen.fillStyle = current ? colours.primary : colours.background;
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = current ? colours.background : colours.text;
      pen.stroke();
      pen.fillStyle = current ? colours.background : colours.text;
      pen.fillText(label, x, y + 0.5);
    }
  }

  nearest(x, y, shown, reach = 11) {
    let best = -1, least = reach * reach;
    for (let row = 0; row < this.px.length; row++) {
      if (!shown[row]) continue;
      const far = (this.px[row] - x) ** 2 + (this.py[row] - y) ** 2;
      if (far < least) [best, least] = [row, far];
    }
    return best;
  }
}
