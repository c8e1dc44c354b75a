import { withDeadline } from "../../async/deadline.ts";
import type { ToolCall } from "../../domain/prompt.ts";
import type { CallOutcome } from "../../domain/call-outcome.ts";
import type { CallResult, CitedMessage } from "../../domain/tool-round.ts";
import { MemoryError } from "../../ports/memory.ts";
import { StoreError } from "../../ports/store-error.ts";
import { truncate } from "../text/truncate.ts";
import type { Tool, ToolArguments, ToolContext } from "./tool.ts";

/** The tools of a turn, and the turn that they are called for. */
export interface Toolkit {
  readonly tools: readonly Tool[];
  readonly context: Omit<ToolContext, "cite">;
}

/** Longer results are cut before the model sees them, so that the journal stays small. */
const maxResultChars = 20_000;
/** A tool that takes longer has failed. */
const maxCallMs = 60_000;

/**
 * Carries out one call. `cited`: what earlier results quote. @throws {StoreError}, {MemoryError}, or the signal's reason.
 * Everything else that goes wrong becomes a result.
 */
export async function runCall(
  { tools, context }: Toolkit,
  call: ToolCall,
  cited: readonly CitedMessage[],
  signal: AbortSignal,
): Promise<CallResult> {
  const { clock } = context.ports;
  const startedAtMs = clock.nowMs();
  const found = [...cited];
  const end = (outcome: CallOutcome, text: string): CallResult => ({
    text: truncate(text, maxResultChars),
    outcome,
    durationMs: clock.nowMs() - startedAtMs,
    ...(found.length === cited.length ? {} : { cites: found.slice(cited.length) }),
  });
  const tool = tools.find(({ definition }) => definition.name === call.name);
  if (tool === undefined) return end("refused", noSuchTool(tools));
  const args = argumentsIn(call);
  if (args === undefined) return end("failed", "Error: the arguments are not a JSON object.");
  try {
    const cite = (message: CitedMessage): number => numberOf(message, found);
    const { text, isFailure } = await withDeadline(
      (either) => tool.run(args, { ...context, cite }, either),
      maxCallMs,
      signal,
    );
    return end(isFailure === true ? "failed" : "done", text);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StoreError || error instanceof MemoryError) throw error;
    context.ports.log.error({ err: error, tool: call.name }, "a tool failed; the model is told so");
    return end("failed", `Error: ${call.name} failed. Say that you could not do it.`);
  }
}

function noSuchTool(tools: readonly Tool[]): string {
  return `Error: there is only ${tools.map(({ definition }) => definition.name).join(", ")}.`;
}

function argumentsIn({ argument }: ToolCall): ToolArguments | undefined {
  try {
    const parsed: unknown = JSON.parse(argument);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : undefined;
  } catch {
    return undefined;
  }
}

/** From 1. Adds a message that is not among those found. */
function numberOf(message: CitedMessage, found: CitedMessage[]): number {
  const known = found.findIndex(
    (each) => each.conversation === message.conversation && each.message === message.message,
  );
  return known === -1 ? found.push(message) : known + 1;
}
