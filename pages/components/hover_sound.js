// Sounds of what the pointer rests on: asked of the server one by one, kept for a while, and played
// beside the page's player, which falls silent meanwhile. Who wants one heard dispatches "ser-hear"
// with { set, row }; a row below 0 is silence.
const MOST = 64; // sounds kept
const urls = new Map(); // by set and row
const sound = new Audio(); // in no document: its events are not the player's
let wanted = "";
let ask = () => {};
let say = () => {};

const name = ({ set, row }) => (row < 0 ? "" : `${row} ${set}`);

function play(url) {
  for (const audio of document.querySelectorAll(".st-key-player audio")) audio.pause();
  sound.src = url;
  sound.play().then(
    () => say(""),
    (error) => error.name === "NotAllowedError" && say("Click on the page once: browsers play nothing before."),
  );
}

document.addEventListener("ser-hear", ({ detail }) => {
  const next = name(detail);
  if (next && next === wanted && !sound.paused) return;
  wanted = next;
  sound.pause();
  if (urls.has(next)) play(urls.get(next));
  else if (next) ask(detail);
});
document.addEventListener("play", () => sound.pause(), true); // the player begins

export default function ({ data, parentElement, setTriggerValue }) {
  const said = parentElement.querySelector("[role=status]");
  ask = (detail) => setTriggerValue("asked", detail);
  say = (text) => (said.textContent = text);
  const now = name(data);
  if (data.wav && !urls.has(now)) {
    const bytes = Uint8Array.from(atob(data.wav), (letter) => letter.charCodeAt(0));
    urls.set(now, URL.createObjectURL(new Blob([bytes], { type: "audio/wav" })));
    const [oldest] = urls.keys();
    if (urls.size > MOST) {
      URL.revokeObjectURL(urls.get(oldest));
      urls.delete(oldest);
    }
    if (now === wanted) play(urls.get(now));
  } else if (data.problem && now === wanted) say(data.problem);
  return () => {
    wanted = "";
    sound.pause();
  };
}
