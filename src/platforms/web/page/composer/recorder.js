const maxMs = 5 * 60_000;
/** What browsers record, and what a file of it is called. Chrome and Firefox know the first, Safari the last. */
const formats = [
  { type: "audio/webm;codecs=opus", name: "recording.webm" },
  { type: "audio/mp4", name: "recording.mp4" },
];
const [start, row, time, cancel, send] = [
  "record",
  "recording",
  "recorded",
  "cancel-recording",
  "send-recording",
].map((id) => document.querySelector(`#${id}`));

/** Records what the person says, for a message. */
export class Recorder {
  /** { recorder, chunks, timer, startedAt, goal } while it records. `goal`: what to do with the recording. */
  #running;
  #handlers;
  #isHeard = false;

  /** `handlers`: onFile(file, isToSend), onFault(line), onEnd(). */
  constructor(handlers) {
    this.#handlers = handlers;
    start.addEventListener("click", () => void this.#start());
    cancel.addEventListener("click", () => this.cancel());
    send.addEventListener("click", () => this.#stop("send"));
    row.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.cancel();
    });
    addEventListener("pagehide", () => this.cancel());
  }

  /** Whether the server listens to recordings. */
  set isHeard(isHeard) {
    this.#isHeard = isHeard;
  }

  /** Shows the button where there is nothing else to send. */
  offer(isWanted) {
    start.hidden = !isWanted || !this.#isHeard || formatHere() === undefined || this.#running !== undefined;
  }

  cancel() {
    this.#stop("drop");
  }

  async #start() {
    if (this.#running !== undefined) return;
    const format = formatHere();
    const running = { goal: "keep", chunks: [], startedAt: Date.now() };
    this.#running = running;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      running.recorder = new MediaRecorder(stream, { mimeType: format.type, audioBitsPerSecond: 32_000 });
    } catch (error) {
      this.#running = undefined;
      const isDenied = error.name === "NotAllowedError";
      this.#handlers.onFault(
        isDenied
          ? "Allow the microphone in your browser to record."
          : "I can't find a microphone to record with.",
      );
      return;
    }
    const { recorder, chunks } = running;
    recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
    recorder.addEventListener("stop", () => this.#finish(running, format));
    running.startedAt = Date.now();
    running.timer = setInterval(() => this.#tick(running), 250);
    recorder.start(1_000);
    row.hidden = false;
    start.hidden = true;
    this.#tick(running);
    send.focus();
  }

  #tick({ startedAt }) {
    const seconds = Math.floor((Date.now() - startedAt) / 1_000);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds * 1_000 >= maxMs) this.#stop("keep");
  }

  #stop(goal) {
    const { recorder } = this.#running ?? {};
    if (recorder === undefined || recorder.state === "inactive") return;
    this.#running.goal = goal;
    recorder.stop();
  }

  #finish({ recorder, chunks, timer, goal }, { type, name }) {
    clearInterval(timer);
    for (const track of recorder.stream.getTracks()) track.stop();
    this.#running = undefined;
    row.hidden = true;
    const [mediaType] = type.split(";", 1);
    const file = new File(chunks, name, { type: mediaType });
    this.#handlers.onEnd();
    if (goal === "drop") return;
    if (file.size === 0) this.#handlers.onFault("Nothing was recorded. Is your microphone on?");
    else this.#handlers.onFile(file, goal === "send");
  }
}

function formatHere() {
  if (navigator.mediaDevices?.getUserMedia === undefined || globalThis.MediaRecorder === undefined)
    return undefined;
  return formats.find(({ type }) => MediaRecorder.isTypeSupported(type));
}
