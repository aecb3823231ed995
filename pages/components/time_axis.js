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
    const { view, play, rate, opacity, clear, words } = this.parts;
    this.words = new Words(words, (index) => this.report("word", index));
    view.onpointerdown = (event) => this.press(event);
    view.onpointermove = (event) => this.drag(event);
    view.onpointerup = (event) => this.release(event);
    view.onpointercancel = () => this.select((this.from = null), false);
    view.onkeydown = (event) => this.key(event);
    play.onclick = () => this.toggle();
    clear.onclick = () => this.select(null);
    rate.onchange = () => player.setRate(+rate.value);
    opacity.oninput = () => this.mix();
    this.show = this.show.bind(this);
    player.views.add(this.show);
    this.watch = new ResizeObserver(() => this.layOut());
    this.watch.observe(view);
    this.watch.observe(words);
  }

  unmount() {
    player.views.delete(this.show);
    this.watch.disconnect();
    axes.delete(this.root);
  }

  update(data) {
    this.data = data;
    this.outline = signed(data.wave);
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
    const { axis, title, view, rate, opacity, clear, mel, legend } = parts;
    axis.classList.toggle("full", data.full);
    axis.classList.toggle("wordless", !data.words.length);
    axis.setAttribute("aria-label", data.title);
    title.textContent = data.full ? data.title : "";
    view.setAttribute("aria-label", `Position, ${data.title}`);
    view.setAttribute("aria-valuemin", 0);
    view.setAttribute("aria-valuemax", data.duration);
    rate.setAttribute("aria-label", `Speed, ${data.title}`);
    clear.setAttribute("aria-label", `Clear the range, ${data.title}`);
    opacity.querySelector("input").setAttribute("aria-label", `Overlay opacity, ${data.title}`);
    this.root.querySelector("#keys").textContent = KEYS + (data.full ? RANGE_KEYS : "");
    mel.hidden = parts.hertz.hidden = !data.mel;
    opacity.hidden = legend.hidden = !data.overlay;
  }

  draw() {
    const { data, parts } = this;
    const css = getComputedStyle(parts.axis);
    const colour = (name) => css.getPropertyValue(`--st-${name}`);
    if (!data.mel) return;
    const greys = [colour("background-color"), colour("text-color")];
    const colours = ramp(data.overlay ? greys : colour("chart-sequential-colors").split(","));
    drawPicture(parts.level, data.mel, decode(data.mel.cells), (level) =>
      colours[data.overlay ? Math.round(0.7 * level) : level]);
    parts.overlay.hidden = !data.overlay;
    if (data.overlay) {
      const [low, high] = [rgb(LOWERED), rgb(RAISED)];
      drawPicture(parts.overlay, data.mel, signed(data.overlay.cells), (value) =>
        [...(value < 0 ? low : high), Math.abs(value) / 127]);
      this.mix();
      const { label, scale, unit, beyond } = data.overlay;
      parts.legend.innerHTML = "<span></span><i></i><span></span><span></span>";
      const [lowered, raised, what] = parts.legend.querySelectorAll("span");
      lowered.textContent = `${beyond ? "≤ " : ""}−${scale} lowered`;
      raised.textContent = `raised ${beyond ? "≥ " : ""}+${scale}`;
      what.textContent = `${label}${unit ? ` (${unit})` : ""}`;
    }
    const [from, to] = data.mel.span;
    for (const canvas of [parts.level, parts.overlay]) {
      canvas.style.left = this.percent(from);
      canvas.style.width = this.percent(to - from);
    }
    parts.hertz.replaceChildren(...data.mel.ticks.map(([text, height]) => {
      const tick = document.createElement("span");
      tick.textContent = text;
      tick.style.bottom = `clamp(0.4em, ${100 * height}%, calc(100% - 0.6em))`;
      return tick;
    }));
  }

  mix() {
    this.parts.overlay.style.opacity = this.parts.opacity.querySelector("input").value;
  }

  /** What depends on the width. */
  layOut() {
    const { data, parts } = this;
    const { outline, played, seconds, view } = parts;
    const css = getComputedStyle(outline);
    drawWave(outline, this.outline, css.color);
    drawWave(played, this.outline, getComputedStyle(played).color);
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

  /** What depends on the time: called at each frame while playing. */
  show() {
    const { data, parts, range } = this;
    const { axis, play, time, view, rate, clear } = parts;
    const { playing } = player;
    const now = Math.min(player.time, data.duration);
    axis.style.setProperty("--now", this.percent(now));
    axis.classList.toggle("playing", playing);
    const decimals = data.duration < 1 ? 2 : 1;
    time.textContent =
      `${clock(now, this.long, decimals)} / ` +
      (this.long ? clock(data.duration, true, 0) : `${clock(data.duration, false, decimals)} s`);
    play.disabled = !player.audio;
    play.setAttribute("aria-label", `${playing ? "Pause" : "Play"}, ${data.title}`);
    if (+rate.value !== player.rate) rate.value = player.rate;
    this.words.show(now, playing);
    parts.range.hidden = !range;
    clear.hidden = !range || !data.full;
    if (range) {
      parts.range.style.left = this.percent(range[0]);
      parts.range.style.width = this.percent(range[1] - range[0]);
      clear.firstElementChild.textContent = `${range[0].toFixed(2)}–${range[1].toFixed(2)} s`;
    }
    if (playing && this.spoken) return; // a screen reader would speak without end
    this.spoken = true;
    view.setAttribute("aria-valuenow", now.toFixed(2));
    view.setAttribute("aria-valuetext",
      `${now.toFixed(2)} of ${data.duration.toFixed(2)} seconds` +
      (range ? `, range ${range[0].toFixed(2)} to ${range[1].toFixed(2)}` : ""));
  }

  toggle() {
    const [from, to] = this.range ?? [];
    if (player.playing) player.pause();
    else if (!this.range) player.play();
    else player.playSpan(from <= player.time && player.time < to - 0.01 ? player.time : from, to);
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
    if (this.range) this.select(null);
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
      if (range) actions.Escape = () => this.select(null);
      if (now < (range?.[1] ?? end)) actions.i = () => this.select([now, range?.[1] ?? data.duration]);
      if (now > (range?.[0] ?? 0)) actions.o = () => this.select([range?.[0] ?? 0, now]);
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(actions, event.key)) return;
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
