import type { Retracted } from "../../domain/own-inbounds.ts";
import type { PostId } from "../../domain/message.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { removeErasedMessage } from "../memory/apply-erasures.ts";
import { isPlaceholder } from "../memory/reanswer.ts";
import { removeDerived, type ChangesInProgress } from "../memory/remove-derived.ts";
import { removeMessage } from "../memory/remove-message.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A reply was made from a removed message, and is removed with it. */
export const retracted: InboundKind<Retracted> = {
  fields: { message: "text", revision: "count?", posts: "texts", staysShown: "flag?" },
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
  const { message, revision = Infinity } = change;
  const known = changing.memory.messages.find(({ id }) => id === message);
  if (known?.role === "person") return removeErasedMessage(await removeDerived(changing), change);
  const posts = postsOf(known, change);
  if (known === undefined || known.revision <= revision)
    return removeMessage(changing, message, posts, false);
  // It was given again since, or is about to be: until then its posts show the old version. The sync of the new one compares
  // that with its sources.
  return isPlaceholder(known)
    ? { ...changing, postsToRetract: [...changing.postsToRetract, ...posts] }
    : changing;
}

/** Posts to remove from the platform. Memory's list is newer than the inbound's, if it still holds the reply. */
function postsOf(known: RememberedMessage | undefined, { posts, staysShown }: Retracted): readonly PostId[] {
  return staysShown === true ? [] : (known?.posts ?? posts);
}
