import { parseArgs } from "node:util";
import { UsageError } from "./usage.ts";

/** What the command line asks for. */
export interface BenchOptions {
  /** Names of contestants. Empty: all. */
  readonly only: readonly string[];
  readonly conversations: readonly number[];
  readonly modelDelaysMs: readonly number[];
  readonly runs: number;
  /** Of each run. Missing: by the number of conversations. */
  readonly messages: number | undefined;
  readonly isQuick: boolean;
  readonly profiles: boolean;
  /** Where profiles stay. Empty: nowhere. */
  readonly profileFolder: string;
  /** A conversation goes on in a new thread after so many turns. 0: never. */
  readonly threadTurns: number;
  /** The window of ours. Missing: its default, in which all of a thread of twenty turns has room. */
  readonly contextTokens: string | undefined;
  /** Where the figures go as JSON. Empty: nowhere. */
  readonly jsonFile: string;
}

/** @throws {TypeError} for an unknown option or a value that is no number. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      k: { type: "string" },
      delay: { type: "string" },
      runs: { type: "string" },
      messages: { type: "string" },
      quick: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      "profile-folder": { type: "string", default: "" },
      "thread-turns": { type: "string", default: "20" },
      "context-tokens": { type: "string" },
      json: { type: "string", default: "" },
    },
  });
  const { quick, messages } = values;
  return {
    only: listIn(values.only),
    conversations: numbersIn("k", values.k ?? (quick ? "16,128" : "1,16,128,512")),
    modelDelaysMs: numbersIn("delay", values.delay ?? (quick ? "0" : "0,50")),
    runs: numberIn("runs", values.runs ?? (quick ? "1" : "3")),
    messages: messages === undefined ? undefined : numberIn("messages", messages),
    isQuick: quick,
    profiles: values.profile || values["profile-folder"] !== "",
    profileFolder: values["profile-folder"],
    threadTurns: numberIn("thread-turns", values["thread-turns"]),
    contextTokens: values["context-tokens"],
    jsonFile: values.json,
  };
}

/** Enough for a p99, and whole threads. */
export function messagesFor(conversations: number, { messages, isQuick }: BenchOptions): number {
  return messages ?? Math.max(isQuick ? 500 : 1_000, conversations * (isQuick ? 10 : 20));
}

/** Each conversation has gone through a whole thread, and five thousand messages have the hot code compiled. */
export function warmUpFor(conversations: number, { isQuick, threadTurns }: BenchOptions): number {
  return Math.max(isQuick ? 1_000 : 5_000, conversations * Math.max(12, threadTurns));
}

/** Before each run: while others take their turns, V8 drops compiled code and the machine what it had at hand. */
export function leadInFor({ isQuick }: BenchOptions): number {
  return isQuick ? 0 : 1_000;
}

function listIn(value: string): readonly string[] {
  return value.split(",").filter((each) => each !== "");
}

function numbersIn(name: string, value: string): readonly number[] {
  return listIn(value).map((each) => numberIn(name, each));
}

function numberIn(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new UsageError(`--${name}: ${value} is no whole number`);
  return number;
}
