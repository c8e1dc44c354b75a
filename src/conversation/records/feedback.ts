import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { joinFeedback, type Feedback, type Verdict } from "../../domain/feedback.ts";
import type { ActionId, Pressed } from "../../domain/inbound.ts";

/** While the archive is away, older feedback is dropped. */
const maxPending = 50;

const verdicts: ReadonlyMap<string, Verdict> = new Map<ActionId, Verdict>([
  ["thumbs-up", "up"],
  ["thumbs-down", "down"],
]);

/** Whether a press gives feedback. */
export function isFeedback({ action }: Pressed): boolean {
  return verdicts.has(action);
}

/**
 * Adds the feedback of a press to what the archive has yet to store. Any other press changes nothing. Whether there is such a
 * turn is for the archive to say, which has the records of old ones. An erased conversation keeps none.
 */
export function addFeedback(memory: ConversationMemory, press: Pressed): ConversationMemory {
  const verdict = verdicts.get(press.action);
  if (verdict === undefined || isEmptied(memory)) return memory;
  const { on: turn, by, value = "", pressedAtMs: atMs } = press;
  const reason = verdict === "down" && value !== "" ? { reason: value } : {};
  const { revision, feedback = [] } = memory;
  const given: Feedback = { turn, author: by.id, verdict, ...reason, atMs, revision };
  const isSame = (each: Feedback): boolean => each.turn === turn && each.author === by.id;
  const before = feedback.find(isSame);
  const joined = before === undefined ? given : joinFeedback(before, given);
  if (joined === before) return memory;
  return { ...memory, feedback: [...feedback.filter((each) => !isSame(each)), joined].slice(-maxPending) };
}

function isEmptied({ nextOrdinal, messages, forgottenAtMs }: ConversationMemory): boolean {
  return nextOrdinal === 1 || (messages.length === 0 && forgottenAtMs !== undefined);
}
