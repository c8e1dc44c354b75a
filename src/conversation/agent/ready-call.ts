import type { ToolCall } from "../../domain/prompt.ts";
import type { CallResult } from "../../domain/tool-round.ts";
import type { Tool, ToolArguments } from "./tool.ts";

/** A call of an existing tool, with arguments that can be read. */
export interface ReadyCall {
  readonly tool: Tool;
  readonly args: ToolArguments;
}

/** Finds the tool of a call and reads its arguments. A call that can't be carried out already has its result. */
export function readyCall(tools: readonly Tool[], call: ToolCall): ReadyCall | CallResult {
  const tool = tools.find(({ definition }) => definition.name === call.name);
  if (tool === undefined) return { text: noSuchTool(tools), outcome: "refused", durationMs: 0 };
  const args = argumentsIn(call);
  if (args !== undefined) return { tool, args };
  return { text: "Error: the arguments are not a JSON object.", outcome: "failed", durationMs: 0 };
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
