// Canvases: functions of bytes and colours.
const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** [red, green, blue] of any colour that CSS knows. */
function rgb(colour) {
  pixel.fillStyle = "#808080"; // stays where the next line is no colour
  pixel.fillStyle = colour.trim();
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** Colours of the bytes 0 to 255, between equally spaced ones, of which they span a share. */
function ramp(colours, share = 1) {
  const stops = colours.map(rgb);
  return Array.from({ length: 256 }, (_, byte) => {
    const place = (byte / 255) * share * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    return [...stops[left].map((c, k) => c + (place - left) * (stops[left + 1][k] - c)), 255];
  });
}

/** Colours of the signed bytes -127 to 127, from opaque over clear to opaque. */
function shades(low, high) {
  const [negative, positive] = [rgb(low), rgb(high)];
  return Array.from({ length: 256 }, (_, byte) =>
    byte < 128 ? [...positive, 2 * byte] : [...negative, 2 * (256 - byte)]);
}

/** One pixel a cell; the style stretches it. */
function drawPicture(canvas, { columns, bands }, cells, colours) {
  const pixels = new Uint32Array(Uint8ClampedArray.from(colours.flat()).buffer);
  const image = new ImageData(columns, bands);
  new Uint32Array(image.data.buffer).set(Uint32Array.from(cells, (cell) => pixels[cell]));
  canvas.width = columns;
  canvas.height = bands;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The outline, (highest, lowest) pairs within ±127, at the screen's own resolution. */
function drawWave(canvas, outline, colour) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (!width || !height) return;
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour;
  const columns = outline.length / 2;
  for (let x = 0; x < width; x++) {
    const first = Math.floor((x / width) * columns);
    const last = Math.max(first + 1, Math.floor(((x + 1) / width) * columns));
    const next = Math.min(last, columns - 1); // or a very short clip would be dots
    let high = outline[2 * next + 1];
    let low = outline[2 * next];
    for (let column = first; column < last; column++) {
      high = Math.max(high, outline[2 * column]);
      low = Math.min(low, outline[2 * column + 1]);
    }
    const top = ((127 - high) / 254) * height;
    pen.fillRect(x, top, 1, Math.max(devicePixelRatio, ((high - low) / 254) * height));
  }
}

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120];

/** Ticks of the axis of seconds, as close as labels of about 56 px allow. */
function secondTicks(duration, width) {
  const step = STEPS.find((s) => (duration / s) * 56 <= width) ?? 300;
  const count = Math.floor(duration / step + 1e-6) + 1;
  return Array.from({ length: count }, (_, i) => +(i * step).toFixed(2));
}

/** "0.4" or "1:05"; with as many decimals as asked. */
function clock(seconds, long, decimals) {
  if (!long) return seconds.toFixed(decimals);
  const whole = Math.floor(seconds / 60);
  const rest = (seconds - 60 * whole).toFixed(decimals).padStart(decimals ? 3 + decimals : 2, "0");
  return `${whole}:${rest}`;
}
