/**
 * The answers that the person stopped. A stop may be lost with the connection; after reconnecting it is resent if
 * that answer is still being written.
 */
import { send } from "./link.js";

/** conversation → { frame, questions, isDue }. `questions`: the ids of messages without an answer then. */
const wanted = new Map();

export function press(id, conversation) {
  // A late stop that names its turn ends no other answer.
  const frame = { type: "stop", conversation: id, on: (conversation.running ?? conversation.work)?.by };
  send(frame);
  const questions = conversation.messages.filter((each) => conversation.isPending(each));
  wanted.set(id, { frame, questions: questions.map((each) => each.id), isDue: false });
}

/** Call after reconnecting. Returns the conversations to check. */
export function begin() {
  for (const each of wanted.values()) each.isDue = true;
  return [...wanted.keys()];
}

/** While true, messages wait: a late stop would stop their answer too. */
export function areDue() {
  return [...wanted.values()].some(({ isDue }) => isDue);
}

/** The conversation now has the server's state. */
export function settle(id, conversation) {
  const { isDue, questions, frame } = wanted.get(id) ?? {};
  if (isDue !== true) return;
  const isOn = (each) => questions.includes(each.id) && conversation.isPending(each);
  if (conversation.messages.some(isOn)) send(frame);
  wanted.delete(id);
}

/** An answer has ended, or its state is unknown. */
export function forget(id) {
  if (id === undefined) wanted.clear();
  else wanted.delete(id);
}
