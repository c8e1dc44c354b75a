import type { Approval } from "./approval.ts";
import type { CallOutcome } from "./call-outcome.ts";
import type { Source } from "./conversation-memory.ts";
import type { PostFile } from "./post.ts";
import type { AnsweredCall, ToolCall } from "./prompt.ts";
import type { Usage } from "./token-usage.ts";

/** A message that the result of a tool call quotes under a number. */
export interface CitedMessage extends Source {
  /** See RememberedMessage. */
  readonly speaker: string;
  readonly saidAtMs: number;
  /** As far as the model read it. */
  readonly text: string;
}

/** What came of a tool call. */
export interface CallResult {
  /** Given to the model. */
  readonly text: string;
  readonly outcome: CallOutcome;
  readonly durationMs: number;
  /** Messages that no earlier result of the turn quoted, in the order of their numbers. Missing: none. */
  readonly cites?: readonly CitedMessage[];
  /** What the call made for the answer. Missing: nothing. */
  readonly files?: readonly PostFile[];
}

/** That a writing call has started. */
export interface StartedWrite {
  /** The same in every attempt at this call, and different for every other call: `<turn>/<number of the call>`. */
  readonly key: string;
  /** What the call does, for people: "add milk to the list". */
  readonly says: string;
}

/** A tool call of a turn. */
export interface TurnCall {
  readonly call: ToolCall;
  /** Saved before people are asked. Missing: the call needs no approval, or nobody was asked yet. */
  readonly approval?: Approval;
  /** Saved before a writing call starts. Missing: it only reads, or it has not started. */
  readonly write?: StartedWrite;
  /** Missing: it is not carried out yet, or not to its end. */
  readonly result?: CallResult;
}

/** One response of the model that called tools. */
export interface ToolRound {
  /** What the model wrote before it called. Empty: nothing. */
  readonly text: string;
  /** In the order in which the model made them. Empty: the journal had no room for them, so they are not carried out. */
  readonly calls: readonly TurnCall[];
  /** See AnsweredCall. Missing: no longer to be used. */
  readonly provider?: readonly unknown[];
  /** What the response used. Missing: the provider does not tell. */
  readonly usage?: Usage;
}

/** The finished calls of some rounds, as they are given back to the model. */
export function answeredCalls(rounds: readonly ToolRound[]): readonly AnsweredCall[] {
  return rounds.flatMap(({ calls, provider }) =>
    calls.flatMap(({ call, result }, index) =>
      result === undefined
        ? []
        : [{ call, result: result.text, ...(index === 0 && provider !== undefined ? { provider } : {}) }],
    ),
  );
}

/** Everything that the results of some rounds quote. The first one has the number 1. */
export function citedMessages(rounds: readonly ToolRound[]): readonly CitedMessage[] {
  return rounds.flatMap(({ calls }) => calls.flatMap(({ result }) => result?.cites ?? []));
}

/** What the calls of some rounds made for the answer, in order. */
export function filesMadeIn(rounds: readonly ToolRound[] = []): readonly PostFile[] {
  return rounds.flatMap(({ calls }) => calls.flatMap(({ result }) => result?.files ?? []));
}

/** The request that waits for a person, or that expired and is not answered yet. Undefined: there is none. */
export function openRequest(rounds: readonly ToolRound[] = []): Approval | undefined {
  return rounds
    .at(-1)
    ?.calls.flatMap(({ approval, write, result }) =>
      approval === undefined || approval.answer !== undefined || write !== undefined || result !== undefined
        ? []
        : [approval],
    )
    .at(0);
}

/** Changes the request with that id. */
export function withRequest(
  rounds: readonly ToolRound[],
  id: string,
  change: Partial<Approval>,
): readonly ToolRound[] {
  return rounds.map((round) => ({
    ...round,
    calls: round.calls.map((call) =>
      call.approval?.id === id ? { ...call, approval: { ...call.approval, ...change } } : call,
    ),
  }));
}

/** The writing calls of some rounds that have started, in order. */
export function startedWrites(
  rounds: readonly ToolRound[] = [],
): readonly (TurnCall & { readonly write: StartedWrite })[] {
  return rounds.flatMap(({ calls }) =>
    calls.flatMap((call) => (call.write === undefined ? [] : [{ ...call, write: call.write }])),
  );
}
