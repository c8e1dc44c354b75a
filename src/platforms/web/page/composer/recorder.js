import { signal } from "@preact/signals";

const maxSeconds = 5 * 60;
/** What browsers record, and what a file of it is called. Chrome and Firefox know the first, Safari the last. */
const formats = [
  { type: "audio/webm;codecs=opus", name: "recording.webm" },
  { type: "audio/mp4", name: "recording.mp4" },
];
/** { recorder, goal } while it records, and while the person is asked. `goal`: what to do with the recording. */
let running;

/** How long it has recorded. Undefined: it doesn't record. */
export const recordedSeconds = signal();

/** Whether this browser can record. */
export function canRecord() {
  return formatHere() !== undefined;
}

/** Records what the person says. `handlers`: onFile(file, isToSend), onFault(line), onEnd(). */
export async function startRecording(handlers) {
  if (running !== undefined) return;
  const format = formatHere();
  const current = { goal: "keep" };
  running = current;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    current.recorder = new MediaRecorder(stream, { mimeType: format.type, audioBitsPerSecond: 32_000 });
  } catch (error) {
    running = undefined;
    const isDenied = error.name === "NotAllowedError";
    handlers.onFault(
      isDenied
        ? "Allow the microphone in your browser to record."
        : "I can't find a microphone to record with.",
    );
    return;
  }
  record(current, format, handlers);
}

/** `goal`: "send", "keep" or "drop" what is recorded. */
export function stopRecording(goal) {
  const { recorder } = running ?? {};
  if (recorder === undefined || recorder.state === "inactive") return;
  running.goal = goal;
  recorder.stop();
}

function record(current, { type, name }, { onFile, onFault, onEnd }) {
  const { recorder } = current;
  const [chunks, startedAt] = [[], Date.now()];
  const timer = setInterval(() => {
    recordedSeconds.value = Math.floor((Date.now() - startedAt) / 1_000);
    if (recordedSeconds.value >= maxSeconds) stopRecording("keep");
  }, 250);
  recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
  recorder.addEventListener("stop", () => {
    clearInterval(timer);
    for (const track of recorder.stream.getTracks()) track.stop();
    running = undefined;
    recordedSeconds.value = undefined;
    const file = new File(chunks, name, { type: type.split(";", 1)[0] });
    onEnd();
    if (current.goal === "drop") return;
    if (file.size === 0) onFault("Nothing was recorded. Is your microphone on?");
    else onFile(file, current.goal === "send");
  });
  recorder.start(1_000);
  recordedSeconds.value = 0;
}

function formatHere() {
  if (navigator.mediaDevices?.getUserMedia === undefined || globalThis.MediaRecorder === undefined)
    return undefined;
  return formats.find(({ type }) => MediaRecorder.isTypeSupported(type));
}

addEventListener("pagehide", () => stopRecording("drop"));
