import type { Approval } from "./approval.ts";
import type { ConversationKey } from "./conversation.ts";
import type { EntryId, InboxEntry } from "./inbound.ts";
import type { Source } from "./conversation-memory.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { PostFile } from "./post.ts";
import type { PostId, TurnId } from "./message.ts";
import type { ReplyMode } from "./turn-settings.ts";
import { openRequest, startedWrites, type ToolRound } from "./tool-round.ts";
import type { AnswerAccount } from "./turn-record.ts";

/** One post of a reply, as far as the journal knows it. */
export interface JournalledPost {
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** Saved before the post is created. */
  readonly intendedAtMs: number;
  /** Saved soon after the post is created. Missing: it may exist all the same, if the process died in between. */
  readonly id?: PostId;
  /** How often a person deleted it while it was being written. Missing: never. */
  readonly again?: number;
  /** It shows its complete part of the answer. Missing: unknown. */
  readonly isWhole?: boolean;
}

/** An answer that stands again. */
interface RestoredAnswer {
  /** The turn that wrote it. */
  readonly turn: TurnId;
  /** Why, for the person who pressed. Missing: they know. */
  readonly line?: string;
}

/** What a turn waits for during an outage. `loading`: the model is being loaded. */
export interface Wait {
  readonly what: "memory" | "model" | "loading";
  /** Shown to people, and named in the log. */
  readonly reference: string;
}

/**
 * The record of a conversation's running turn, in the journal. At most one per conversation; it lets any replica finish the
 * turn. These are the states of a turn, and what a crash in each one means:
 *
 * - **Waiting.** `Inbox.accept` stored the inbounds as inbox entries; there is no record yet. Ends with a claim. After a
 *   crash the sweeper schedules every conversation whose inbox is not empty.
 * - **Claimed.** `Journal.claim` raised the epoch, gave out a new lease and recorded the worker. Memory is read and the plan
 *   is made; posts made from removed messages are deleted. All of this can be repeated. A plan without a reply finishes from
 *   here. After a crash the next claim sees the dead worker in `leftBy`, and counts a suspicion against the conversation.
 * - **Started.** The turn has its id, `covers` and `replyTo`. The model is asked, or the command runs. The record of an answer is
 *   saved with the first of what follows; that of a command before it runs. Where a platform shows a placeholder, the model is
 *   asked while that post is being created; what it says is shown and saved once the post is there. After a crash the turn is planned again under the
 *   same id, which follows from its first entry, and the model is asked again.
 * - **In a round**, any number of times: the model called tools. Each result is saved in `rounds` before the next call and
 *   before the model is asked again. After a crash the calls that have a result are not repeated, and the model is asked
 *   again with their results. A new plan with other entries drops the rounds, and so does a change of a message that they
 *   quote: the model then calls again.
 * - **Asked.** A writing call needs a person's approval. The request is saved in `rounds` (`approval`) before any intent, then
 *   shown under the text so far with two buttons, and then `request` is saved. The claim is released and the conversation is
 *   postponed, for a minute at a time: waiting takes no lease and no slot, and is no attempt. The turn goes on when the person
 *   who asked presses, or when the request expires. Approved: the turn is bound, and the call starts. Declined or expired: the
 *   model is told. Until then an edit or deletion, Stop or an interrupting command is planned as for an interrupted turn; a
 *   new question or command withdraws the request, and the model is told. After a crash the request is shown if `request`
 *   does not name it. A press stays in the inbox until its effect is saved.
 * - **Writing.** Before a call that changes something outside, its key is saved in `rounds` (`write`). From here on only Stop
 *   interrupts the turn, and its plan covers exactly `covers`. After a crash in the middle of such a call its tool is asked
 *   by the key what came of it. If that can't be known, the answer says so; the call is not carried out again.
 * - **Posted.** Each post is saved in `posts` before it is created (`intendedAtMs`) and soon after it (`id`). After a crash,
 *   `Platform.findPost` looks for a post without an id; known posts are edited.
 *   Files that stand beside the posts are reserved and saved in `sharedFiles` before they are shown; after a crash,
 *   `SharedFiles.isShown` tells which to keep, and the others are removed.
 * - **Answered.** `answer` holds the complete reply: from the model, from a public command, or a notice. The model is not
 *   asked again, and interruptions no longer apply. After a crash the plan covers exactly `covers`, and the posts are edited
 *   to match the answer. A private answer of a command has no such state: after a crash the command runs again.
 *   Where a person pressed Regenerate or Continue and that failed, `answer` is the old answer, and `restored` says why.
 * - **Finished.** `Platform.showRest` showed that the bot no longer works. Then `Journal.finish` stored memory, post locations and directory in one atomic write, which also removed the
 *   covered entries, the record and the worker. A crash before it leaves the turn answered; after it nothing is left to do.
 *   If a store lost this write but the archive has the reply, the entries are removed without a second answer.
 *
 * A turn can leave this path:
 *
 * - **Interrupted**, before it is answered: by Stop, an edit or deletion of its question, or an interrupting command. The
 *   text so far is saved as `draft`, the claim is released, and the conversation is planned again at once. Stop makes the
 *   draft the answer; every other plan drops it, and so does a Stop that comes after an edit, a deletion or an erasure which
 *   the draft does not know. A Stop that names its turn ends no other one: when that turn is over, the
 *   Stop waits until nothing is to be answered, and changes nothing. The draft is also saved every two seconds while posts
 *   grow, so that a Stop after a crash keeps what people have read. An interruption that was stored and not sent is found in
 *   the inbox within five seconds, and is sent once more by the turn that takes it in, for commands in the background.
 * - **Waiting for an outage** of the model, the platform or memory. The entries stay, and the conversation is postponed. For
 *   model and memory, the first post shows a line, and then `waitsFor` is saved. Edits and deletions are applied while it
 *   waits, without ending the turn. No outage counts as an attempt. An outage of the stores only delays the turn.
 * - **Retried**, after any other error. `attempt` is saved, and the conversation is postponed.
 * - **Dead-lettered**, after 5 attempts, 24 hours of waiting, an answer that the platform refuses while it accepts other
 *   text, or 5 process ends with the conversation as the only suspect. People see an apology; `Journal.finish` moves the
 *   entries to the dead letters. A press of Regenerate or Continue restores the old answer instead. If an earlier attempt at this ended the process too, the apology and the memory of it are
 *   left out.
 * - **Delegated.** A background command moves to the background inbox of its conversation, and its turn finishes there at
 *   once. In that inbox it runs as a turn of its own. A crash between the two writes is harmless: accepting is idempotent.
 *
 * A personal command waits in the command inbox of its person and runs there as a turn without memory and posts: it is
 * claimed, its private answer is shown, and it finishes. After a crash it runs again.
 *
 * On shutdown the worker is cleared and the record stays. A process whose lease is outdated stops without writing.
 */
