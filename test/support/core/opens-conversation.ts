import { reactionTo } from "../../../src/conversation/addressing/addressing.ts";
import type { ReplyMode } from "../../../src/domain/turn-settings.ts";
import type { OpensConversation } from "../../../src/ports/accept.ts";

/** What the core tells platforms where this reply mode holds everywhere. */
export function opensIn(replyMode: ReplyMode): OpensConversation {
  return (said) => reactionTo(said, replyMode, { isKnown: false, people: 1 }) === "answer";
}
