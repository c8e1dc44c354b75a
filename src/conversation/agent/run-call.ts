import { withDeadline } from "../../async/deadline.ts";
import { JoinedSignal } from "../../async/joined-signal.ts";
import type { CallOutcome } from "../../domain/call-outcome.ts";
import type { PostFile } from "../../domain/post.ts";
import type { CallResult, CitedMessage, StartedWrite } from "../../domain/tool-round.ts";
import type { TurnId } from "../../domain/message.ts";
import { MemoryError } from "../../ports/memory.ts";
import { StoreError } from "../../ports/store-error.ts";
import { truncate } from "../text/truncate.ts";
import type { ReadingTool, Tool, ToolArguments, ToolContext, ToolResult, WritingTool } from "./tool.ts";

/** The tools of a turn, and the turn that they are called for. */
export interface Toolkit {
  readonly turn: TurnId;
  /** The Author's id of the person who asked, and who approves calls. Missing: an app asked. */
  readonly person?: string;
  /** Names a new request for approval. */
  readonly requestId: () => string;
  readonly tools: readonly Tool[];
  readonly context: Omit<ToolContext, "cite" | "files">;
}

interface ReadingCall {
  readonly tool: ReadingTool;
  readonly args: ToolArguments;
}

interface WritingCall {
  readonly tool: WritingTool;
  readonly args: ToolArguments;
  readonly write: StartedWrite;
  /** An earlier attempt started it, and its outcome is not known. */
  readonly isResumed: boolean;
}

/** A call to carry out. */
export type CallToRun = (ReadingCall | WritingCall) & {
  /** What earlier results quote. */
  readonly cited: readonly CitedMessage[];
  /** What earlier calls made. */
  readonly files: readonly PostFile[];
};

export interface CallSignals {
  /** Ends the whole answer. */
  readonly signal: AbortSignal;
  /** Ends reading calls: their result is then a failure. Missing: nothing does. */
  readonly untilAnswer?: AbortSignal;
}

/** Longer results are cut before the model sees them, so that the journal stays small. */
const maxResultChars = 20_000;
/** A tool that takes longer has failed, unless it says otherwise. */
const usualMaxMs = 60_000;
const unknownText = "It is not known whether this was done. People are told so. Do not try again.";

/** The result of a writing call that an earlier attempt started, and of which nothing more can be learnt. */
export const unknownResult: CallResult = { text: unknownText, outcome: "unknown", durationMs: 0 };

/**
 * Carries out one call. @throws {StoreError}, {MemoryError}, or the signal's reason. Everything else that goes wrong becomes
 * a result.
 */
export async function runCall(
  { context }: Pick<Toolkit, "context">,
  call: CallToRun,
  { signal, untilAnswer }: CallSignals,
): Promise<CallResult> {
  const { clock, log } = context.ports;
  const { tool, cited, files } = call;
  const startedAtMs = clock.nowMs();
  const found = [...cited];
  const end = (outcome: CallOutcome, text: string, made?: readonly PostFile[]): CallResult => ({
    text: truncate(text, maxResultChars),
    outcome,
    durationMs: clock.nowMs() - startedAtMs,
    ...(found.length === cited.length ? {} : { cites: found.slice(cited.length) }),
    ...(made === undefined ? {} : { files: made }),
  });
  const whole = { ...context, files, cite: (message: CitedMessage): number => numberOf(message, found) };
  try {
    using allowed =
      tool.effect === "reads" && untilAnswer !== undefined
        ? new JoinedSignal(signal, untilAnswer)
        : undefined;
    const run = (either: AbortSignal) => resultOf(call, whole, either);
    const result = await withDeadline(run, tool.maxMs ?? usualMaxMs, allowed?.signal ?? signal);
    if (result === undefined) return end("unknown", unknownText);
    return end(result.isFailure === true ? "failed" : "done", result.text, result.files);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreError || error instanceof MemoryError) throw error;
    const { name } = tool.definition;
    log.error({ err: error, tool: name }, "a tool failed; the model is told so");
    if (tool.effect === "writes") return end("unknown", unknownText);
    return end("failed", `Error: ${name} failed. Say that you could not do it.`);
  }
}

/** Undefined: it can't be known. */
async function resultOf(
  call: CallToRun,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolResult | undefined> {
  if (!("write" in call)) return call.tool.run(call.args, context, signal);
  const { tool, args, write, isResumed } = call;
  const writing = { ...context, key: write.key };
  if (!isResumed) return tool.run(args, writing, signal);
  if (tool.findOutcome === undefined) return undefined;
  return (await tool.findOutcome(writing, signal)) ?? tool.run(args, writing, signal);
}

/** From 1. Adds a message that is not among those found. */
function numberOf(message: CitedMessage, found: CitedMessage[]): number {
  const known = found.findIndex(
    (each) => each.conversation === message.conversation && each.message === message.message,
  );
  return known === -1 ? found.push(message) : known + 1;
}