export interface Turn {
  readonly id: TurnId;
  readonly conversation: ConversationKey;
  /** Failed attempts that were no outage and did not end the process. Records of format 2 count starts instead. */
  readonly attempt: number;
  /** The inbox entries that the turn processes. Empty while it fails before its plan is made. */
  readonly covers: readonly EntryId[];
  /** Where the first post went. Without posts: the address of the current question or command. */
  readonly replyTo: ReplyAddress;
  /** In the order of parts. */
  readonly posts: readonly JournalledPost[];
  /** By which the question was chosen. Missing: `thread`, as before there were others. */
  readonly replyMode?: ReplyMode;
  /** The first post shows a line about this outage. Missing: it does not, or the reply is replacing the line. */
  readonly waitsFor?: Wait;
  /** The last post shows this request with its buttons (`Approval.id`). Missing: it does not, or the reply replaces it. */
  readonly request?: string;
  /**
   * Entries whose authors were told in private that a command has to wait, or that the place accepts no answer, or accepts it
   * later; after `waits:`, those whose authors were told that their question has to wait. Missing: none.
   */
  readonly told?: readonly EntryId[];
  /**
   * The text so far, as of the interruption, or a little before. Empty: it may repeat what was removed since. Missing: no text
   * yet, or there is an answer.
   */
  readonly draft?: string;
  /** How often the platform failed to accept the answer. Missing: never. */
  readonly refusals?: number;
  /** After these refusals the platform accepted a short line in place of the answer. */
  readonly wasLineTaken?: true;
  /** The complete reply. From here on the model is not asked again. */
  readonly answer?: string;
  /** The answer is the old one: what a press asked for failed. Missing: it is this turn's own. */
  readonly restored?: RestoredAnswer;
  /** The role under which the answer is remembered. Missing: `bot`. */
  readonly answerRole?: "bot" | "notice";
  /** The images that were made for the answer, under its last post. Missing: none. */
  readonly files?: readonly PostFile[];
  /** The files beside the posts (see SharedFiles): saved before they are shown. Missing: none. */
  readonly sharedFiles?: readonly PostId[];
  /** The platform took no files: what would be a file stands in the posts. Missing: not so far. */
  readonly refusesFiles?: true;
  /** Messages outside the prompt that the answer was made from. Missing: none. */
  readonly sources?: readonly Source[];
  /** The rounds of tool calls so far, oldest first. Missing: none, or an old record. */
  readonly rounds?: readonly ToolRound[];
  /** How the answer, or the draft, came about. Missing: there is none, or a record of an older version. */
  readonly account?: AnswerAccount;
}

/**
 * Whether a turn finishes exactly the entries that it covers, whatever came since: it is answered, it may have changed
 * something outside, or a request for approval was answered.
 */
export function isBound({ answer, rounds = [] }: Pick<Turn, "answer" | "rounds">): boolean {
  return answer !== undefined || startedWrites(rounds).length > 0 || hasAnswer(rounds);
}

function hasAnswer(rounds: readonly ToolRound[]): boolean {
  return rounds.some(({ calls }) => calls.some(({ approval }) => approval?.answer !== undefined));
}

/** The request that a turn waits for. Undefined: it waits for none. */
export function requestOf({ answer, rounds }: Pick<Turn, "answer" | "rounds">): Approval | undefined {
  return answer === undefined ? openRequest(rounds) : undefined;
}

/** Whether a turn covers an entry. Records of format 2 name entries by their `seq` alone. */
export function coversEntry({ covers: ids }: Turn, { id, seq }: InboxEntry): boolean {
  return ids.includes(id) || ids.includes(String(seq));
}

/** The right to write for a conversation, until the next claim. */
export interface Lease {
  readonly conversation: ConversationKey;
  /** Raised by each claim. */
  readonly epoch: number;
  /** Random. Tells leases of the same epoch apart, which a store can give that lost its last second. */
  readonly name: string;
}

/** Which answer a Stop ends: see Stopped. */
export interface Stop {
  readonly turn?: TurnId | undefined;
  readonly pressedAtMs?: number | undefined;
}

/** Why a running turn must stop and be planned again. `inbound`: the dedupeId of the one that says so. */
export type Interruption = { readonly inbound?: string | undefined } & (
  | { readonly kind: "question-changed"; readonly message: string }
  | ({ readonly kind: "stopped" } & Stop)
  | { readonly kind: "command" }
);
