import type { ConversationKey } from "../../../domain/conversation.ts";

/** Everything of ours begins with it. Keyv's adapter writes `threadkeeper::<key>`. */
export const prefix = "threadkeeper:";

/**
 * The keys of the hot stores; scripts make more by the place and the authors of a conversation, which is why
 * they need a single primary.
 */
export const keys = {
  /** Hash: platform, place, title, isNamed, lastAtMs, lastMessage, epoch, lease, isShared, turn, revision, filed, worker, suspicion. */
  conversation: (conversation: ConversationKey) => `${prefix}conversation:${conversation}`,
  /** Sorted set by seq of `<seq> <accepted at, ms> <Inbound as JSON>`; see inbox-member.ts. */
  inbox: (conversation: ConversationKey) => `${prefix}inbox:${conversation}`,
  /** Sorted set of the message ids that are located in the conversation, by seq; our own posts have 0. */
  messages: (conversation: ConversationKey) => `${prefix}messages:${conversation}`,
  /** Sorted set of the authors who have written in the conversation, by the seq of what they wrote last. */
  authors: (conversation: ConversationKey) => `${prefix}authors:${conversation}`,
  /** Sorted set of the conversations in which an author has written, by when they last did. */
  written: (platform: string, author: string) => `${prefix}written:${platform}:${author}`,
  /** Hash: message id → conversation; of a quoted message all of them, in lines. */
  located: (platform: string, place: string) => `${prefix}located:${platform}:${place}`,
  /** Sorted set of conversations, by when something was last accepted. */
  listed: (platform: string, place: string) => `${prefix}listed:${platform}:${place}`,
  /** Sorted set of a platform's conversations, by when something was last accepted. */
  active: (platform: string) => `${prefix}active:${platform}`,
  /** Sorted set of dedupe ids, by when they were seen. */
  seen: `${prefix}seen`,
  /** Sorted set of the conversations that wait, by the seq of what has waited longest. */
  waiting: `${prefix}waiting`,
  /** Sorted set of conversations, by until when the sweeper leaves them alone. */
  postponed: `${prefix}postponed`,
  /** Sorted set of the conversations that the ledger does not know all of, by since when. */
  unfiled: `${prefix}unfiled`,
  /** Set of the conversations that only the archive has. */
  resting: `${prefix}resting`,
  /** It exists: each conversation that only the archive has is in `resting`. */
  whole: `${prefix}whole`,
  /** Counters for all conversations: a conversation that is erased and begins anew never meets an old number again. */
  seq: `${prefix}seq`,
  epoch: `${prefix}epoch`,
  /** Hash: reference → one line of JSON about it, then one line for each entry. `<this>:<conversation>`: set of references. */
  deadLetters: `${prefix}dead-letters`,
  /** Hash: reference → one line of JSON about it, then the record as it was found. With sets, as dead letters have them. */
  setAside: `${prefix}set-aside`,
  /** Hash: a Forgetting's id → platform, author and beforeMs as JSON. */
  erasureRequests: `${prefix}forgettings`,
  /** Hash: author → until when everything is forgotten. */
  forgotten: (platform: string) => `${prefix}forgotten:${platform}`,
  /** Hash: a Forgetting's id → the address of its receipt as JSON, until it was given. */
  receipts: `${prefix}receipts`,
  /** Sorted set of the ids in receipts, by when they were asked for. */
  receiptsDue: `${prefix}receipts-due`,
  /** Hash: a Forgetting's id → until when somebody holds it. */
  receiptsHeld: `${prefix}receipts-held`,
  /** Hash: conversation → a DelayedErasure as JSON. */
  delayedErasures: `${prefix}delayed-erasures`,
  /** Sorted set of those conversations, by when they are due. */
  delayedErasuresDue: `${prefix}delayed-erasures-due`,
  /** The format of all this: see upgrade.ts. */
  format: `${prefix}format`,
  /** Hash: counter → what was spent on a day, numbered since 1970; expires. */
  usage: (day: number) => `${prefix}usage:${day}`,
  /** Sorted set of the turns that run for a holder, by until when they count; expires. */
  running: (holder: string) => `${prefix}running:${holder}`,
  /** Who holds a lock; expires. */
  lock: (name: string) => `${prefix}lock:${name}`,
  /** Something has gone that the files of the server may still hold. */
  erased: `${prefix}erased`,
  /** The server was told to rewrite its files a moment ago. */
  rewritten: `${prefix}rewritten`,
  interruptions: `${prefix}interruptions`,
  broadcast: `${prefix}broadcast`,
  cookieKey: `${prefix}web-cookie-key`,
  presence: `${prefix}presence`,
  /** Sorted set of `<id before> <id after>`, by when it was first told. */
  renamings: (platform: string) => `${prefix}renamings:${platform}`,
  /** Written to find out whether the server takes writes. */
  probe: `${prefix}probe`,
  /** Sorted set of the calls of the last window under a limit, by when each was or will be made. */
  rateCalls: (limit: string) => `${prefix}rate:calls:${limit}`,
  /** Until when the platform asked to slow down. */
  ratePaused: (limit: string) => `${prefix}rate:paused:${limit}`,
  /** Until when the limit is kept strictly. */
  rateStrict: (limit: string) => `${prefix}rate:strict:${limit}`,
  /** Sorted set of those calls that let an answer grow. */
  rateGrown: (limit: string) => `${prefix}rate:grown:${limit}`,
  /** Sorted set of the answers under way, by when each may grow next. */
  rateOpen: (limit: string) => `${prefix}rate:open:${limit}`,
} as const;
