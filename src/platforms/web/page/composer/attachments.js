import { signal } from "@preact/signals";

import { signalFields } from "../common/signal-fields.js";
import { state } from "../state/state.js";
import { upload } from "./upload.js";

const maxFiles = 5;
const maxBytes = 20 * 1_024 ** 2;
const atOnce = 2;
const keyOf = (conversation) => `threadkeeper.files.${conversation}`;
const fileSentBefore = { id: undefined, share: 0, fault: undefined, isFinal: false, status: "sent" };
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
  restoreFiles(conversation, JSON.parse(localStorage.getItem(keyOf(conversation)) ?? "[]"));
}

/** Begins to upload files. Returns how many are too many for one message, and were left out. */
export function addFiles(given) {
  const files = attachedFiles();
  const room = Math.max(0, maxFiles - files.length);
  const added = given.slice(0, room).map((file) => {
    const { name, type: mediaType, size: bytes } = file;
    const isFinal = bytes > maxBytes;
    const fault = isFinal ? "Too large: 20 MB at most." : undefined;
    const status = isFinal ? "failed" : "waiting";
    return fileOf({ conversation: state.current, file, name, mediaType, bytes, status, fault, isFinal });
  });
  setFiles(state.current, [...files, ...added]);
  uploadNext();
  return given.length - added.length;
}

/** Puts files that were not sent back in their place: { id, name, mediaType, bytes }. */
export function restoreFiles(conversation, sent) {
  const known = attachedFiles(conversation);
  const back = sent.filter(({ id }) => !known.some((each) => each.id === id));
  setFiles(conversation, [...back.map((each) => fileOf({ ...each, conversation })), ...known]);
}

export function removeFile(removed) {
  removed.cancel?.();
  keepFiles((each) => each !== removed);
  uploadNext();
}

export function retryFile(failed) {
  Object.assign(failed, { status: "waiting", fault: undefined });
  uploadNext();
}

/** Takes all that are uploaded, for a message. */
export function takeFiles() {
  const taken = attachedFiles().filter(isSent);
  keepFiles((each) => !taken.includes(each));
  return taken.map(plain);
}

function keepFiles(isKept) {
  setFiles(state.current, attachedFiles().filter(isKept));
}

function fileOf(fields) {
  return signalFields({ ...fileSentBefore, ...fields });
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
    if (sent.length === 0) localStorage.removeItem(keyOf(conversation));
    else localStorage.setItem(keyOf(conversation), JSON.stringify(sent));
  } catch {
    // The storage is full: only a reload would lose them.
  }
}

function uploadNext() {
  const all = [...waiting.value.values()].flat();
  const running = all.filter(({ status }) => status === "sending").length;
  const next = all.filter(({ status }) => status === "waiting");
  for (const each of next.slice(0, Math.max(0, atOnce - running))) void uploadFile(each);
}

async function uploadFile(each) {
  const controller = new AbortController();
  Object.assign(each, { status: "sending", share: 0, cancel: () => controller.abort() });
  try {
    Object.assign(each, await upload(each, controller.signal), { status: "sent" });
  } catch ({ message, isFinal = false }) {
    Object.assign(each, { status: "failed", fault: message, isFinal });
  }
  store(each.conversation);
  uploadNext();
}
