/** What the runner asks of the stand-in's process. */
export type Order =
  | { readonly order: "deliver-to"; readonly urls: readonly string[] }
  | ({ readonly order: "talk" } & Talk);

/** A part of the run. Conversations go on where the part before left them. */
export interface Talk {
  readonly conversations: number;
  /** The first of them. Missing: 0. */
  readonly from?: number;
  /** In all conversations together. */
  readonly messages: number;
  readonly modelDelayMs: number;
  /** After so many turns a conversation goes on in a new thread. 0: never. */
  readonly threadTurns: number;
  /** The length of each question and each answer. Missing: about 100 and 200. */
  readonly chars?: number;
}

/** What people saw, and what the servers were asked for. */
export interface Talked {
  readonly messages: number;
  readonly seconds: number;
  /** From the sending of a message to its complete answer in the thread. */
  readonly answerMs: readonly number[];
  /** To the first words of the answer. */
  readonly firstTextMs: readonly number[];
  readonly lost: number;
  /** Second posts with the same answer, since the part before. */
  readonly doubled: number;
  /** Events that were not acknowledged within 3 s, and were sent again. */
  readonly redelivered: number;
  readonly modelCalls: number;
  /** The mean, of prompts that end in a question: with the question, without instructions. */
  readonly promptMessages: number;
  readonly promptBytes: number;
  readonly slackCalls: Readonly<Record<string, number>>;
  /** Of the stand-in's own process. */
  readonly cpuSeconds: number;
}

export type Report =
  | { readonly report: "listening"; readonly slackUrl: string; readonly modelUrl: string }
  | { readonly report: "delivers" }
  | { readonly report: "talked"; readonly talked: Talked };

/** What contestants and stand-in know of each other. */
export const account = {
  botToken: "xoxb-stand-in",
  signingSecret: "stand-in-signing-secret",
  modelKey: "stand-in-model-key",
  model: "gpt-6-luna",
  team: "T1",
  botUser: "UBOT",
  bot: "BBOT",
} as const;
