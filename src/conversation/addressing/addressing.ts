import type { Said } from "../../domain/inbound.ts";
import { isOrdered } from "../../domain/ordered-message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { ReplyMode } from "../../domain/turn-settings.ts";

/** What the bot does about a message: answer it, remember it as context (`listen`), or store nothing of it (`ignore`). */
export type Reaction = "answer" | "listen" | "ignore";

/** What the platform states about a message. */
type Facts = Pick<Said, "addressing" | "mayCall"> & {
  readonly message: Partial<Pick<Said["message"], "id">> & {
    readonly author: Pick<Said["message"]["author"], "isApp">;
  };
};

/** Which messages the bot answers in a conversation. `muted`: those that stand for a command. */
export type ModeThere = ReplyMode | "muted";

/** The reply mode in a conversation, from that of its place. */
export function modeThere(replyMode: ReplyMode, { muted }: Pick<ConversationMemory, "muted">): ModeThere {
  return muted === undefined || replyMode === "off" ? replyMode : "muted";
}

/** What is known about the conversation of a message. */
interface Company {
  /** The bot takes part in the conversation: something of it is stored. */
  readonly isKnown: boolean;
  /** How many people have written there, the author included. Apps do not count. */
  readonly people: number;
}

/**
 * Decides whether the bot answers a message. Nothing else decides that: platforms state facts, and stores keep what they
 * are given. The rules, first match first:
 *
 * 1. Where the reply mode is `off`, the bot takes no part. Where it is muted, it answers only what stands for a command.
 * 2. It answers a person who calls it: by a mention, by a reply to one of its posts, or in a DM.
 * 3. It answers an app only where the operator allows that, and then only a mention or a DM. Otherwise two bots could
 *    answer each other for ever.
 * 4. A message that is addressed to no one: `always` answers it anywhere. `thread` answers it in a conversation of the bot
 *    with one person. `mention` does not answer it.
 * 5. It listens to everything else in its conversations, and ignores everything else elsewhere.
 */
export function reactionTo(said: Facts, replyMode: ModeThere, { isKnown, people }: Company): Reaction {
  if (replyMode === "off") return "ignore";
  if (replyMode === "muted")
    return isOrdered(said.message.id ?? "") ? "answer" : isKnown ? "listen" : "ignore";
  if (isCall(said)) return "answer";
  const isOpen = said.addressing === "open" && said.message.author.isApp !== true;
  const isFollowUp = replyMode === "thread" && isKnown && people === 1;
  if (isOpen && (replyMode === "always" || isFollowUp)) return "answer";
  return isKnown ? "listen" : "ignore";
}

/** Whether the author calls the bot, as in rules 2 and 3. */
export function isCall({ addressing, mayCall, message: { author } }: Facts): boolean {
  const isToBot = addressing === "mention" || addressing === "direct";
  if (author.isApp === true) return isToBot && mayCall === true;
  return isToBot || addressing === "reply";
}
