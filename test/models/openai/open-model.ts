import type { Prompt } from "../../../src/domain/prompt.ts";
import { createOpenAiModel, type OpenAiModelOptions } from "../../../src/models/openai/openai-model.ts";
import type { Model, ModelOutput } from "../../../src/ports/model.ts";
import { leanFetch } from "../../../src/runtime/fetch/lean-fetch.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import type { OpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { payerIn } from "../../support/core/payer-in.ts";

export const apis = ["responses", "chat"] as const;

export const prompt: Prompt = {
  purpose: "answer",
  payer: payerIn("slack:T1:C1:1700000000.000100"),
  instructions: "Be kind and brief.",
  messages: [
    { role: "person", content: "Ada: the launch is on Friday" },
    { role: "bot", content: "Noted." },
    { role: "person", content: "Grace: when is the launch?" },
  ],
};

/** As the program sends. */
export const fetch = leanFetch({ proxy: undefined });

interface Opened {
  readonly model: Model;
  readonly waitsMs: readonly number[];
  readonly log: RecordingLog;
}

/** A model at any address, as it is set when nothing else is. */
export function openModelAt(baseUrl: string, options: Partial<OpenAiModelOptions> = {}): Opened {
  return openModel({ baseUrl, apiKey: "test-openai-key" }, options);
}

/** A model whose waits between retries take no time, and are kept. */
export function openModel(
  { baseUrl, apiKey }: Pick<OpenAiStandIn, "baseUrl" | "apiKey">,
  options: Partial<OpenAiModelOptions>,
): Opened {
  const waitsMs: number[] = [];
  const log = new RecordingLog();
  const model = createOpenAiModel({
    apiKey,
    baseUrl,
    model: "gpt-6-luna",
    replyTokens: 2_000,
    idleMs: 60_000,
    fetch,
    log,
    clock: {
      nowMs: () => Date.now(),
      sleep: (ms, signal) => {
        signal.throwIfAborted();
        waitsMs.push(ms);
        return Promise.resolve();
      },
    },
    ...options,
  });
  return { model, waitsMs, log };
}

type Called = Extract<ModelOutput, { kind: "called" }>;

export interface Heard {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly finished: readonly Extract<ModelOutput, { kind: "finished" }>[];
  readonly called: readonly Called[];
  /** How often it was told that the model loads; missing when it was not. */
  readonly loading?: number;
  /** Pieces that were taken back; missing when none were. */
  readonly withdrawn?: readonly string[];
  /** The names of the images that it was not shown, in the order in which it was told; missing when there were none. */
  readonly unseen?: readonly string[];
  /** What the iteration threw. */
  readonly error?: unknown;
}

/** Reads an answer to its end, whichever it is. `onText`: gets the text so far. */
export async function hear(
  model: Model,
  signal = AbortSignal.timeout(600_000),
  asked = prompt,
  onText: (text: string) => void = () => undefined,
): Promise<Heard> {
  const pieces: string[] = [];
  const finished: Heard["finished"][number][] = [];
  const called: Called[] = [];
  const withdrawn: string[] = [];
  const unseen: string[] = [];
  let loading = 0;
  const heard = (): Heard => ({
    text: pieces.join(""),
    pieces,
    finished,
    called,
    ...(loading === 0 ? {} : { loading }),
    ...(withdrawn.length === 0 ? {} : { withdrawn }),
    ...(unseen.length === 0 ? {} : { unseen }),
  });
  try {
    for await (const output of model.answer(asked, signal)) {
      if (output.kind === "piece") pieces.push(output.text);
      else if (output.kind === "called") called.push(output);
      else if (output.kind === "finished") finished.push(output);
      else if (output.kind === "loading") loading += 1;
      else if (output.kind === "unseen")
        unseen.push(`${output.images.map(({ name }) => name).join()}: ${output.why}`);
      else withdrawn.push(pieces.splice(0).join(""));
      onText(pieces.join(""));
    }
    return heard();
  } catch (error) {
    return { ...heard(), error };
  }
}
