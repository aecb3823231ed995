// One axis: waveform, log-Mel with its overlay, playhead, range, and the words.
//
// Streamlit calls the default export again whenever `data` or the theme changes, with the same
// parentElement, and runs only the last clean-up: an axis is kept by its parentElement and updated.
const axes = new WeakMap();
const DRAG = 4; // px; less is a click
const KEYS = "Space plays, arrows move by 0.1 seconds, with Shift by 1 second.";
const RANGE_KEYS = " I and O mark where a range begins and ends, Escape clears it.";

class TimeAxis {
  constructor(root) {
    this.root = root;
    this.parts = {};
    for (const element of root.querySelectorAll("[class]"))
      this.parts[element.getAttribute("class")] = element;
    const { axis, view, play, rate, opacity, clear, save, words } = this.parts;
    this.words = new Words(words, (index) => this.report("word", index));
    view.onpointerdown = (event) => this.press(event);
    view.onpointermove = (event) => this.drag(event);
    view.onpointerup = (event) => this.release(event);
    view.onpointercancel = () => this.cancel();
    view.onkeydown = (event) => this.key(event);
    play.onclick = () => this.toggle();
    clear.onclick = () => this.select(null);
    save.onclick = () => savePicture(axis, this.data.title);
    rate.onchange = () => player.setRate(+rate.value);
    opacity.oninput = () => this.mix();
    this.show = this.show.bind(this);
    this.layOut = this.layOut.bind(this);
    player.views.add(this.show);
    this.watch = new ResizeObserver(this.layOut);
    this.watch.observe(view);
    document.fonts.addEventListener("loadingdone", this.layOut); // words change their widths
  }

  unmount() {
    player.views.delete(this.show);
    this.watch.disconnect();
    document.fonts.removeEventListener("loadingdone", this.layOut);
    axes.delete(this.root);
  }

  update(data) {
    this.data = data;
    this.outline = new Int8Array(decode(data.wave).buffer);
    if (this.version !== data.version) {
      this.version = data.version;
      this.range = data.selected;
    }
    this.name();
    this.words.update(data.words, data.title, data.full, data.reportWords);
    this.draw();
    this.layOut();
    this.show();
    if (data.play) player.request(data.play, data.duration);
  }

  /** Every control has a name of its own, that no other axis' control has. */
  name() {
    const { data, parts } = this;
    const { axis, title, view, rate, opacity, clear, save, mel, legend } = parts;
    axis.classList.toggle("full", data.full);
    axis.classList.toggle("wordless", !data.words.length);
    axis.setAttribute("aria-label", data.title);
    title.textContent = data.full ? data.title : "";
    view.title = data.full ? "Click to seek, drag to choose a range" : "Click or drag to seek";
    view.setAttribute("aria-label", `Position, ${data.title}`);
    view.setAttribute("aria-valuemin", 0);
    view.setAttribute("aria-valuemax", data.duration);
    rate.setAttribute("aria-label", `Speed, ${data.title}`);
    save.setAttribute("aria-label", `Save as picture, ${data.title}`);
    clear.setAttribute("aria-label", `Clear the range, ${data.title}`);
    opacity.querySelector("input").setAttribute("aria-label", `Overlay opacity, ${data.title}`);
    this.root.querySelector("#keys").textContent = KEYS + (data.full ? RANGE_KEYS : "");
    mel.hidden = parts.hertz.hidden = !data.mel;
    opacity.hidden = legend.hidden = !data.overlay;
  }

  /** What depends on the colours of the theme. */
  draw() {
    const { data, parts } = this;
    const { level, overlay, hertz } = parts;
    if (!data.mel) return;
    const css = getComputedStyle(parts.axis);
    const colour = (name) => css.getPropertyValue(`--st-${name}`);
    const colours = data.overlay // grey, where another colour means something else
      ? ramp([colour("background-color"), colour("text-color")], 0.7)
      : ramp(colour("chart-sequential-colors").split(","));
    drawPicture(level, data.mel, decode(data.mel.cells), colours);
    overlay.hidden = !data.overlay;
    if (data.overlay) {
      drawPicture(overlay, data.mel, decode(data.overlay.cells), shades(LOWERED, RAISED));
      this.mix();
      this.explain(data.overlay);
    }
    const [from, to] = data.mel.span;
    for (const canvas of [level, overlay]) {
      canvas.style.left = this.percent(from);
      canvas.style.width = this.percent(to - from);
    }
    hertz.replaceChildren(...data.mel.ticks.map(([text, height]) => {
      const tick = document.createElement("span");
      tick.textContent = text;
      tick.style.bottom = `clamp(0.4em, ${100 * height}%, calc(100% - 0.6em))`;
      return tick;
    }));
  }

  explain({ label, scale, unit, beyond, ends: [low, high] }) {
    const { lowered, raised, meaning } = this.parts;
    lowered.textContent = `${beyond ? "≤ " : ""}−${scale} ${low}`;
    raised.textContent = `${high} ${beyond ? "≥ " : ""}+${scale}`;
    meaning.textContent = `${label}${unit ? ` (${unit})` : ""}`;
  }

  mix() {
    this.parts.overlay.style.opacity = this.parts.opacity.querySelector("input").value;
  }

