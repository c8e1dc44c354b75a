import type { ConversationKey } from "../../../domain/conversation.ts";

/** All our keys begin with it. Keyv's adapter writes `threadkeeper::<key>`. */
export const prefix = "threadkeeper:";

/** Lifetime of the record of a conversation without content, which claiming or postponing it creates. */
export const emptyTtlS = 86_400;

/**
 * The keys of the hot stores. Scripts build further keys from a conversation's place and authors, so a single primary
 * is required.
 */
export const keys = {
  /** Hash: platform, place, title, isNamed, lastAtMs, lastMessage, epoch, lease, isShared, turn, revision, filed, worker, suspicion, postponed. */
  conversation: (conversation: ConversationKey) => `${prefix}conversation:${conversation}`,
  /** Sorted set by seq: see inbox-member.ts. */
  inbox: (conversation: ConversationKey) => `${prefix}inbox:${conversation}`,
  /** Sorted set by seq: the ids of the messages located in the conversation. Our own posts have seq 0. */
  messages: (conversation: ConversationKey) => `${prefix}messages:${conversation}`,
  /** Set: the ids of the pages of the conversation's memory. Keyv's adapter writes them under `threadkeeper::memory:<conversation>|<id>`. */
  pages: (conversation: ConversationKey) => `${prefix}pages:${conversation}`,
  /** Sorted set of the conversation's authors, by the seq of their newest message. */
  authors: (conversation: ConversationKey) => `${prefix}authors:${conversation}`,
  /** Sorted set of the conversations that an author wrote in, by the time of the newest message there. */
  written: (platform: string, author: string) => `${prefix}written:${platform}:${author}`,
  /** Hash: message id → conversation. For a quoted message: all conversations that quote it, one per line. */
  located: (platform: string, place: string) => `${prefix}located:${platform}:${place}`,
  /** Sorted set of a place's conversations, by the time of an accepted inbound in the same minute as the newest. */
  listed: (platform: string, place: string) => `${prefix}listed:${platform}:${place}`,
  /** Sorted set of a platform's conversations, by the same times. */
  active: (platform: string) => `${prefix}active:${platform}`,
  /** Sorted set of dedupe ids, by the time they were seen. */
  seen: `${prefix}seen`,
  /** Sorted set of the conversations with a waiting inbox entry, by the seq of the oldest. */
  waiting: `${prefix}waiting`,
  /** Sorted set of conversations, by the time until which the sweeper leaves them alone. */
  postponed: `${prefix}postponed`,
  /** Sorted set of the conversations with a revision that is not in the archive yet, by the time since when. */
  pendingSyncs: `${prefix}unfiled`,
  /** Set of the conversations that only the archive has. */
  archived: `${prefix}resting`,
  /** Exists if `archived` has every conversation that only the archive has. */
  allArchivedMarked: `${prefix}whole`,
  /** Counters over all conversations, so that an erased conversation that begins again never reuses a number. */
  seq: `${prefix}seq`,
  epoch: `${prefix}epoch`,
  /**
   * Hash: reference → one line of JSON about the dead letter, then one line per entry. `<this key>:<conversation>` is
   * a set of references.
   */
  deadLetters: `${prefix}dead-letters`,
  /**
   * Hash: reference → one line of JSON about the record, then the record as found. With the same sets as dead
   * letters.
   */
  quarantine: `${prefix}set-aside`,
  /** Hash: erasure request id → platform, author and beforeMs as JSON. */
  erasureRequests: `${prefix}forgettings`,
  /** Hash: author → erasure cutoff (ms). */
  forgotten: (platform: string) => `${prefix}forgotten:${platform}`,
  /** Hash: erasure request id → its receipt as JSON, until it is delivered. */
  receipts: `${prefix}receipts`,
  /** Sorted set of the ids in `receipts`, by the time of the request. */
  receiptsDue: `${prefix}receipts-due`,
  /** Hash: erasure request id → the time until which a replica holds its receipt. */
  receiptsHeld: `${prefix}receipts-held`,
  /** Hash: conversation → DelayedErasure as JSON. */
  delayedErasures: `${prefix}delayed-erasures`,
  /** Sorted set of those conversations, by the time the erasure is due. */
  delayedErasuresDue: `${prefix}delayed-erasures-due`,
  /** The open question to a person, as JSON. Expires. */
  confirmation: (platform: string, person: string) => `${prefix}confirmation:${platform}:${person}`,
  /** Hash: language, length, atMs (of the last change). */
  preferences: (platform: string, person: string) => `${prefix}preferences:${platform}:${person}`,
  /** Hash: number, the format of all keys. A string until format 3. See upgrade.ts. */
  format: `${prefix}format`,
  /** Hash: counter → amount spent on a day (numbered since 1970). Expires. */
  usage: (day: number) => `${prefix}usage:${day}`,
  /** Sorted set of a holder's running turns, by the time until which they count. Expires. */
  running: (holder: string) => `${prefix}running:${holder}`,
  /** The holder of a lock. Expires. */
  lock: (name: string) => `${prefix}lock:${name}`,
  /** Exists if the server's files may still hold deleted data. */
  erased: `${prefix}erased`,
  /** Exists for a minute after the server was told to rewrite its files. */
  rewritten: `${prefix}rewritten`,
  interruptions: `${prefix}interruptions`,
  broadcast: `${prefix}broadcast`,
  cookieKey: `${prefix}web-cookie-key`,
  presence: `${prefix}presence`,
  /** Sorted set of the processes that run turns, by the time at which they count as dead. */
  workers: `${prefix}workers`,
  /** Sorted set of `<id before> <id after>`, by the time the renaming was first reported. */
  renamings: (platform: string) => `${prefix}renamings:${platform}`,
  /** Hash: installation id → the installation, sealed. See sealed-installation.ts. */
  installations: (platform: string) => `${prefix}installations:${platform}`,
  /** Written to test whether the server accepts writes. */
  probe: `${prefix}probe`,
  /** Sorted set of a limit's calls in the last window, by the time of each call, past or promised. */
  rateCalls: (limit: string) => `${prefix}rate:calls:${limit}`,
  /** The time until which the platform asked to slow down. */
  ratePaused: (limit: string) => `${prefix}rate:paused:${limit}`,
  /** The time until which the limit is applied strictly. */
  rateStrict: (limit: string) => `${prefix}rate:strict:${limit}`,
  /** Sorted set of those calls that extended an answer. */
  rateGrown: (limit: string) => `${prefix}rate:grown:${limit}`,
  /** Sorted set of the unfinished answers, by the time each may grow next. */
  rateOpen: (limit: string) => `${prefix}rate:open:${limit}`,
} as const;
