// An axis as a picture: its canvases and texts as they stand, without what only works on screen.
const LEFT_OUT = ".controls, .play, .head, .range, .played, [hidden]";
const EDGE = 12; // px around it
const SCALE = 2; // pixels a px, as figures have them

/** A canvas with all of `axis` that is seen; what scrolls in its boxes as it is scrolled now. */
function paint(axis) {
  const box = axis.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  canvas.width = SCALE * (box.width + 2 * EDGE);
  canvas.height = SCALE * (box.height + 2 * EDGE);
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.translate(EDGE - box.left, EDGE - box.top);
  pen.fillStyle = getComputedStyle(axis).getPropertyValue("--st-background-color");
  pen.fillRect(box.left - EDGE, box.top - EDGE, box.width + 2 * EDGE, box.height + 2 * EDGE);
  const paintAll = (element) => {
    if (element.matches(LEFT_OUT)) return;
    pen.save();
    paintBox(pen, element);
    for (const node of element.childNodes)
      if (node.nodeType === Node.ELEMENT_NODE) paintAll(node);
      else if (node.nodeType === Node.TEXT_NODE) paintText(pen, node);
    pen.restore();
  };
  paintAll(axis);
  return canvas;
}

function paintBox(pen, element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  if (!width || !height) return;
  const style = getComputedStyle(element);
  if (style.overflow !== "visible" || style.overflowY !== "visible") {
    pen.beginPath();
    pen.rect(left, top, width, height);
    pen.clip();
  }
  pen.fillStyle = style.backgroundColor;
  pen.fillRect(left, top, width, height);
  if (element.localName === "canvas" && element.width) {
    pen.globalAlpha = +style.opacity;
    pen.drawImage(element, left, top, width, height);
    pen.globalAlpha = 1;
  }
  if (element.localName === "i") { // the legend's colours
    const colours = pen.createLinearGradient(left, 0, left + width, 0);
    const middle = ramp([style.getPropertyValue("--st-background-color"), style.color], 0.2)[255];
    colours.addColorStop(0, LOWERED);
    colours.addColorStop(0.5, `rgb(${middle.slice(0, 3)})`);
    colours.addColorStop(1, RAISED);
    pen.fillStyle = colours;
    pen.fillRect(left, top, width, height);
  }
  const bar = getComputedStyle(element, "::before"); // how long a word lasts
  if (element.matches(".placed .word") && bar.content !== "none") {
    pen.fillStyle = bar.backgroundColor;
    pen.fillRect(left + parseFloat(bar.left), top, parseFloat(bar.width), parseFloat(bar.height));
  }
}

/** Piece by piece, for a line may break between any two. */
function paintText(pen, node) {
  const style = getComputedStyle(node.parentElement);
  pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  pen.fillStyle = style.color;
  pen.textBaseline = "middle";
  for (const { 0: piece, index } of node.data.matchAll(/\S+/g)) {
    const range = document.createRange();
    range.setStart(node, index);
    range.setEnd(node, index + piece.length);
    const { left, top, width, height } = range.getBoundingClientRect();
    if (!width) continue;
    pen.fillText(piece, left, top + height / 2);
    if (!style.textDecorationLine.includes("line-through")) continue;
    pen.fillRect(left, top + height / 2, width, 1);
  }
}

/** Let the browser save the picture. */
function savePicture(axis, title) {
  const name = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60);
  paint(axis).toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name || "clip"}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
