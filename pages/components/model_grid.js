// Puts the table that Python wrote into the page, and tells Python the late fusion's weight.
const WAIT_MS = 150; // so that a held arrow key asks once
const grids = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector("#place");
  const grid = grids.get(parentElement) ?? { shown: null, weight: null, held: false, timer: 0 };
  grids.set(parentElement, grid);
  grid.html = data.html;
  const show = () => {
    if (grid.held || grid.html === grid.shown) return;
    grid.shown = grid.html;
    renew(place, grid);
  };
  place.oninput = ({ target }) => isSlider(target) && say(target);
  place.onchange = ({ target }) => {
    if (!isSlider(target)) return;
    grid.weight = Number(target.value);
    clearTimeout(grid.timer);
    grid.timer = setTimeout(() => setTriggerValue("late_weight", grid.weight), WAIT_MS);
  };
  // A table that comes while the thumb is held waits: a new slider would let it go.
  place.onpointerdown = ({ target }) => (grid.held = isSlider(target));
  place.onpointerup = place.onpointercancel = () => {
    grid.held = false;
    show();
  };
  place.onkeydown = walk;
  show();
  return () => clearTimeout(grid.timer);
}

function isSlider(element) {
  return element.type === "range";
}

function say(slider) {
  slider.parentElement.querySelector("output").textContent = Number(slider.value).toFixed(2);
}

// New values in the same table: the weight last chosen, the focus and an open note stay.
function renew(place, grid) {
  const active = place.getRootNode().activeElement;
  const focus = active && path(place, active);
  const open = place.querySelector(":popover-open")?.id;
  place.innerHTML = grid.html;
  const slider = place.querySelector("input[type=range]");
  if (slider && Number(slider.value) === grid.weight) grid.weight = null; // Python has answered
  if (slider && grid.weight !== null) {
    slider.value = grid.weight;
    say(slider);
  }
  if (open) place.querySelector(`#${CSS.escape(open)}`)?.showPopover();
  if (focus) place.querySelector(focus)?.focus({ preventScroll: true });
}

// A selector of an element by its place in the table.
function path(place, element) {
  const steps = [];
  for (let at = element; at && at !== place; at = at.parentElement) {
    const number = [...at.parentElement.children].indexOf(at) + 1;
    steps.unshift(`${at.localName}:nth-child(${number})`);
  }
  return steps.length ? `#place > ${steps.join(" > ")}` : null;
}

// Arrow keys walk from a model's name through its cells, and from row to row.
function walk(event) {
  const cell = event.target.closest?.("td, th");
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
  if (!cell?.closest("tbody, thead") || isSlider(event.target) || !(across || down)) return;
  if (cell.closest(".note")) return;
  const rows = [...cell.closest("table").rows].filter((row) => !row.matches(".groups"));
  const row = rows[rows.indexOf(cell.parentElement) + down];
  const next = row?.cells[Math.min(cell.cellIndex, row.cells.length - 1) + across];
  if (!next) return;
  (next.querySelector("button") ?? next).focus();
  event.preventDefault();
}
