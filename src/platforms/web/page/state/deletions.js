/**
 * Deletions that can be undone for some seconds: the item is hidden, and its frame is held in the outbox. Another
 * message in the conversation, or leaving the page, sends it at once.
 */
import { computed } from "@preact/signals";

import { askToConfirm } from "../dialog/ask.js";
import { offerUndo } from "../dialog/toasts.js";
import * as outbox from "./outbox.js";
import { newId, state } from "./state.js";

/** How long a deletion can be undone; it is sent after that. */
const undoMs = 8_000;

export function hidesMessage({ id }) {
  return outbox.frames.value.some(({ type, message }) => type === "delete" && message === id);
}

/** The conversations in the list, newest first. */
export const conversations = computed(() => {
  const removals = outbox.frames.value.filter(({ type }) => type === "remove");
  const removed = new Set(removals.map(({ conversation }) => conversation));
  return [...state.listed.values()].filter(({ id }) => !removed.has(id)).toSorted((a, b) => b.atMs - a.atMs);
});

export async function removeMessage({ id }) {
  const conversation = state.current;
  const isMeant = await askToConfirm({
    question: "Delete this message?",
    text: "I'll forget it everywhere and delete my reply to it.",
    yes: "Delete",
    isFinal: true,
  });
  if (isMeant) hold({ type: "delete", conversation, message: id }, "Message deleted");
}

/** Returns whether the person confirmed. */
export async function removeConversation(conversation) {
  const isMeant = await askToConfirm({
    question: "Delete this conversation?",
    text: "I'll forget everything that was said in it.",
    yes: "Delete",
    isFinal: true,
  });
  if (isMeant) hold({ type: "remove", conversation }, "Conversation deleted");
  return isMeant;
}

function hold(what, text) {
  const frame = { id: newId(), ...what };
  outbox.add(frame, { mustHold: true });
  offerUndo(text, {
    forMs: undoMs,
    isOver: () => !outbox.isHeld(frame.id),
    onOver: () => {
      state.forgettingAtMs = Date.now();
      outbox.release(({ id }) => id === frame.id);
    },
    onUndo: () => {
      outbox.cancel(frame.id);
      if (frame.type === "remove") location.hash = frame.conversation;
    },
  });
}
