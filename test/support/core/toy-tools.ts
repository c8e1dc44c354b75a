import type { Tool, ToolArguments } from "../../../src/conversation/agent/tool.ts";

/** A reading tool that gives back what `read` returns, and counts its calls. */
export function readingToy(
  name: string,
  read: (args: ToolArguments, signal: AbortSignal) => string | Promise<string>,
): Tool & { readonly calls: readonly ToolArguments[] } {
  const calls: ToolArguments[] = [];
  return {
    definition: {
      name,
      description: `Looks up the ${name}.`,
      parameters: {
        type: "object",
        properties: { of: { type: "string" } },
        required: ["of"],
        additionalProperties: false,
      },
    },
    calls,
    run: async (args, _context, signal) => {
      calls.push(args);
      return { text: await read(args, signal) };
    },
  };
}
