import type { CallOutcome } from "./call-outcome.ts";
import type { ConversationKey } from "./conversation.ts";
import type { MessageId, TurnId } from "./message.ts";
import type { PromptContents, PromptPurpose } from "./prompt.ts";
import type { Usage } from "./token-usage.ts";

/**
 * How a turn ended. `stopped`: a person pressed Stop. `late`: the question was too old to answer. `declined`: a remembered
 * message was edited into a command. `limited`: a daily limit was reached. `failed`: the model or the archive failed.
 * `given-up`: the turn was dead-lettered.
 */
export type TurnOutcome = "answered" | "stopped" | "late" | "declined" | "limited" | "failed" | "given-up";

/** What a model did for an answer, over all calls of the attempt that gave it. */
export interface ModelWork {
  readonly model: string;
  /** Calls of the model, failed ones included. */
  readonly calls: number;
  /** Of the last call; for a summary, of all its parts. Missing: it was made from other text. */
  readonly prompt?: PromptContents;
  /** Missing: the provider reported none. */
  readonly usage?: Usage;
  readonly startedAtMs: number;
  /** Missing: there was no text. */
  readonly firstTextAtMs?: number;
  readonly endedAtMs: number;
}

/** One tool call of an answer. */
export interface TurnStep {
  readonly tool: string;
  readonly outcome: CallOutcome;
  readonly durationMs: number;
  /** Length of the result. */
  readonly resultChars: number;
}

/** How an answer came about. Saved in the journal with the answer, so that the record survives a crash. */
export interface AnswerAccount {
  readonly outcome: TurnOutcome;
  /** The ModelError's kind, or the limit that was reached. Missing: nothing failed, or not in the model. */
  readonly failure?: string;
  /** Missing: the model was not asked. */
  readonly work?: ModelWork;
  /** In the order of the calls. At most 24, as runAgent allows. */
  readonly steps: readonly TurnStep[];
}

/**
 * What is kept of a finished turn: ids, times and figures, and no text. Its size is bounded: it names at most 100 messages,
 * and the prompt only by ordinals.
 *
 * It goes with each message that it names, with its author, with its conversation, and with its age.
 */
export interface TurnRecord extends AnswerAccount {
  readonly id: TurnId;
  readonly conversation: ConversationKey;
  readonly platform: string;
  readonly place: string;
  /** The Author's id of the person who caused it. Missing: background work. */
  readonly author?: string;
  readonly purpose: PromptPurpose;
  /** The name of the command. Missing: it was none. */
  readonly command?: string;
  /** The message that caused it. Missing: a slash command, a button, or background work. */
  readonly trigger?: MessageId;
  /** The messages that the turn took in, oldest first: the newest 100. */
  readonly covers: readonly MessageId[];
  /** The remembered reply. Missing: it was private, or there is none. */
  readonly replyId?: MessageId;
  /** The turn whose reply this one replaced. Missing: none, or an older version's reply. */
  readonly replaces?: TurnId;
  /** The highest ordinal in memory when the turn ended. */
  readonly ordinal: number;
  /** Memory's revision when the turn ended. */
  readonly revision: number;
  /** See TurnSettings. It changes with the instructions. */
  readonly settingsVersion: string;
  /** Failed attempts before. */
  readonly attempt: number;
  /** When the message was accepted, or the command was given. Missing: background work. */
  readonly askedAtMs?: number;
  readonly finishedAtMs: number;
}

/** Every message that a record names. The record goes with each of them. */
export function messagesNamedBy({ trigger, covers, replyId }: TurnRecord): readonly MessageId[] {
  return [trigger, ...covers, replyId].filter((id) => id !== undefined);
}

/** The time by which a record expires, and goes with its author. */
export function startOfRecord({ askedAtMs, finishedAtMs }: TurnRecord): number {
  return askedAtMs ?? finishedAtMs;
}