  /** What depends on the width. */
  layOut() {
    const { data, parts } = this;
    const { outline, played, seconds, view } = parts;
    for (const canvas of [outline, played])
      drawWave(canvas, this.outline, getComputedStyle(canvas).color);
    this.words.place(view, data.duration);
    seconds.hidden = !data.full;
    const width = view.clientWidth;
    if (!data.full || !width) return;
    const ticks = secondTicks(data.duration, width);
    seconds.replaceChildren(...ticks.map((time) => {
      const tick = document.createElement("span");
      tick.textContent = this.long ? clock(time, true, 0) : `${time}${time ? "" : " s"}`;
      tick.style.left = this.percent(time);
      if (!time) tick.className = "first";
      else if ((1 - time / data.duration) * width < 12) tick.className = "last";
      return tick;
    }));
  }

  get long() {
    return this.data.duration >= 100;
  }

  percent(seconds) {
    return `${(100 * seconds) / this.data.duration}%`;
  }

  /** What depends on the time: called at each frame while playing, so it changes little. */
  show() {
    const { data, parts, range } = this;
    const { playing } = player;
    const now = Math.min(player.time, data.duration);
    parts.head.style.left = `clamp(0px, ${this.percent(now)} - 1px, 100% - 2px)`;
    parts.played.style.clipPath = `inset(0 ${this.percent(data.duration - now)} 0 0)`;
    this.words.show(now, playing);
    const decimals = data.duration < 1 ? 2 : 1;
    const total = clock(data.duration, this.long, this.long ? 0 : decimals);
    const text = `${clock(now, this.long, decimals)} / ${total}${this.long ? "" : " s"}`;
    if (parts.time.textContent !== text) parts.time.textContent = text;
    // A screen reader would speak without end if it heard of the time while playing.
    const rest = String([playing, player.rate, !player.audio, range, data.title, playing || now]);
    if (rest === this.rest) return;
    this.rest = rest;
    this.showRest(now);
  }

  showRest(now) {
    const { data, parts, range } = this;
    const { axis, play, view, rate, clear } = parts;
    axis.classList.toggle("playing", player.playing);
    play.disabled = !player.audio;
    play.setAttribute("aria-label", `${player.playing ? "Pause" : "Play"}, ${data.title}`);
    rate.value = player.rate;
    parts.range.hidden = clear.hidden = !range;
    let spoken = `${now.toFixed(2)} of ${data.duration.toFixed(2)} seconds`;
    if (range) {
      const [from, to] = range.map((time) => time.toFixed(2));
      parts.range.style.left = this.percent(range[0]);
      parts.range.style.width = this.percent(range[1] - range[0]);
      clear.firstElementChild.textContent = `${from}–${to} s`;
      spoken += `, range ${from} to ${to}`;
    }
    view.setAttribute("aria-valuenow", now.toFixed(2));
    view.setAttribute("aria-valuetext", spoken);
  }

  toggle() {
    const [from, to] = this.range ?? [];
    const { time } = player;
    if (player.playing) player.pause();
    else if (!this.range || !this.data.full) player.play();
    else player.playSpan(from <= time && time < to - 0.05 ? time : from, to);
  }

  /** A range, or none; reported to the script, unless it is still being dragged. */
  select(range, done = true) {
    this.range = range?.map((time) => +time.toFixed(3)) ?? null;
    this.show();
    if (done) this.report("range", { version: this.version, range: this.range });
  }

  at(event) {
    const box = this.parts.view.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(1, share)) * this.data.duration;
  }

  press(event) {
    if (event.button) return;
    this.from = { time: this.at(event), x: event.clientX, before: this.range, moved: false };
    this.parts.view.setPointerCapture(event.pointerId);
  }

  drag(event) {
    const { from, data } = this;
    if (!from) return;
    from.moved ||= Math.abs(event.clientX - from.x) > DRAG;
    if (!from.moved) return;
    const to = this.at(event);
    if (data.full) this.select([Math.min(from.time, to), Math.max(from.time, to)], false);
    else player.seek(to);
  }

  release(event) {
    const { from, data } = this;
    if (!from) return;
    this.from = null;
    if (data.full && from.moved) {
      this.select(this.range);
      player.playSpan(...this.range);
      return;
    }
    player.seek(Math.min(this.at(event), data.duration - 0.001));
    if (data.full && this.range) this.select(null);
  }

  cancel() {
    if (this.from) this.select(this.from.before, false);
    this.from = null;
  }

  key(event) {
    const { data, range } = this;
    const now = player.time;
    const step = event.shiftKey ? 1 : 0.1;
    const end = data.duration - 0.001;
    const actions = {
      " ": () => this.toggle(),
      Enter: () => this.toggle(),
      ArrowRight: () => player.seek(Math.min(now + step, end)),
      ArrowUp: () => player.seek(Math.min(now + step, end)),
      ArrowLeft: () => player.seek(now - step),
      ArrowDown: () => player.seek(now - step),
      PageUp: () => player.seek(Math.min(now + 1, end)),
      PageDown: () => player.seek(now - 1),
      Home: () => player.seek(0),
      End: () => player.seek(end),
    };
    if (data.full) {
      const [first, last] = range ?? [0, data.duration];
      if (range) actions.Escape = () => this.select(null);
      if (now < last) actions.i = () => this.select([now, last]);
      if (now > first) actions.o = () => this.select([first, now]);
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!Object.hasOwn(actions, event.key)) return;
    actions[event.key]();
    event.preventDefault();
    event.stopPropagation();
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  if (!axes.has(parentElement)) axes.set(parentElement, new TimeAxis(parentElement));
  const axis = axes.get(parentElement);
  axis.report = (name, value) => (name === "range" ? setStateValue : setTriggerValue)(name, value);
  axis.update(data);
  return () => axis.unmount();
}
