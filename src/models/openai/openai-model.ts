import type { Prompt } from "../../domain/prompt.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Fetch } from "../../runtime/fetch/lean-fetch.ts";
import { addUsage, type Usage } from "../../domain/token-usage.ts";
import { ModelError, type Model, type ModelOutput } from "../../ports/model.ts";
import { countTokens } from "../count-tokens.ts";
import { chatApi } from "./chat/chat-api.ts";
import { openClient } from "./server/client.ts";
import type { Effort } from "./api/request-feature.ts";
import { FeatureSupport } from "./request/feature-support.ts";
import { expectedTraits } from "./server/server-traits.ts";
import { TooLongError } from "./failure/failure.ts";
import { LearnedWindow } from "./request/learned-window.ts";
import type { ModelCall } from "./api/model-call.ts";
import { presets } from "./presets/all-presets.ts";
import type { Api, Preset } from "./presets/preset.ts";
import { providerWordsFor } from "./failure/provider-words.ts";
import { readStream, type ReadingOptions } from "./stream/read-stream.ts";
import { responsesApi } from "./responses/responses-api.ts";
import { shrinkAfter } from "./request/shrink-request.ts";
import { Retries } from "./request/retries.ts";
import { presetOf, routesTo, type Address, type Route } from "./server/routes.ts";
import { RouteMemory } from "./server/route-memory.ts";

export interface OpenAiModelOptions extends Address {
  readonly apiKey: string;
  readonly model: string;
  /** Reasoning effort. Missing: `low` over Responses, the model's default over Chat Completions. */
  readonly effort?: Effort;
  /** Maximum length of the visible answer; reasoning comes on top. */
  readonly replyTokens: number;
  /** A call fails when the provider is silent for this long. */
  readonly idleMs: number;
  /** Maximum time to the first word, while a local server loads the model. Missing: `idleMs`. */
  readonly loadMs?: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Sends the requests. */
  readonly fetch: Fetch;
}

/** After this time people are told that the model is loading. */
const maxSilenceMs = 8_000;
const usualThoughts = 4_000;
/** Reasoning counts against the limit of the answer. Without this room, a low limit leaves the answer empty. */
const roomForThoughts: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_000,
  low: usualThoughts,
  medium: 8_000,
  high: 16_000,
  xhigh: 32_000,
  max: 64_000,
};

type AskOnce = (call: ModelCall, signal: AbortSignal) => AsyncIterable<ModelOutput>;

/** A model of OpenAI, or of any server with one of its two APIs. @throws {TypeError} for a key that can't be a header. */
export function createOpenAiModel(options: OpenAiModelOptions): Model {
  const routes = new RouteMemory(routesTo(options).map(routeOpener(options)), options.log);
  const thoughtTokens = options.effort === undefined ? usualThoughts : roomForThoughts[options.effort];
  const window = new LearnedWindow(options, options.replyTokens + thoughtTokens);
  const { omitted = [] } = presetFor(options);
  const features = new FeatureSupport(options, { omitted, effort: options.effort });
  const parts = { ...options, thoughtTokens, routes, window, features };
  return {
    name: options.model,
    isDemo: false,
    countTokens,
    promptTokens: () => window.promptTokens,
    seesImages: () => features.isSent("images"),
    answer: (prompt, signal) => answerAndLogReason(parts, prompt, signal),
  };
}

interface OpenRoute {
  readonly api: Api;
  readonly baseUrl: string;
  readonly askOnce: AskOnce;
}

function routeOpener(options: OpenAiModelOptions): (route: Route) => OpenRoute {
  const { apiKey, fetch } = options;
  const preset = presetFor(options);
  const traits = expectedTraits(options.model, preset.host !== undefined);
  const patience = patienceFor(options, preset);
  return ({ api, baseUrl, query }) => {
    const client = openClient({ apiKey, baseUrl, query, keyHeader: preset.keyHeader, fetch });
    const reading = {
      ...patience,
      traits,
      api: api === "chat" ? chatApi(client, preset.effortForm) : responsesApi(client),
    };
    return { api, baseUrl, askOnce: (call, signal) => readStream(reading, call, signal) };
  };
}

