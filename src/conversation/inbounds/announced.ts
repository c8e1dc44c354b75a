import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Announced } from "../../domain/own-inbounds.ts";
import { appendReply } from "../memory/append.ts";
import type { CountTokens } from "../memory/remembered-message.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A background command posted a public answer. */
export const announced: InboundKind<Announced> = {
  fields: {
    message: "text",
    text: "text",
    posts: "texts",
    sources: "sources",
    atMs: "number",
    turnId: "text?",
  },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
  changeMemory: (changing, change, countTokens) => ({
    ...changing,
    memory: appendAnnouncement(changing.memory, change, countTokens),
  }),
  mayRemove: () => false,
};

/** Appends what a background command showed, as a notice that the model does not see. */
function appendAnnouncement(
  memory: ConversationMemory,
  { message: id, text, posts, sources, atMs: saidAtMs, turnId }: Announced,
  countTokens: CountTokens,
): ConversationMemory {
  const notice = { id, role: "notice", text, answers: [], saidAtMs, posts, sources } as const;
  return appendReply(memory, turnId === undefined ? notice : { ...notice, turnId }, countTokens);
}
