import type { Approval } from "../../domain/approval.ts";
import type { ToolCall } from "../../domain/prompt.ts";
import {
  citedMessages,
  filesMadeIn,
  type CallResult,
  type StartedWrite,
  type ToolRound,
  type TurnCall,
} from "../../domain/tool-round.ts";
import { readyCall } from "./ready-call.ts";
import { pendingApproval } from "./request-approval.ts";
import { saysOf } from "./says-of.ts";
import { runCall, unknownResult, type CallSignals, type CallToRun, type Toolkit } from "./run-call.ts";

/**
 * What happens to a tool call. `rounds`: all rounds so far, with what is known of each call. `write`: the call is about to
 * change something; it is carried out when the next event is asked for. After `needs-approval` nothing more happens: the
 * caller saves the rounds, and calls again with the answer, or when the request has expired.
 */
export type CallEvent =
  | {
      readonly kind: "call-started";
      readonly call: ToolCall;
      readonly write?: StartedWrite;
      readonly rounds: readonly ToolRound[];
    }
  | {
      readonly kind: "needs-approval";
      readonly call: ToolCall;
      readonly approval: Approval;
      readonly rounds: readonly ToolRound[];
    }
  | {
      readonly kind: "call-finished";
      readonly call: ToolCall;
      readonly result: CallResult;
      readonly rounds: readonly ToolRound[];
    };

/** Tool calls carried out per round, since each costs time. Further ones get a refusal as their result. */
const maxCallsAtOnce = 8;
const noMoreCalls = "Nothing more can be looked up for this answer. Answer now with what you have.";
const refusal: CallResult = { text: noMoreCalls, outcome: "refused", durationMs: 0 };

/**
 * Carries out the calls of the last round that have no result, one after the other, and returns all rounds. It ends at a
 * call that needs approval. There are no events for calls that are refused. @throws as runCall does.
 */
export async function* finishCalls(
  rounds: readonly ToolRound[],
  toolkit: Toolkit | undefined,
  signals: CallSignals,
): AsyncGenerator<CallEvent, readonly ToolRound[]> {
  let now = rounds;
  for (const [index, known] of (rounds.at(-1)?.calls ?? []).entries()) {
    if (known.result !== undefined) continue;
    const isAllowed = toolkit !== undefined && index < maxCallsAtOnce;
    const ready = isAllowed ? prepare(toolkit, now, index) : refusal;
    if (toolkit === undefined || "outcome" in ready) {
      now = withCall(now, index, { result: "outcome" in ready ? ready : refusal });
      continue;
    }
    if ("expiresAtMs" in ready) {
      now = withCall(now, index, { approval: ready });
      yield { kind: "needs-approval", call: known.call, approval: ready, rounds: now };
      return now;
    }
    const intent = "write" in ready ? { write: ready.write } : {};
    now = withCall(now, index, intent);
    const { call } = known;
    yield { kind: "call-started", call, ...intent, rounds: now };
    const result = await runCall(toolkit, ready, signals);
    now = withCall(now, index, { result });
    yield { kind: "call-finished", call, result, rounds: now };
  }
  return now;
}

/** A call of the last round, ready to be carried out. Its result, if it can't be; its request, if a person is asked first. */
function prepare(
  toolkit: Toolkit,
  rounds: readonly ToolRound[],
  index: number,
): CallToRun | CallResult | Approval {
  const { tools, turn } = toolkit;
  const known = rounds.at(-1)?.calls[index];
  if (known === undefined) return refusal;
  const ready = readyCall(tools, known.call);
  // The tool is gone since the call was started.
  if ("outcome" in ready) return known.write === undefined ? ready : unknownResult;
  const { tool, args } = ready;
  const cited = citedMessages(rounds);
  const files = filesMadeIn(rounds);
  if (tool.effect === "reads") return { tool, args, cited, files };
  const before = rounds.slice(0, -1).reduce((sum, { calls }) => sum + calls.length, 0);
  // What a person has approved stays what it says.
  const says = known.approval?.says ?? saysOf(tool.describe(args));
  const pending = pendingApproval(toolkit, { tool, args, known, says });
  if (pending !== undefined) return pending;
  const write = known.write ?? { key: `${turn}/${before + index + 1}`, says };
  return { tool, args, cited, files, write, isResumed: known.write !== undefined };
}

/** Sets what is known of a call of the last round. */
function withCall(
  rounds: readonly ToolRound[],
  index: number,
  change: Partial<TurnCall>,
): readonly ToolRound[] {
  const last = rounds.at(-1);
  const call = last?.calls[index];
  if (last === undefined || call === undefined) return rounds;
  return [...rounds.slice(0, -1), { ...last, calls: last.calls.with(index, { ...call, ...change }) }];
}
