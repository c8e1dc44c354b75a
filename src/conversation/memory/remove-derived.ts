import type { Reasked } from "../../domain/inbound.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory } from "../../domain/conversation-memory.ts";
import { restingOn } from "./derived-text.ts";
import { staleSummary } from "./invalidate-summary.ts";
import { stillAsked, type Unfollowed } from "./still-asked.ts";

/** A memory in which something has gone or changed, and what that means elsewhere. */
export interface Changed {
  readonly memory: ConversationMemory;
  /** Messages of people and our replies that are gone. */
  readonly gone: readonly MessageId[];
  /** Our posts that people still see, and that rest on what is gone. */
  readonly postsToRetract: readonly PostId[];
  /** Questions that are to be answered again. */
  readonly again: readonly Reasked[];
  /** Those whose posts show what is no more until then. */
  readonly hide: readonly Reasked[];
}

/** A memory on the way: replies that rest on these messages are yet to be looked for. */
export interface Changing extends Changed {
  readonly unfollowed: Unfollowed;
}

export const nothing: Unfollowed = { deleted: [], reworded: [], deletions: [] };

/** Our replies to what is gone, or that repeat it, go with it: a reply quotes what it answers. */
export async function withoutDerived(changed: Changing): Promise<Changing> {
  const { memory, unfollowed } = changed;
  if (unfollowed.deleted.length + unfollowed.reworded.length === 0) return changed;
  const resting = await restingOn(unfollowed, memory.messages);
  const asked = stillAsked(memory, unfollowed.deletions, resting);
  if (resting.length + asked.length === 0) return { ...changed, unfollowed: nothing };
  const derived = resting.filter((each) => !asked.some(({ answer }) => answer === each));
  const hide = asked.flatMap(({ answer, again }) => (resting.includes(answer) ? [again] : []));
  const ids = new Set(derived.map(({ id }) => id));
  const { revision } = memory;
  const removed: ConversationMemory = {
    ...memory,
    messages: memory.messages.flatMap((message) => {
      if (ids.has(message.id)) return [];
      return [asked.find(({ answer }) => answer === message)?.awaited ?? message];
    }),
    erasures: [
      ...memory.erasures,
      ...derived.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
    ],
  };
  const changedAnswers = [...derived, ...asked.map(({ answer }) => answer)];
  const surplus = asked.flatMap(({ answer: { posts = [] } }) => posts.slice(1));
  return {
    memory: staleSummary(removed, Math.min(...changedAnswers.map(({ ordinal }) => ordinal))),
    gone: [...changed.gone, ...ids],
    postsToRetract: [...changed.postsToRetract, ...derived.flatMap(({ posts = [] }) => posts), ...surplus],
    again: [...changed.again, ...asked.map(({ again }) => again)],
    hide: [...changed.hide, ...hide],
    unfollowed: nothing,
  };
}
