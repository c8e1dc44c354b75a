import type { Deleted } from "../../domain/inbound.ts";
import { isRememberedAppMessage } from "../memory/app-messages.ts";
import type { ChangesInProgress } from "../memory/remove-derived.ts";
import { removeMessage } from "../memory/remove-message.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A message was deleted. What was derived from it is removed too. */
export const deleted: InboundKind<Deleted> = {
  fields: { message: "text", replyTo: "replyAddress?" },
  origin: "outside",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
  isDeletion: true,
  interrupts: ({ message }) => ({ kind: "question-changed", message }),
  outdatesRequest: () => true,
  changeMemory: applyDeletion,
  mayRemove: ({ message }, id) => message === id,
};

function applyDeletion(changing: ChangesInProgress, change: Deleted): ChangesInProgress {
  const next = removeMessage(changing, change.message, [], true);
  // A post deleted by an app is removed with what was derived from it, but no question is asked again.
  if (isRememberedAppMessage(changing.memory, change.message)) return next;
  const deletions = [...next.pending.deletions, change];
  return { ...next, pending: { ...next.pending, deletions } };
}
