import type { IncomingHttpHeaders } from "node:http";

import type { z } from "zod";

import { chatBody, responsesBody } from "./request-schema.ts";

/** One request that was let through, in the same words for both APIs. */
export interface ModelRequest {
  readonly api: "responses" | "chat";
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: z.output<typeof responsesBody> | z.output<typeof chatBody>;
  readonly instructions: string;
  /** Oldest first; the last one is the question. */
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly text: string }[];
  readonly maxTokens: number;
  readonly cacheKey?: string;
}

type Received = Pick<ModelRequest, "atMs" | "headers"> & { readonly json: unknown };

/** @throws {z.ZodError} when the body is not one that the API takes. */
export function readResponsesRequest({ json, ...received }: Received): ModelRequest {
  const body = responsesBody.parse(json);
  return {
    ...received,
    api: "responses",
    body,
    instructions: body.instructions,
    messages: body.input.map(({ role, content }) => ({ role, text: content })),
    maxTokens: body.max_output_tokens,
    cacheKey: body.prompt_cache_key,
  };
}

/** @throws {z.ZodError} when the body is not one that the API takes. */
export function readChatRequest({ json, ...received }: Received): ModelRequest {
  const body = chatBody.parse(json);
  return {
    ...received,
    api: "chat",
    body,
    instructions: body.messages[0]?.content ?? "",
    messages: body.messages.flatMap(({ role, content }) =>
      role === "system" ? [] : [{ role, text: content }],
    ),
    maxTokens: body.max_completion_tokens,
  };
}
