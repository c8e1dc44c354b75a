import type { Tool } from "../../../domain/prompt.ts";

/** A function's parameters as they are sent. Servers without strict schemas may refuse what only those need. */
export function sentSchema({ parameters }: Tool, isStrict: boolean): Record<string, unknown> {
  const { additionalProperties: _, ...plain } = parameters;
  return isStrict ? { ...parameters } : plain;
}
