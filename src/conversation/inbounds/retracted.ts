import type { Retracted } from "../../domain/own-inbounds.ts";
import type { PostId } from "../../domain/message.ts";
import { removeErasedMessage } from "../memory/apply-erasures.ts";
import { removeDerived, type ChangesInProgress } from "../memory/remove-derived.ts";
import { removeMessage } from "../memory/remove-message.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A reply was made from a removed message, and is removed with it. */
export const retracted: InboundKind<Retracted> = {
  fields: { message: "text", posts: "texts", staysShown: "flag?" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
  outdatesRequest: () => true,
  changeMemory: applyRetraction,
  mayRemove: ({ message }, id) => message === id,
};

async function applyRetraction(changing: ChangesInProgress, change: Retracted): Promise<ChangesInProgress> {
  if (isPersonMessage(changing, change)) return removeErasedMessage(await removeDerived(changing), change);
  return removeMessage(changing, change.message, postsOf(changing, change), false);
}

/** Posts to remove from the platform. Memory's list is newer than the inbound's, if it still holds the reply. */
function postsOf(
  { memory }: ChangesInProgress,
  { message, posts, staysShown }: Retracted,
): readonly PostId[] {
  if (staysShown === true) return [];
  return memory.messages.find(({ id }) => id === message)?.posts ?? posts;
}

function isPersonMessage({ memory }: ChangesInProgress, { message }: Retracted): boolean {
  return memory.messages.some(({ id, role }) => id === message && role === "person");
}
