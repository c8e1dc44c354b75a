/** What the buttons of finished replies do. */
import { askForText } from "../dialog/ask.js";
import { announce } from "../log/announcer.js";
import * as outbox from "./outbox.js";
import { conversation, newId, state } from "./state.js";

const spoken = { regenerate: "Answering again", continue: "Going on with the answer" };
const isVerdict = ({ type, action }) => type === "press" && action?.startsWith("thumbs-");

// The frames of an earlier page that are not stored yet.
for (const frame of outbox.frames.value.filter(isVerdict)) showVerdict(frame.on, frame.action);

export function showVerdict(on, action) {
  if (state.verdicts.get(on) !== action) state.verdicts = new Map(state.verdicts).set(on, action);
}

/** Those of a history. What is not stored yet counts more. */
export function showVerdicts(messages) {
  const unsent = new Set(outbox.frames.value.map(({ on }) => on));
  for (const { on, verdict } of messages)
    if (verdict !== undefined && !unsent.has(on)) showVerdict(on, `thumbs-${verdict}`);
}

export async function pressReply({ id: action, on }) {
  const frame = { type: "press", conversation: state.current, action, on };
  if (action in spoken) {
    if (!conversation().askAgain(on)) return;
    announce(spoken[action]);
    add(frame);
    return;
  }
  if (state.verdicts.get(on) !== action) add(frame);
  await askMore(frame);
}

/** The server has stored a press, or has refused it for good. */
export function settlePress({ type, conversation: id, action, on }, { isStored }) {
  if (type === "press" && action in spoken) conversation(id).askAgain(on, isStored);
}

/** The press counts already; a text makes a second one. */
async function askMore(frame) {
  const form = state.forms[frame.action];
  if (form === undefined) return;
  const { title, label, submit, maxChars } = form;
  const choices = [{ value: "send", label: submit }];
  const given = await askForText(title, { text: "", isLong: true, choices, label, maxChars });
  if (given !== undefined && given.text !== "") add({ ...frame, value: given.text });
}

function add(frame) {
  if (isVerdict(frame)) showVerdict(frame.on, frame.action);
  outbox.add({ id: newId(), ...frame });
}
