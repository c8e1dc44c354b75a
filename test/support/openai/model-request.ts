import type { IncomingHttpHeaders } from "node:http";

import type { z } from "zod";

import { chatBody, responsesBody, type ChatMessage, type InputItem } from "./request-schema.ts";

/** One request that was let through, in the same words for both APIs. */
export interface ModelRequest {
  readonly api: "responses" | "chat";
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: z.output<typeof responsesBody> | z.output<typeof chatBody>;
  readonly instructions: string;
  /** What the model may call. */
  readonly tools: readonly OfferedTool[];
  /** Oldest first; the last one is the question. */
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly text: string }[];
  /** What the messages show, in their order. */
  readonly images: readonly SentImage[];
  /** What the model has called for this answer, and was told. */
  readonly results: readonly CallResult[];
  readonly maxTokens: number;
  readonly cacheKey?: string;
}

interface SentImage {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly detail: string;
}

interface OfferedTool {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly strict?: boolean | undefined;
}

interface CallResult {
  readonly name: string;
  readonly argument: string;
  readonly result: string;
}

type Received = Pick<ModelRequest, "atMs" | "headers"> & { readonly json: unknown };

/** @throws {z.ZodError} when the body is not one that the API takes. */
export function readResponsesRequest({ json, ...received }: Received): ModelRequest {
  assertShape(responsesBody, json);
  const body = json;
  return {
    ...received,
    api: "responses",
    body,
    instructions: body.instructions ?? "",
    tools: body.tools ?? [],
    messages: body.input.flatMap((item) => {
      if (!("content" in item) || item.role === undefined) return [];
      if (typeof item.content === "string") return [{ role: item.role, text: item.content }];
      return item.role === "user" ? [{ role: item.role, text: textIn(item.content) }] : [];
    }),
    images: body.input.flatMap((item) =>
      "content" in item && item.role === "user" ? imagesIn(item.content) : [],
    ),
    results: body.input.flatMap((item) =>
      item.type === "function_call_output" ? resultsIn(callsOf(body.input), item.call_id, item.output) : [],
    ),
    maxTokens: body.max_output_tokens ?? 0,
    ...keyIn(body),
  };
}

/** @throws {z.ZodError} when the body is not one that the API takes. */
export function readChatRequest({ json, ...received }: Received): ModelRequest {
  assertShape(chatBody, json);
  const body = json;
  return {
    ...received,
    api: "chat",
    body,
    instructions: body.messages[0]?.role === "system" ? textIn(body.messages[0].content) : "",
    tools: (body.tools ?? []).map((tool) => tool.function),
    messages: body.messages.flatMap((message) => {
      if (message.role === "system" || message.role === "tool" || "tool_calls" in message) return [];
      return [{ role: message.role, text: textIn(message.content) }];
    }),
    images: body.messages.flatMap((message) => (message.role === "user" ? imagesIn(message.content) : [])),
    results: body.messages.flatMap((message) =>
      message.role === "tool" ? resultsIn(callsIn(body.messages), message.tool_call_id, message.content) : [],
    ),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? 0,
    ...keyIn(body),
  };
}

type Part =
  | { readonly type: "input_text" | "text"; readonly text: string }
  | { readonly type: "input_image"; readonly image_url: string; readonly detail: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string; readonly detail: string } };

function textIn(content: string | readonly Part[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => ("text" in part ? part.text : "")).join("");
}

function imagesIn(content: string | readonly Part[]): readonly SentImage[] {
  if (typeof content === "string") return [];
  return content.flatMap((part) => {
    if ("text" in part) return [];
    const { url, detail } =
      part.type === "image_url" ? part.image_url : { url: part.image_url, detail: part.detail };
    const [head = "", encoded = ""] = url.split(",", 2);
    return [{ mediaType: head.slice(5, -7), bytes: Buffer.from(encoded, "base64"), detail }];
  });
}

/** Keeps the very body that arrived: a parsed copy has its fields in another order. */
function assertShape<Shape extends z.ZodType>(shape: Shape, json: unknown): asserts json is z.output<Shape> {
  shape.parse(json);
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly argument: string;
}

function callsOf(input: readonly InputItem[]): readonly Call[] {
  return input.flatMap((item) =>
    item.type === "function_call" ? [{ id: item.call_id, name: item.name, argument: item.arguments }] : [],
  );
}

function callsIn(messages: readonly ChatMessage[]): readonly Call[] {
  return messages
    .flatMap((message) => ("tool_calls" in message ? message.tool_calls : []))
    .map(({ id, function: { name, arguments: argument } }) => ({ id, name, argument }));
}

function resultsIn(calls: readonly Call[], id: string, result: string): readonly CallResult[] {
  return calls.filter((call) => call.id === id).map(({ name, argument }) => ({ name, argument, result }));
}

function keyIn(body: { readonly prompt_cache_key?: string | undefined }): { readonly cacheKey?: string } {
  return body.prompt_cache_key === undefined ? {} : { cacheKey: body.prompt_cache_key };
}
