/** Loads older messages of the shown conversation: while the person scrolls up, or until a message is found. */
import { send } from "./link.js";
import { conversation, state } from "./state.js";

/** The message to scroll to. */
let goal;
/** A request is pending. */
let isAsked = false;

export function hasGoal() {
  return goal !== undefined;
}

/** Call for another conversation, with the message to find if any, or after reconnecting. */
export function begin(message) {
  goal = message;
  isAsked = false;
}

/** The request is answered, or will not be. */
export function settle() {
  isAsked = false;
}

export function loadMore() {
  const { more } = conversation();
  if (more !== undefined) ask(more);
}

/** Continues after messages arrived. Returns true if the message to find does not exist. */
export function goOn() {
  const { messages, outdated, isCut, more } = conversation();
  if (messages.some(({ id }) => id === goal)) {
    state.marked = { id: goal };
    goal = undefined;
  }
  if (outdated !== undefined && !isCut) ask(outdated);
  if (goal === undefined) return false;
  const isOver = more === undefined || isCut;
  if (!isOver) ask(more);
  else if (!isAsked) goal = undefined;
  return isOver && goal === undefined;
}

function ask(before) {
  if (!isAsked) isAsked = send({ type: "older", conversation: state.current, before });
}
