// Glossary. One word per idea, in code, comments, logs and tests.
//
// What people do
//   Platform             A chat service: Slack, Discord or the web chat.
//   Installation         One Slack workspace or Discord server with its own token.
//   Place                Where conversations are listed: a channel, a DM, or a user of the web chat.
//   Conversation         One thread of talk with a memory of its own: a thread, a DM, a web conversation.
//   Message              One thing said by a person, an app or the bot.
//   Attachment           A file of a message. Its FileRef finds it on its platform; its bytes are never in a message.
//   Command              An instruction to the bot, such as /reset.
//   Erasure request      A person's wish that everything they said is erased (/forget me).
//
// How an answer comes about
//   Inbound              One event for a conversation: a message, an edit, a deletion, a command, Stop.
//   Inbox                The inbounds that a conversation has yet to process, in the order of acceptance.
//   Turn                 The unit of work that processes some inbounds and usually ends with a reply. See turn.ts.
//   Claim, Epoch, Lease  Claiming a conversation raises its epoch and gives out a new lease. Writes with an older lease
//                        are refused.
//   Prompt               Everything that the model is given for one turn.
//   Content              What a message says to a model: texts and files in their order (content.ts).
//   Tool                 Something that the model can call while it answers: it reads, or it writes (changes something).
//   Round                One response of the model that calls tools, with the results (tool-round.ts).
//   Piece                A fragment of streamed text.
//   Reply                The bot's answer of one turn, shown as one or more posts.
//   Post                 One message of the bot, as the platform counts messages.
//   Retract              To remove a reply because a message that it was made from was removed.
//
// What is remembered
//   Memory               The bounded working record of one conversation (ConversationMemory).
//   Window               The newest messages that fit the token budget of a prompt.
//   Summary              Stands for the messages that left the window.
//   Chapter              The part of a conversation between two resets.
//   Archive              Every message, for good. A job syncs finished turns to it.
//   Tombstone            The id that an erased message leaves in the archive, so that it never returns.
//   Backfill             Reading what was said before the bot was first called.
//   Missed messages      What was said during a downtime, read later.
//
// How it runs
//   Component            Something that the composition root opens, watches and disposes.
//   Job                  Background work on a schedule.
//   Scheduler            Gets the next turn of a conversation run.
//   Quarantine           To move an unreadable record to where the operator finds it.
//   Dead letter          A turn that was given up; the operator may retry it.

/**
 * Identifies a conversation permanently. The first part is the platform's name.
 * `slack:<team>:<channel>:<thread_ts>`, `slack:<team>:<dm>`, `discord:<guild>:<thread or channel>`,
 * `discord:dm:<channel>`, `web:<user>:<conversation>`.
 */
export type ConversationKey = `${string}:${string}`;

/** Checks a stored key. @throws {TypeError} if the text is not a key. */
export function conversationKey(text: unknown): ConversationKey {
  if (!isConversationKey(text)) throw new TypeError("Not the key of a conversation");
  return text;
}

/** Whether a text has the form of a key: a platform, a colon and at least one more character. */
export function isConversationKey(text: unknown): text is ConversationKey {
  return typeof text === "string" && /^[^:]+:./u.test(text);
}

/** The key of a conversation's background inbox, for commands that run while the conversation goes on. */
export function backgroundInboxOf(conversation: ConversationKey): ConversationKey {
  return `beside:${conversation}`;
}

/** The key of a person's command inbox, for commands that concern no conversation. `person`: the Author's id. */
export function commandInboxOf(platform: string, person: string): ConversationKey {
  return `commands:${platform}:${person}`;
}

/** The key of a place's inbox for what concerns no conversation: the bot was added there. */
export function placeInboxOf(platform: string, place: string): ConversationKey {
  return `place:${platform}:${place}`;
}

/** The key under which a platform's private answers are kept with the people whose erasure takes them. */
export function privateAnswersOf(platform: string): ConversationKey {
  return `private-answers:${platform}`;
}

/** A conversation as the directory lists it. */
export interface DirectoryEntry {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** Where the conversation is listed: a channel with its workspace, or a user of the web chat. */
  readonly place: string;
  /** The beginning of the first message, a title from the model, or a name that a person gave. May be empty. */
  readonly title: string;
  /** When the conversation last accepted an inbound. */
  readonly lastAtMs: number;
}
