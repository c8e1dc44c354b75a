import { z } from "zod";

// Only the fields that the bot uses; a field that is not here is refused, as a slip of the pen would be.
// Bounds after OpenAI's API reference: at least 16 output tokens, cache keys of at most 64 characters, names of
// functions of at most 64 letters, digits, dashes and underscores.

const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const text = z.string().min(1);
const id = z.string().min(1).max(64);
const functionName = z.string().regex(/^[\w-]{1,64}$/u);
const parameters = z.record(z.string(), z.unknown());
const status = z.enum(["in_progress", "completed", "incomplete"]);

const imageUrl = z.string().regex(/^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$/u);
const detail = z.enum(["low", "high", "auto"]);

const message = z.strictObject({
  type: z.literal("message").optional(),
  role: z.enum(["user", "assistant"]),
  content: text,
});

const messageWithImages = z.strictObject({
  type: z.literal("message"),
  role: z.literal("user"),
  content: z
    .array(
      z.union([
        z.strictObject({ type: z.literal("input_text"), text }),
        z.strictObject({ type: z.literal("input_image"), image_url: imageUrl, detail }),
      ]),
    )
    .min(1),
});

/** A message of an earlier answer, given back as it came. */
const outputMessage = z.strictObject({
  type: z.literal("message"),
  id,
  status,
  role: z.literal("assistant"),
  content: z.array(
    z.strictObject({
      type: z.literal("output_text"),
      text: z.string(),
      annotations: z.array(z.unknown()),
      logprobs: z.array(z.unknown()),
    }),
  ),
});

const reasoning = z.strictObject({
  type: z.literal("reasoning"),
  id,
  summary: z.array(z.strictObject({ type: z.literal("summary_text"), text: z.string() })),
  encrypted_content: text.nullish(),
});

const functionCall = z.strictObject({
  type: z.literal("function_call"),
  id: id.optional(),
  call_id: id,
  name: functionName,
  arguments: z.string(),
  status: status.optional(),
});

const functionCallOutput = z.strictObject({
  type: z.literal("function_call_output"),
  call_id: id,
  output: z.string(),
});

const inputItem = z.union([
  message,
  messageWithImages,
  outputMessage,
  reasoning,
  functionCall,
  functionCallOutput,
]);

export type InputItem = z.output<typeof inputItem>;

/** Body of `POST /v1/responses`. */
export const responsesBody = z.strictObject({
  model: text,
  instructions: text.optional(),
  tools: z
    .array(
      z.strictObject({
        type: z.literal("function"),
        name: functionName,
        description: text,
        parameters,
        strict: z.boolean().optional(),
      }),
    )
    .min(1)
    .optional(),
  include: z.array(z.literal("reasoning.encrypted_content")).optional(),
  input: z.array(inputItem).min(1),
  reasoning: z.strictObject({ effort: z.enum(efforts) }).optional(),
  max_output_tokens: z.int().min(16).optional(),
  prompt_cache_key: text.max(64).optional(),
  store: z.literal(false),
  stream: z.literal(true),
});

const chatCall = z.strictObject({
  id,
  type: z.literal("function"),
  function: z.strictObject({ name: functionName, arguments: z.string() }),
});

const chatParts = z
  .array(
    z.union([
      z.strictObject({ type: z.literal("text"), text }),
      z.strictObject({
        type: z.literal("image_url"),
        image_url: z.strictObject({ url: imageUrl, detail }),
      }),
    ]),
  )
  .min(1);

const chatMessage = z.union([
  z.strictObject({ role: z.literal("user"), content: chatParts }),
  z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: text }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string().nullable(),
    tool_calls: z.array(chatCall).min(1),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: id, content: z.string() }),
]);

export type ChatMessage = z.output<typeof chatMessage>;

/** Body of `POST /v1/chat/completions`. */
export const chatBody = z.strictObject({
  model: text,
  tools: z
    .array(
      z.strictObject({
        type: z.literal("function"),
        function: z.strictObject({
          name: functionName,
          description: text,
          parameters,
          strict: z.boolean().optional(),
        }),
      }),
    )
    .min(1)
    .optional(),
  messages: z
    .array(chatMessage)
    .min(1)
    .refine(
      ([, ...rest]) => rest.every(({ role }) => role !== "system"),
      "one system message at most, and it stands first",
    ),
  max_completion_tokens: z.int().min(16).optional(),
  max_tokens: z.int().min(16).optional(),
  reasoning_effort: z.enum(efforts).optional(),
  prompt_cache_key: text.max(64).optional(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }).optional(),
});
