import type { Change, CommandInbound, Downtime, EntryId, Said } from "../../domain/inbound.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import type { Reanswer } from "../memory/reanswer.ts";

/** What the next turn of a conversation does. `covers`: the inbox entries that its finish removes. */
export type Plan =
  | { readonly kind: "idle" }
  | { readonly kind: "erase"; readonly covers: readonly EntryId[] }
  | ListenPlan
  | ChangesPlan
  | AnswerPlan
  | LatePlan
  | StopPlan
  | CommandPlan;

/** A plan that changes memory. */
export type RememberingPlan = ListenPlan | ChangesPlan | AnswerPlan | LatePlan | StopPlan | CommandPlan;

/** Remember without an answer: no message was for the bot. */
export interface ListenPlan extends Effects {
  readonly kind: "listen";
  /** What a person pressed for and that can't be done any more. Missing: nothing. */
  readonly ended?: { readonly again: Reanswer; readonly question: Said };
  /** The calls that are not answered because the bot is muted. Missing: none. */
  readonly muted?: readonly Said[];
  /** Those whose authors are told so. Missing: none. */
  readonly tell?: readonly Said[];
}

/** Apply edits and deletions only, while an answer waits. */
export interface ChangesPlan extends Effects {
  readonly kind: "changes";
}

/** Answer a question. */
export interface AnswerPlan extends Effects {
  readonly kind: "answer";
  readonly question: Said;
  /** All questions of the run, oldest first. Missing: only `question`. */
  readonly questions?: readonly MessageId[];
  /** Set when an answered question is answered again, in the posts of its old answer. */
  readonly again?: Reanswer;
  /** When the question was accepted; for a missed message, when it was written. */
  readonly askedAtMs: number;
}

/** Say once that the bot was offline: the question is too old to answer. */
export interface LatePlan extends Effects {
  readonly kind: "late";
  /** The last of these questions. */
  readonly question: Said;
  readonly downtime: Downtime;
}

/** A person stopped the answer: the text so far becomes the answer. */
export interface StopPlan extends Effects {
  readonly kind: "stop";
  readonly question: Said;
  readonly again?: Reanswer;
}

/** Run a command. */
export interface CommandPlan extends Effects {
  readonly kind: "command";
  readonly command: CommandInbound;
}

/** What every plan but the idle one does. */
export interface Effects {
  readonly covers: readonly EntryId[];
  /** Changes to remembered messages, oldest first. */
  readonly changes: readonly Change[];
  /** New messages, oldest first, with the edits made while they waited. */
  readonly said: readonly Message[];
}