/** Hosted providers keep their models loaded. */
function patienceFor(
  { idleMs, loadMs = idleMs }: OpenAiModelOptions,
  preset: Preset,
): Pick<ReadingOptions, "patience" | "noticeAfterMs"> {
  const isLoaded = preset.api === undefined && preset.host !== undefined;
  const patience = {
    openMs: isLoaded ? idleMs : Math.max(idleMs, loadMs),
    loadMs: Math.max(idleMs, loadMs),
    idleMs,
  };
  return {
    patience,
    noticeAfterMs: preset.host === undefined ? Math.min(maxSilenceMs, loadMs / 10) : undefined,
  };
}

function presetFor(options: OpenAiModelOptions): Preset {
  const name = presetOf(options);
  return name === undefined ? {} : presets[name];
}

interface ModelParts extends OpenAiModelOptions {
  readonly thoughtTokens: number;
  readonly routes: RouteMemory<OpenRoute>;
  readonly window: LearnedWindow;
  readonly features: FeatureSupport;
}

/** Logs the provider's own reason for a failure. */
async function* answerAndLogReason(
  parts: ModelParts,
  prompt: Prompt,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  try {
    yield* answer(parts, prompt, signal);
  } catch (error) {
    const says =
      error instanceof ModelError ? providerWordsFor(error, { prompt, model: parts.model }) : undefined;
    if (error instanceof ModelError && says !== undefined)
      parts.log.warn({ kind: error.kind, says }, "the provider gave a reason for its refusal");
    throw error;
  }
}

async function* answer(parts: ModelParts, given: Prompt, signal: AbortSignal): AsyncGenerator<ModelOutput> {
  const { model, replyTokens, thoughtTokens, window } = parts;
  const retries = new Retries(parts);
  const routes = parts.routes.forAnswer();
  const features = parts.features.forAnswer(given);
  let before: Usage | undefined;
  let narrowed = 0;
  for (;;) {
    let isAnswered = false;
    const { prompt } = features;
    const maxTokens = window.roomFor(prompt, thoughtTokens + (retries.hasMoreRoom ? 2 : 1) * replyTokens);
    const call = { model, maxTokens, ...features.requestFor(routes.current.api) };
    try {
      for await (const output of routes.current.askOnce(call, signal)) {
        if (output.kind === "loading") {
          yield output;
          continue;
        }
        isAnswered = output.kind !== "withdrawn";
        routes.saveWorking();
        features.saveOmitted();
        for (const unseen of features.unseen()) yield unseen;
        yield output.kind === "called" || output.kind === "finished" ? withUsage(output, before) : output;
      }
      return;
    } catch (error) {
      if (isAnswered) throw error;
      // An answer without text costs tokens too.
      if (error instanceof ModelError) before = addUsage(before, error.usage);
      if (error instanceof TooLongError) {
        const taken = shrinkAfter(error, { features, window }, { prompt, maxTokens, narrowed });
        if (taken === undefined) throw error;
        if (taken === "room") narrowed += 1;
      } else if (!routes.nextAfter(error) && !features.omitAfter(error, routes.current.api)) {
        const isSuspect = retries.hasMoreRoom && isSilent(error) && window.suspect(prompt);
        const first = isSuspect ? new TooLongError("No answer at all", {}) : features.firstErrorFor(error);
        await retries.waitAfter(first, signal);
      }
    }
  }
}

/** Whether the answer had neither text nor reasoning. */
function isSilent(error: unknown): boolean {
  return error instanceof ModelError && error.kind === "empty" && (error.usage?.replyTokens ?? 0) === 0;
}

function withUsage<Output extends { readonly usage?: Usage }>(
  output: Output,
  before: Usage | undefined,
): Output {
  const usage = addUsage(before, output.usage);
  return usage === undefined ? output : { ...output, usage };
}
