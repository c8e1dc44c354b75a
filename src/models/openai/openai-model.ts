import type { Prompt } from "../../domain/prompt.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { ModelError, sumOf, type Model, type ModelOutput, type Usage } from "../../ports/model.ts";
import { countTokens } from "../count-tokens.ts";
import { chatApi } from "./chat-api.ts";
import { openClient } from "./client.ts";
import { Extras } from "./extras.ts";
import type { ModelCall } from "./model-call.ts";
import { readStream } from "./read-stream.ts";
import { responsesApi } from "./responses-api.ts";
import { Retries } from "./retries.ts";

export interface OpenAiModelOptions {
  readonly apiKey: string;
  /** Ends in `/v1`. Missing: OpenAI's own. */
  readonly baseUrl?: string;
  readonly model: string;
  readonly api: "responses" | "chat";
  /** How hard the model thinks; sent with Responses only. */
  readonly reasoning: string;
  /** What the visible answer may take; reasoning comes on top. */
  readonly replyTokens: number;
  /** A provider that sends nothing for so long, headers included, has stalled. */
  readonly idleMs: number;
  readonly log: Log;
  readonly clock: Clock;
}

type AskOnce = (call: ModelCall, signal: AbortSignal) => AsyncIterable<ModelOutput>;

/** A model of OpenAI's, or of a server that speaks one of its two APIs. @throws {TypeError} for a key that can't be sent. */
export function createOpenAiModel(options: OpenAiModelOptions): Model {
  const asking = { ...options, askOnce: askWith(options), extras: new Extras(options.log) };
  return {
    name: options.model,
    isDemo: false,
    countTokens,
    answer: (prompt, signal) => answer(asking, prompt, signal),
  };
}

function askWith({ apiKey, baseUrl, api, reasoning, idleMs }: OpenAiModelOptions): AskOnce {
  const client = openClient(apiKey, baseUrl);
  if (api === "chat") {
    const chat = chatApi(client);
    return (call, signal) => readStream(chat, call, idleMs, signal);
  }
  const responses = responsesApi(client, reasoning);
  return (call, signal) => readStream(responses, call, idleMs, signal);
}

interface Asking extends OpenAiModelOptions {
  readonly askOnce: AskOnce;
  readonly extras: Extras;
}

async function* answer(asking: Asking, prompt: Prompt, signal: AbortSignal): AsyncGenerator<ModelOutput> {
  const { model, replyTokens, askOnce } = asking;
  const retries = new Retries(asking);
  const extras = asking.extras.for(prompt);
  let before: Usage | undefined;
  for (;;) {
    let isAnswered = false;
    const room = retries.hasMoreRoom ? 2 * replyTokens : replyTokens;
    try {
      for await (const output of askOnce({ model, replyTokens: room, ...extras.request }, signal)) {
        isAnswered = true;
        extras.isAnswered();
        yield output.kind === "piece" ? output : withUsage(output, before);
      }
      return;
    } catch (error) {
      if (isAnswered) throw error;
      // An answer without words was billed too.
      if (error instanceof ModelError) before = sumOf(before, error.usage);
      if (!extras.leaveOutAfter(error)) await retries.waitAfter(error, signal);
    }
  }
}

function withUsage<Output extends { readonly usage?: Usage }>(
  output: Output,
  before: Usage | undefined,
): Output {
  const usage = sumOf(before, output.usage);
  return usage === undefined ? output : { ...output, usage };
}
