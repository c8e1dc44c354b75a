import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { MessageId, TurnId } from "../domain/message.ts";
import type { ShownReply } from "../domain/reply-actions.ts";
import type { PostFile } from "../domain/post.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { ShownTitle } from "../domain/shown-title.ts";
import type { PlatformAccess } from "./platform-access.ts";
import type { PlatformHistory } from "./platform-history.ts";
import type { PlatformPosts } from "./platform-posts.ts";
import type { PlatformPrivateReplies } from "./platform-private-replies.ts";

/** Why the bot does not work on a conversation. */
export interface Rest {
  /** A person has to approve something. */
  readonly isAsking: boolean;
  /** Another process may have shown that it works, and never ended that. */
  readonly mayBeLeft: boolean;
}

/** What the core needs from a chat service. Each method has a deadline; none repeats a create by itself. */
export interface Platform extends PlatformPosts, PlatformPrivateReplies, PlatformHistory, PlatformAccess {
  /** The first part of its conversation keys: "slack". */
  readonly name: string;
  /**
   * The platform shows conversations from the bot's own memory, each to one person (the web chat). Erased messages
   * disappear there too. Missing: a chat service shows them.
   */
  readonly isOurPage?: true;
  /** Its messages can quote the message that they reply to. Missing: they can't. */
  readonly quotes?: true;
  /** In channels and threads it shows the bot only what mentions it or replies to it. False, or missing: it shows everything. */
  readonly readsMentionsOnly?: boolean;
  /**
   * The installation that a place belongs to, told from the place alone: in Slack its workspace, also where the app is
   * installed for a whole organisation. Undefined: not a place. Missing: the platform has only one installation.
   */
  readonly installationOf?: (place: string) => string | undefined;
  /** The bot's display name in a place; no speaker there gets the same name. Undefined, or missing: not known yet. */
  readonly botNameIn?: (place: string) => string | undefined;
  /**
   * The title that people gave the thread of a conversation, if it is known at once. Not for threads that the bot opened: their
   * titles are words of the question, which may be deleted. Missing: the platform has no such titles.
   */
  readonly titleIn?: (conversation: ConversationKey) => ShownTitle | undefined;
  /** Memory changed without a reply. For platforms that show memory. */
  readonly memoryChanged?: (memory: ConversationMemory) => void;
  /** The title may have changed. Missing: the platform shows no titles, but for `showsTitles`. */
  readonly titleChanged?: (memory: ConversationMemory) => void;
  /** Whether a chat service shows people the title of this conversation, so that the model is asked for one. Missing: no. */
  readonly showsTitles?: (conversation: ConversationKey) => boolean;
  /**
   * Shows the title that the directory has now. `isErased`: everything about the conversation is about to be erased; the title
   * goes before that is stored, so that a crash repeats it. May take minutes to try again. Missing: it shows none, or follows
   * `titleChanged`.
   */
  readonly showTitle?: (conversation: ConversationKey, isErased: boolean) => Promise<void>;
  /**
   * Everything that was stored of a person (an Author's id) has been erased. For platforms that show people what is stored of
   * them. Returns at once, and never throws.
   */
  readonly personErased?: (person: string) => void;
  /** Shows a typing indicator or status line. `turn`: the one that a Stop can name; missing: none. A failure is ignored. */
  readonly showWorking?: (to: ReplyAddress, signal: AbortSignal, turn?: TurnId) => Promise<void>;
  /**
   * Shows that the bot no longer works on a conversation. Called before each end of a turn is stored, also where nothing was
   * shown, and before a turn is left until later. A failure is ignored. Missing: what `showWorking` shows ends by itself.
   */
  readonly showRest?: (to: ReplyAddress, rest: Rest, signal: AbortSignal) => Promise<void> | undefined;
  /**
   * The turn is finished and stored. `text`: the complete reply; empty if none was public. `shown`: the reply as its buttons
   * need it; missing: it has none. For clients that wait for the end.
   */
  readonly turnFinished?: (
    to: ReplyAddress,
    reply: {
      readonly turn: TurnId;
      readonly text: string;
      readonly covers: readonly MessageId[];
      readonly shown?: ShownReply;
      /** Its images. Missing: it has none. */
      readonly images?: readonly PostFile[];
    },
  ) => void;
}
