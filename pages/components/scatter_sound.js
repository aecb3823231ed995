// Which point of the maps is heard; hover_sound.js plays it.
const DWELL = 350; // ms that the pointer rests before its point is heard

class Hearing {
  /** `button` switches it on and off; `changed` is called when it has. */
  constructor(button, changed) {
    this.button = button;
    button.onclick = () => {
      button.ariaChecked = !this.on;
      if (!this.on) this.stop();
      changed();
    };
  }

  update(set, sound, on) {
    Object.assign(this, { set, sound });
    this.button.hidden = !sound.includes(1);
    this.button.ariaChecked = on;
  }

  get on() {
    return this.button.ariaChecked === "true";
  }

  has(row) {
    return this.sound[row] === 1;
  }

  /** The pointer, or the arrow keys, came to another row; -1 for none. */
  rest(row) {
    if (!this.on) return;
    this.stop();
    if (this.has(row)) this.dwell = setTimeout(() => this.ask(row), DWELL);
  }

  /** At once; whether there is anything to hear. */
  play(row) {
    if (this.has(row)) this.ask(row);
    return this.has(row);
  }

  stop() {
    this.ask(-1);
  }

  ask(row) {
    clearTimeout(this.dwell);
    document.dispatchEvent(new CustomEvent("ser-hear", { detail: { set: this.set, row } }));
  }
}
