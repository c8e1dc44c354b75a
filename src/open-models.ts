import type { Config } from "./config/config.ts";
import type { ModelCheck } from "./models/openai/model-check.ts";
import { createDemoModel } from "./models/demo/demo-model.ts";
import type { TranscriberOptions } from "./models/openai/media/openai-transcriber.ts";
import type { ImageMaker } from "./ports/image-maker.ts";
import type { Log } from "./ports/log.ts";
import type { Model, Models } from "./ports/model.ts";
import type { Transcriber } from "./ports/transcriber.ts";
import { proxyFromSettings } from "./runtime/addresses/outbound-proxy.ts";
import { systemClock as clock } from "./runtime/clock.ts";

interface OpenedModels {
  readonly models: Models;
  /** Of the environment's model. */
  readonly check?: ModelCheck;
  /** Missing: no setting names its model, or there is no server. */
  readonly transcriber?: Transcriber;
  readonly imageMaker?: ImageMaker;
}

/** The models of the server that the settings name, or the built-in demo model. Loads only what is used. */
export async function openModels(
  config: Config,
  log: Log,
  opening: AsyncDisposableStack,
): Promise<OpenedModels> {
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    log.info({}, "the built-in demo model answers: neither OPENAI_API_KEY nor OPENAI_BASE_URL is set");
    if ((config.OPENAI_AUDIO_MODEL ?? config.OPENAI_IMAGE_MODEL) !== undefined)
      log.warn({}, "OPENAI_AUDIO_MODEL and OPENAI_IMAGE_MODEL need OPENAI_API_KEY or OPENAI_BASE_URL");
    const demo = createDemoModel();
    return { models: { named: () => demo } };
  }
  const { createOpenAiModel } = await import("./models/openai/openai-model.ts");
  const { leanFetch } = await import("./runtime/fetch/lean-fetch.ts");
  const { ModelCheck } = await import("./models/openai/model-check.ts");
  const server = {
    // Servers of one's own often need no key, and the client insists on one.
    apiKey: config.OPENAI_API_KEY ?? "none",
    ...(config.OPENAI_BASE_URL === undefined ? {} : { baseUrl: config.OPENAI_BASE_URL }),
    ...(config.OPENAI_PRESET === "auto" ? {} : { preset: config.OPENAI_PRESET }),
    ...(config.OPENAI_API === "auto" ? {} : { api: config.OPENAI_API }),
    fetch: leanFetch({ proxy: proxyFromSettings(config) }),
    log,
    clock,
  };
  const options = {
    ...server,
    ...(config.OPENAI_REASONING === "auto" ? {} : { effort: config.OPENAI_REASONING }),
    replyTokens: config.REPLY_TOKENS,
    idleMs: config.MODEL_IDLE_MS,
    loadMs: config.MODEL_LOAD_MS || Math.min(290_000, 10 * config.MODEL_IDLE_MS),
  };
  const check = opening.use(new ModelCheck({ ...server, ...modelsToFind(config) }));
  check.start();
  return {
    models: openedOnce((model) => createOpenAiModel({ ...options, model })),
    check,
    ...(await openMedia(config, server)),
  };
}

/** The names that the check looks up. */
function modelsToFind({ perPlace, OPENAI_AUDIO_MODEL: audio, OPENAI_IMAGE_MODEL: image }: Config) {
  const others = [
    ...(audio === undefined ? [] : [{ name: audio, setting: "OPENAI_AUDIO_MODEL" }]),
    ...(image === undefined ? [] : [{ name: image, setting: "OPENAI_IMAGE_MODEL" }]),
  ];
  return { model: perPlace.model, others };
}

/** The models for recordings and images, each where a setting names it. */
async function openMedia(
  { OPENAI_AUDIO_MODEL: audio, OPENAI_IMAGE_MODEL: image }: Config,
  server: Omit<TranscriberOptions, "model">,
): Promise<Pick<OpenedModels, "transcriber" | "imageMaker">> {
  const opened: { transcriber?: Transcriber; imageMaker?: ImageMaker } = {};
  if (audio !== undefined) {
    const { createTranscriber } = await import("./models/openai/media/openai-transcriber.ts");
    opened.transcriber = createTranscriber({ ...server, model: audio });
  }
  if (image !== undefined) {
    const { createImageMaker } = await import("./models/openai/media/openai-image-maker.ts");
    opened.imageMaker = createImageMaker({ ...server, model: image });
  }
  return opened;
}

/** A model keeps what it learns of its server. As many stay open as the settings name. */
function openedOnce(open: (name: string) => Model): Models {
  const opened = new Map<string, Model>();
  return {
    named: (name) => {
      const model = opened.get(name) ?? open(name);
      opened.set(name, model);
      return model;
    },
  };
}
