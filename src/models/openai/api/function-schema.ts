import type { ToolDefinition } from "../../../domain/prompt.ts";

/** The schema of a function's parameters. Servers without strict schemas may reject `additionalProperties`. */
export function sentSchema({ parameters }: ToolDefinition, isStrict: boolean): Record<string, unknown> {
  const { additionalProperties: _, ...plain } = parameters;
  return isStrict ? { ...parameters } : plain;
}
