import { signal } from "@preact/signals";

const maxSeconds = 5 * 60;
/** What browsers record, and what a file of it is called. Chrome and Firefox know the first, Safari the last. */
const formats = [
  { type: "audio/webm;codecs=opus", name: "recording.webm" },
  { type: "audio/mp4", name: "recording.mp4" },
];
const format = formats.find(({ type }) => globalThis.MediaRecorder?.isTypeSupported(type));
/** { recorder, goal } while it records, and while the person is asked. `goal`: what to do with the recording. */
let running;

/** How long it has recorded. Undefined: it doesn't record. */
export const recordedSeconds = signal();

/** Whether this browser can record. */
export const canRecord = format !== undefined && navigator.mediaDevices?.getUserMedia !== undefined;

/** Resolves to { file, isToSend }; to { fault }, a line for the person; or to {}, if the recording was dropped. */
export async function recordMessage() {
  if (running !== undefined) return {};
  running = { goal: "keep" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    running.recorder = new MediaRecorder(stream, { mimeType: format.type, audioBitsPerSecond: 32_000 });
    return await record(running);
  } catch (error) {
    if (error.name === "NotAllowedError") return { fault: "Allow the microphone in your browser to record." };
    return { fault: "I can't find a microphone to record with." };
  } finally {
    running = undefined;
  }
}

/** `goal`: "send", "keep" or "drop" what is recorded. */
export function stopRecording(goal) {
  const { recorder } = running ?? {};
  if (recorder === undefined || recorder.state === "inactive") return;
  running.goal = goal;
  recorder.stop();
}

async function record(current) {
  const { recorder } = current;
  const [chunks, startedAt] = [[], Date.now()];
  const timer = setInterval(() => {
    recordedSeconds.value = Math.floor((Date.now() - startedAt) / 1_000);
    if (recordedSeconds.value >= maxSeconds) stopRecording("keep");
  }, 250);
  recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
  recorder.start(1_000);
  recordedSeconds.value = 0;
  await new Promise((resolve) => recorder.addEventListener("stop", resolve));
  clearInterval(timer);
  for (const track of recorder.stream.getTracks()) track.stop();
  recordedSeconds.value = undefined;
  const file = new File(chunks, format.name, { type: format.type.split(";", 1)[0] });
  if (current.goal === "drop") return {};
  if (file.size === 0) return { fault: "Nothing was recorded. Is your microphone on?" };
  return { file, isToSend: current.goal === "send" };
}

addEventListener("pagehide", () => stopRecording("drop"));
