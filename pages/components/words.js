// The words beneath the axis: at their times in a few rows where they fit, or as lines to scroll.
const LOWERED = "#0072B2"; // Okabe and Ito's blue and vermillion
const RAISED = "#D55E00";
// A recogniser gives some words no length at all: they last 0.12 s here.
const endOf = (word) => (word.end > word.start ? word.end : word.start + 0.12);

class Words {
  constructor(box, press) {
    Object.assign(this, { box, press, words: [], elements: [] });
    box.onkeydown = (event) => this.move(event);
  }

  /** Only where something changed: a run of the script leaves the focus where it is. */
  update(words, title, full, pressable) {
    const said = JSON.stringify([words, title, full, pressable]);
    if (said === this.said) return;
    const focused = this.elements.indexOf(this.box.getRootNode().activeElement);
    Object.assign(this, { said, words, full, title, pressable, current: "" });
    this.elements = words.map((word, index) => this.element(word, index));
    this.buttons = this.elements.filter((element) => element.localName === "button");
    this.box.replaceChildren(...this.elements);
    this.box.hidden = !words.length;
    this.box.setAttribute("role", this.buttons.length ? "toolbar" : "group");
    this.box.setAttribute("aria-label", `Words, ${title}`);
    if (this.buttons.length) this.buttons[0].tabIndex = 0;
    this.elements[focused]?.focus();
  }

  element(word, index) {
    const timed = word.start !== null;
    const button = timed || this.pressable;
    const element = document.createElement(button ? "button" : "span");
    element.className = "word";
    element.classList.toggle("muted", word.muted);
    element.append(word.text);
    if (word.value !== null) {
      element.classList.add("valued");
      element.style.setProperty("--tone", word.value < 0 ? LOWERED : RAISED);
      element.style.setProperty("--share", `${Math.round(Math.abs(word.value) * 45)}%`);
    }
    if (this.full && word.label) {
      const value = document.createElement("small");
      value.textContent = word.label;
      element.append(" ", value);
    }
    const times = timed ? `${word.start.toFixed(2)}–${word.end.toFixed(2)} s` : "";
    const muted = word.muted ? "not used" : "";
    const facts = [word.label, times, muted].filter(Boolean).join(", ");
    element.title = facts;
    if (!button) return element;
    element.type = "button";
    element.tabIndex = -1;
    const said = facts ? `${word.text} (${facts})` : word.text;
    const place = `word ${index + 1} of ${this.words.length}`;
    element.setAttribute("aria-label", `${said}, ${place}, ${this.title}`);
    element.onclick = () => {
      if (timed) player.playSpan(word.start, endOf(word));
      if (this.pressable) this.press(index);
    };
    element.onfocus = () => {
      for (const other of this.buttons) other.tabIndex = other === element ? 0 : -1;
    };
    return element;
  }

  move(event) {
    const at = this.buttons.indexOf(this.box.getRootNode().activeElement);
    const last = this.buttons.length - 1;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    this.buttons[Math.max(0, Math.min(to, last))].focus();
    event.preventDefault();
    event.stopPropagation();
  }

  /** At their times below `view`, if that takes few rows; else one after the other. */
  place(view, duration) {
    const { box, elements, words } = this;
    if (!elements.length || !box.clientWidth) return;
    const { scrollTop } = box;
    box.classList.add("placed"); // in lines, a word's width depends on the others'
    const width = view.clientWidth;
    const left = (element) => element.getBoundingClientRect().left;
    const below = Math.abs(left(box) - left(view)) < 2;
    const sizes = elements.map((element) => element.offsetWidth);
    const px = (seconds) => (seconds / duration) * width;
    const ends = [];
    let time = 0; // words without one follow the word before them
    const places = words.map(({ start, end }, index) => {
      const from = px(start ?? time);
      const left = Math.max(0, Math.min(from, width - sizes[index]));
      let row = ends.findIndex((edge) => edge + 2 <= left);
      if (row < 0) row = ends.push(0) - 1;
      ends[row] = left + sizes[index];
      time = end ?? time;
      const length = start === null ? 0 : Math.max(2, px(end - start));
      return { left, row, bar: from - left, length };
    });
    const fits =
      below &&
      words.some((word) => word.start !== null) &&
      ends.length <= (this.full ? 4 : 2) &&
      sizes.every((size) => size <= width);
    box.classList.toggle("placed", fits);
    box.style.setProperty("--rows", ends.length);
    elements.forEach((element, index) => {
      const { left, row, bar, length } = places[index];
      element.style.setProperty("--left", `${left}px`);
      element.style.setProperty("--at", row);
      element.style.setProperty("--bar", `${bar}px`);
      element.style.setProperty("--length", `${length}px`);
    });
    box.scrollTop = scrollTop;
    const scrolls = !fits && box.scrollHeight > box.clientHeight + 1;
    if (this.buttons.length || !scrolls) box.removeAttribute("tabindex");
    else box.tabIndex = 0; // or a keyboard could not scroll it
  }

  /** Mark what is being said; bring it into sight while it plays. */
  show(time, playing) {
    const now = [];
    this.words.forEach((word, index) => {
      if (word.start !== null && word.start <= time && time < endOf(word)) now.push(index);
    });
    if (String(now) === this.current) return;
    this.current = String(now);
    this.elements.forEach((element, index) => {
      if (now.includes(index)) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    });
    const { box } = this;
    const first = this.elements[now[0]];
    if (!first || !playing || box.scrollHeight <= box.clientHeight + 1) return;
    const top = first.offsetTop;
    if (top < box.scrollTop || top + first.offsetHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top;
  }
}
