// What people can read of a model grid, for tests: texts as boxes, their sizes and contrast.
const roots = [...document.querySelectorAll("*")].map((element) => element.shadowRoot);
const grid = [document, ...roots].map((root) => root?.querySelector(".ser-grid")).find(Boolean);

// A check with every row's numbers, as they appear when it is pointed at.
function inEveryRow(check) {
  return [...grid.querySelectorAll(".grid tr")].flatMap((row) => {
    row.focus();
    return check();
  });
}

// Visible pieces of text: [text, box, element].
function texts() {
  const walker = document.createTreeWalker(grid, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest(".note, .tip, .sr, caption")) continue;
    if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.top < clipped(parent)) found.push([node.data.trim(), box, parent]);
    }
  }
  return found;
}

// Where a name that is cut after two lines ends.
function clipped(element) {
  const cut = element.closest(".name :is(button, .title > span)");
  return cut ? cut.getBoundingClientRect().bottom - 1 : Infinity;
}

function overlaps() {
  const boxes = texts().map(([text, box]) => [text, box]);
  for (const input of grid.querySelectorAll("input")) boxes.push(["slider", input.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([text, a], i) => {
    for (const [other, b] of boxes.slice(i + 1)) {
      // A line's box is higher than its letters: 3 px above and below are empty.
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > 1 && height > 6) found.push(`${text} / ${other}`);
    }
  });
  return found;
}

function outside() {
  const page = document.documentElement;
  const edge = grid.getBoundingClientRect();
  const found = texts()
    .filter(([, box]) => box.left < edge.left - 0.5 || box.right > edge.right + 0.5)
    .map(([text]) => text);
  // A number belongs into its cell.
  for (const number of grid.querySelectorAll(".n")) {
    const box = number.getBoundingClientRect();
    const cell = number.closest("td").getBoundingClientRect();
    if (box.left < cell.left - 0.5 || box.right > cell.right + 0.5) found.push(`${number.textContent} of its cell`);
  }
  for (const number of grid.querySelectorAll(".bar .n")) {
    const over = number.getBoundingClientRect().right - number.parentElement.getBoundingClientRect().right;
    if (over > 0.5) found.push(`${number.textContent} of its bar`);
  }
  if (page.scrollWidth > page.clientWidth) found.push("the page scrolls sideways");
  return found;
}

function smallest() {
  return Math.min(...texts().map(([, , element]) => parseFloat(getComputedStyle(element).fontSize)));
}

// Any CSS colour as [r, g, b, a], by the browser itself.
const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function rgba(colour) {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}

function over(top, below) {
  return [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
}

function luminance(colour) {
  const [r, g, b] = colour.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// The browser's own page, light or dark.
function paper() {
  const sheet = document.body.appendChild(document.createElement("i"));
  sheet.style.background = "Canvas";
  const colour = rgba(getComputedStyle(sheet).backgroundColor);
  sheet.remove();
  return colour.slice(0, 3);
}

// What lies behind an element: the backgrounds of all around it, the page's first.
function background(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    layers.unshift(rgba(getComputedStyle(at).backgroundColor));
    if (at.matches?.(".track")) layers.splice(1, 0, rgba(getComputedStyle(at, "::before").backgroundColor));
  }
  return layers.reduce((below, layer) => over(layer, below), paper());
}

function faint(least) {
  const found = [];
  for (const [text, , element] of texts()) {
    const behind = background(element);
    const [light, dark] = [luminance(over(rgba(getComputedStyle(element).color), behind)), luminance(behind)]
      .sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < least && !element.closest(":disabled")) found.push(`${text}: ${contrast.toFixed(2)}`);
  }
  return found;
}
