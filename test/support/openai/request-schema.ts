import { z } from "zod";

// Only the fields that the bot uses; a field that is not here is refused, as a slip of the pen would be.
// Bounds after OpenAI's API reference: at least 16 output tokens, cache keys of at most 64 characters.

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const text = z.string().min(1);

/** Body of `POST /v1/responses`. */
export const responsesBody = z.strictObject({
  model: text,
  instructions: text,
  input: z
    .array(
      z.strictObject({
        type: z.literal("message").optional(),
        role: z.enum(["user", "assistant"]),
        content: text,
      }),
    )
    .min(1),
  reasoning: z.strictObject({ effort: z.enum(efforts) }),
  max_output_tokens: z.int().min(16),
  prompt_cache_key: text.max(64),
  store: z.literal(false),
  stream: z.literal(true),
});

/** Body of `POST /v1/chat/completions`. */
export const chatBody = z.strictObject({
  model: text,
  messages: z
    .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: text }))
    .min(2)
    .refine(
      ([first, ...rest]) => first?.role === "system" && rest.every(({ role }) => role !== "system"),
      "one system message, and it stands first",
    ),
  max_completion_tokens: z.int().min(16),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
});
