// The page's one sound: what every time axis plays, and listens to. (These files are one module,
// put together by time_axis.py; the browser loads it once, so that all axes share this object.)
//
// st.audio's element may be replaced at any run of the script: it is looked up at each use. Media
// events do not bubble: they are caught on their way down.
const player = {
  views: new Set(), // functions, called whenever what they show may have changed
  rate: 1,
  stop: null, // where the span that plays ends, in s
  wanted: null, // a span that the script asked for, while its sound may still be on its way
  asked: new Set(), // ids of what the script asked for

  get audio() {
    const all = [...document.querySelectorAll(".st-key-player audio")];
    return all.find((audio) => !audio.closest("[data-retained]")) ?? all[0]; // retained: going
  },
  get playing() {
    return Boolean(this.audio && !this.audio.paused);
  },
  get time() {
    return this.audio?.currentTime ?? 0;
  },

  /** From where it stands, or from the start if that is the end. */
  play() {
    const { audio } = this;
    if (!audio) return;
    this.wanted = this.stop = null;
    if (audio.ended) audio.currentTime = 0;
    this.start(audio);
  },
  playSpan(from, to) {
    this.wanted = null;
    this.playFrom(from, to);
  },
  pause() {
    this.wanted = null;
    this.audio?.pause();
  },
  seek(time) {
    this.wanted = this.stop = null;
    if (this.audio) this.audio.currentTime = Math.max(0, time);
    this.show();
  },
  setRate(rate) {
    this.rate = rate;
    this.keepRate();
    this.show();
  },

  /** Once for each id. A new clip's sound may come later than the wish: wait, but not long. */
  request({ id, start, end }, duration) {
    if (this.asked.has(id)) return;
    this.asked.add(id);
    this.wish(start, end, duration);
    this.grant();
  },
  wish(from, to, duration) {
    this.wanted = { from, to, duration, until: performance.now() + 5000 };
  },
  grant() {
    const { wanted, audio } = this;
    if (!wanted || !audio?.readyState || performance.now() > wanted.until) return;
    if (Math.abs(audio.duration - wanted.duration) >= 0.05) return;
    this.playFrom(wanted.from, wanted.to);
  },

  playFrom(from, to) {
    const { audio } = this;
    if (!audio) return;
    // A phone loads nothing before the first play, and then begins at the start: ask again.
    if (!audio.readyState) this.wish(from, to, NaN);
    audio.currentTime = from;
    this.stop = to;
    this.start(audio);
  },
  start(audio) {
    this.keepRate();
    audio.play().catch(() => this.show()); // a browser may refuse sound before the first click
  },
  keepRate() {
    const { audio } = this;
    if (audio) audio.defaultPlaybackRate = audio.playbackRate = this.rate; // a new sound resets it
  },

  show() {
    for (const view of this.views) view();
  },
  tick() {
    if (this.stop !== null && this.time >= this.stop) {
      this.stop = null;
      this.audio.pause();
    }
    this.show();
    cancelAnimationFrame(this.frame);
    if (this.playing) this.frame = requestAnimationFrame(() => this.tick());
  },
  listen({ target, type }) {
    if (target !== this.audio) return;
    if (type === "emptied" || type === "loadedmetadata") this.stop = null; // another clip
    if (type === "loadedmetadata") {
      this.keepRate();
      setTimeout(() => this.grant()); // after Streamlit's own listener, which goes to the start
    }
    this.tick();
  },
};
for (const type of ["play", "pause", "seeked", "timeupdate", "emptied", "loadedmetadata"])
  document.addEventListener(type, (event) => player.listen(event), true);
