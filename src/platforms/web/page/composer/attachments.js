import { signal } from "@preact/signals";

import { signalFields } from "../common/signal-fields.js";
import { state } from "../state/state.js";
import { upload } from "./upload.js";

const maxFiles = 5;
const maxBytes = 20 * 1_024 ** 2;
const atOnce = 2;
const prefix = "threadkeeper.files.";
/** Conversation → its files. */
const waiting = signal(new Map());

/**
 * The files that wait for a message of the conversation. Each is { name, mediaType, bytes, status }, where `status` is
 * `waiting`, `sending`, `sent` or `failed`; with `id` once it is sent, `share` while it is, and `fault` if it failed;
 * `isFinal`: another try would fail too. The fields are signals: see state.js.
 */
export function attachedFiles(conversation = state.current) {
  return waiting.value.get(conversation) ?? [];
}

/** What was uploaded for a conversation before a reload is still there. */
export function loadFiles(conversation) {
  if (waiting.value.has(conversation)) return;
  const stored = JSON.parse(localStorage.getItem(prefix + conversation) ?? "[]");
  setFiles(conversation, stored.map(sentFile));
}

/** Begins to upload files. Returns how many are too many for one message, and were left out. */
export function addFiles(given) {
  const files = attachedFiles();
  const room = Math.max(0, maxFiles - files.length);
  const added = given.slice(0, room).map((file) => {
    const { name = "file", type: mediaType, size: bytes } = file;
    const isTooLarge = bytes > maxBytes;
    const fault = isTooLarge ? "Too large: 20 MB at most." : undefined;
    const status = isTooLarge ? "failed" : "waiting";
    return fileOf({ file, name, mediaType, bytes, status, fault, isFinal: isTooLarge });
  });
  setFiles(state.current, [...files, ...added]);
  uploadNext();
  return given.length - added.length;
}

/** Puts files that were not sent back in their place: { id, name, mediaType, bytes }. */
export function restoreFiles(conversation, sent) {
  const known = attachedFiles(conversation);
  const back = sent.filter(({ id }) => !known.some((each) => each.id === id));
  setFiles(conversation, [...back.map(sentFile), ...known]);
}

export function removeFile(removed) {
  removed.cancel?.();
  setFiles(
    state.current,
    attachedFiles().filter((each) => each !== removed),
  );
  uploadNext();
}

export function retryFile(failed) {
  Object.assign(failed, { status: "waiting", fault: undefined });
  uploadNext();
}

/** Takes all that are uploaded, for a message. */
export function takeFiles() {
  const taken = attachedFiles().filter(isSent);
  setFiles(
    state.current,
    attachedFiles().filter((each) => !taken.includes(each)),
  );
  return taken.map(plain);
}

function fileOf(fields) {
  const empty = { id: undefined, share: 0, fault: undefined, isFinal: false, cancel: undefined };
  return signalFields({ ...empty, ...fields });
}

function sentFile(stored) {
  return fileOf({ ...stored, status: "sent" });
}

function isSent({ status }) {
  return status === "sent";
}

function plain({ id, name, mediaType, bytes }) {
  return { id, name, mediaType, bytes };
}

function setFiles(conversation, files) {
  waiting.value = new Map(waiting.value).set(conversation, files);
  store(conversation);
}

/** Only what is uploaded outlasts a reload. */
function store(conversation) {
  const sent = attachedFiles(conversation).filter(isSent).map(plain);
  try {
    if (sent.length === 0) localStorage.removeItem(prefix + conversation);
    else localStorage.setItem(prefix + conversation, JSON.stringify(sent));
  } catch {
    // The storage is full: only a reload would lose them.
  }
}

function uploadNext() {
  const all = [...waiting.value].flatMap(([conversation, files]) =>
    files.map((each) => ({ each, conversation })),
  );
  const running = all.filter(({ each }) => each.status === "sending").length;
  const next = all.filter(({ each }) => each.status === "waiting").slice(0, Math.max(0, atOnce - running));
  for (const { each, conversation } of next) void uploadFile(each, conversation);
}

async function uploadFile(each, conversation) {
  const controller = new AbortController();
  Object.assign(each, { status: "sending", share: 0, cancel: () => controller.abort() });
  const onProgress = (share) => {
    each.share = share;
  };
  try {
    const sent = await upload(each.file, conversation, { onProgress, signal: controller.signal });
    Object.assign(each, sent, { status: "sent" });
  } catch ({ message, isFinal = false }) {
    Object.assign(each, { status: "failed", fault: message, isFinal });
  }
  store(conversation);
  uploadNext();
}
