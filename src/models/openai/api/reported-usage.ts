import type { Usage } from "../../../domain/token-usage.ts";
import { asObject } from "../../json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The names that one API has for the parts of its `usage`. */
interface UsageNames {
  readonly prompt: string;
  readonly promptDetails: string;
  readonly reply: string;
  readonly replyDetails: string;
}

/** Reads a `usage` object. Empty unless it has both totals. Parts that the server does not report stay unknown. */
export function reportedUsage(usage: Fields, names: UsageNames): { readonly usage?: Usage } {
  const { [names.prompt]: promptTokens, [names.reply]: replyTokens } = usage;
  if (typeof promptTokens !== "number" || typeof replyTokens !== "number") return {};
  const prompt = asObject(usage[names.promptDetails]);
  const reply = asObject(usage[names.replyDetails]);
  return {
    usage: {
      promptTokens,
      replyTokens,
      ...count("cachedTokens", prompt["cached_tokens"]),
      ...count("cacheWriteTokens", prompt["cache_write_tokens"]),
      ...count("reasoningTokens", reply["reasoning_tokens"]),
    },
  };
}

function count(name: keyof Usage, value: unknown): Partial<Usage> {
  return typeof value === "number" ? { [name]: value } : {};
}
