import type { Config } from "./config/config.ts";
import type { ModelCheck } from "./models/openai/model-check.ts";
import { createDemoModel } from "./models/demo/demo-model.ts";
import type { Log } from "./ports/log.ts";
import type { Model, Models } from "./ports/model.ts";
import { proxyFromSettings } from "./runtime/addresses/outbound-proxy.ts";
import { systemClock as clock } from "./runtime/clock.ts";

/**
 * The models of the server that the settings name, or the built-in demo model. Loads only what is used. `check`: of the
 * environment's model.
 */
export async function openModels(
  config: Config,
  log: Log,
  opening: AsyncDisposableStack,
): Promise<{ readonly models: Models; readonly check?: ModelCheck }> {
  if (config.OPENAI_API_KEY === undefined && config.OPENAI_BASE_URL === undefined) {
    log.info({}, "the built-in demo model answers: neither OPENAI_API_KEY nor OPENAI_BASE_URL is set");
    const demo = createDemoModel();
    return { models: { named: () => demo } };
  }
  const { createOpenAiModel } = await import("./models/openai/openai-model.ts");
  const { leanFetch } = await import("./runtime/fetch/lean-fetch.ts");
  const { ModelCheck } = await import("./models/openai/model-check.ts");
  const options = {
    // Servers of one's own often need no key, and the client insists on one.
    apiKey: config.OPENAI_API_KEY ?? "none",
    ...(config.OPENAI_BASE_URL === undefined ? {} : { baseUrl: config.OPENAI_BASE_URL }),
    ...(config.OPENAI_PRESET === "auto" ? {} : { preset: config.OPENAI_PRESET }),
    ...(config.OPENAI_API === "auto" ? {} : { api: config.OPENAI_API }),
    ...(config.OPENAI_REASONING === "auto" ? {} : { effort: config.OPENAI_REASONING }),
    replyTokens: config.REPLY_TOKENS,
    idleMs: config.MODEL_IDLE_MS,
    loadMs: config.MODEL_LOAD_MS || Math.min(290_000, 10 * config.MODEL_IDLE_MS),
    fetch: leanFetch({ proxy: proxyFromSettings(config) }),
    log,
    clock,
  };
  const check = opening.use(new ModelCheck({ ...options, model: config.perPlace.model }));
  check.start();
  return { models: openedOnce((model) => createOpenAiModel({ ...options, model })), check };
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
