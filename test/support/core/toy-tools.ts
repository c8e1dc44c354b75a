import type { ReadingTool, ToolArguments, WritingTool } from "../../../src/conversation/agent/tool.ts";

const parameters = {
  type: "object",
  properties: { of: { type: "string" } },
  required: ["of"],
  additionalProperties: false,
};

/** A reading tool that gives back what `read` returns, and counts its calls. */
export function readingToy(
  name: string,
  read: (args: ToolArguments, signal: AbortSignal) => string | Promise<string>,
): ReadingTool & { readonly calls: readonly ToolArguments[] } {
  const calls: ToolArguments[] = [];
  return {
    definition: {
      name,
      description: `Looks up the ${name}.`,
      parameters,
    },
    calls,
    effect: "reads",
    run: async (args, _context, signal) => {
      calls.push(args);
      return { text: await read(args, signal) };
    },
  };
}

/** A writing tool that does what `write` does, and keeps the keys of its calls. */
export function writingToy(
  name: string,
  write: (args: ToolArguments, signal: AbortSignal) => string | Promise<string>,
  approval: Pick<WritingTool, "needsApproval" | "approvalMs"> = {},
): WritingTool & { readonly keys: readonly string[] } {
  const keys: string[] = [];
  return {
    definition: { name, description: `Writes down the ${name}.`, parameters },
    effect: "writes",
    describe: ({ of }) => `write down ${String(of)}`,
    ...approval,
    keys,
    run: async (args, { key }, signal) => {
      keys.push(key);
      return { text: await write(args, signal) };
    },
  };
}
