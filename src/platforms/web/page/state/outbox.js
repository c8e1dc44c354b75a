import { signal } from "@preact/signals";

import { send } from "./link.js";

const prefix = "threadkeeper.outbox.";
/** A hold that lasts longer was left by a page that ended abruptly. */
const maxHoldMs = 60_000;

const kept = readStored();
/**
 * Frames that the server has not stored yet, in the order of writing. They survive a reload, and are resent under the same
 * id. One frame is under way at a time, which keeps their order and avoids floods. A held frame can be cancelled until it
 * is released; closing its page releases it.
 */
export const frames = signal(kept.filter((each) => !isHeldElsewhere(each)).map(({ frame }) => frame));
/** The ids of held frames. */
const held = new Set();
/** The id of the frame without a response yet. */
let underWay;
let wait;

for (const each of kept.filter(isHeldElsewhere)) {
  setTimeout(() => adoptHeld(each.frame.id), each.heldUntilMs - Date.now());
}
addEventListener("pagehide", () => release(() => true));
// On phones this may be a page's last event.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) release(() => true);
});

/** Adds a frame. Releases held frames of its conversation first, to keep their order. */
export function add(frame, { mustHold = false } = {}) {
  release(({ conversation }) => conversation === frame.conversation);
  frames.value = [...frames.value, frame];
  if (mustHold) held.add(frame.id);
  storeFrame(frame, mustHold ? Date.now() + maxHoldMs : undefined);
  next();
}

export function isHeld(id) {
  return held.has(id);
}

/** Drops a held frame; it is never sent. */
export function cancel(id) {
  if (held.has(id)) drop((frame) => frame.id === id);
}

/** Call after reconnecting: the frame under way may be lost. */
export function begin() {
  clearTimeout(wait);
  underWay = undefined;
  next();
}

/** The server has responded. Returns the frame. */
export function settle(id) {
  const settled = frames.value.find((frame) => frame.id === id);
  drop((frame) => frame.id === id);
  return settled;
}

/** The server could not store it now: resends it later, still before the frames after it. */
export function retry(id, waitMs) {
  if (id !== underWay) return;
  clearTimeout(wait);
  wait = setTimeout(begin, waitMs);
}

/** Sends held frames now. */
export function release(isMeant) {
  for (const frame of frames.value) if (isMeant(frame) && held.delete(frame.id)) storeFrame(frame);
  next();
}

/** Takes over a frame that another page held and neither sent nor cancelled. */
function adoptHeld(id) {
  const left = readStored().find(({ frame }) => frame.id === id);
  if (left === undefined || frames.value.some((frame) => frame.id === id)) return;
  frames.value = [...frames.value, left.frame];
  next();
}

/** Removes frames that are settled, or that will not be sent. */
export function drop(isDone) {
  for (const { id } of frames.value.filter(isDone)) {
    localStorage.removeItem(prefix + id);
    held.delete(id);
    if (id === underWay) underWay = undefined;
  }
  frames.value = frames.value.filter((frame) => !isDone(frame));
  next();
}

function next() {
  if (underWay !== undefined) return;
  const first = frames.value.find(({ id }) => !held.has(id));
  if (first === undefined) return;
  // Without what the page shows of its files until the server does.
  const { shown: _, ...frame } = first;
  if (send(frame)) underWay = first.id;
}

/** One key per frame: tabs share the storage and must not overwrite each other. */
function storeFrame(frame, heldUntilMs) {
  try {
    localStorage.setItem(`${prefix}${frame.id}`, JSON.stringify({ atMs: Date.now(), heldUntilMs, frame }));
  } catch {
    // The storage is full: only a reload would lose the frame.
  }
}

/** True for a frame that another page holds and may cancel. */
function isHeldElsewhere({ heldUntilMs }) {
  return heldUntilMs !== undefined && heldUntilMs > Date.now();
}

function readStored() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => JSON.parse(localStorage.getItem(key)))
    .toSorted((a, b) => a.atMs - b.atMs);
}
