import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ModelErrorKind } from "../../ports/model.ts";
import type { Fetch } from "../../runtime/fetch/lean-fetch.ts";
import type { Health, Component } from "../../ports/component.ts";
import { asList, asObject, asText } from "../json.ts";
import { openClient } from "./server/client.ts";
import { asModelError, PassingModelError } from "./failure/failure.ts";
import { presetOf, routesTo, type Address } from "./server/routes.ts";
import { presets } from "./presets/all-presets.ts";
import type { Preset } from "./presets/preset.ts";
import { unreachableReason } from "./failure/unreachable.ts";

interface CheckOptions extends Address {
  readonly apiKey: string;
  readonly model: string;
  /** Models for recordings and images, with the settings that name them. They do not count for the health. */
  readonly others?: readonly { readonly name: string; readonly setting: string }[];
  readonly log: Log;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

const checkTimeoutMs = 10_000;
/** While there is a problem, the check is repeated. */
const recheckAfterMs = 300_000;

const reasons: Partial<Readonly<Record<ModelErrorKind, string>>> = {
  "bad-key": "the provider rejects OPENAI_API_KEY",
  "not-allowed": "the provider does not let OPENAI_API_KEY see its models",
  loading: "the model's server is still loading",
};

/**
 * Lists the server's models at start, in the background. This is free, and finds a wrong key, address or name of a model
 * before a person does.
 */
export class ModelCheck implements Component {
  readonly name = "model";
  readonly #options: CheckOptions;
  readonly #end = new AbortController();
  #health: Health = { ok: true, why: "" };
  readonly #warnedOf = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  readonly health = (): Health => this.#health;

  start(): void {
    this.#running ??= this.#run().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, clock, model } = this.#options;
    for (;;) {
      const health = await this.#check();
      this.#end.signal.throwIfAborted();
      if (!health.ok && health.why !== this.#health.why)
        log.warn({ model, why: health.why }, "the model may not answer; check the OPENAI_… settings");
      if (health.ok && !this.#health.ok) log.info({ model }, "the model's server is fine again");
      this.#health = health;
      if (health.ok) return;
      await clock.sleep(recheckAfterMs, this.#end.signal);
    }
  }

  async #check(): Promise<Health> {
    const { model } = this.#options;
    const bases = Map.groupBy(routesTo(this.#options), ({ baseUrl }) => baseUrl);
    for (const [route] of bases.values()) {
      if (route === undefined) continue;
      const list = await this.#listAt(route);
      if (list === "missing") continue;
      if ("ok" in list) return list;
      this.#warnOfOthers(list.models);
      return list.models.length === 0 || list.models.some((each) => isNamed(each, model))
        ? { ok: true, why: "" }
        : { ok: false, why: `the model's server does not list ${model}; check OPENAI_MODEL` };
    }
    // Some servers can't list their models.
    return { ok: true, why: "" };
  }

  /** Once for each: they are needed only now and then. */
  #warnOfOthers(listed: readonly string[]): void {
    const { others = [], log } = this.#options;
    for (const { name, setting } of others) {
      const isKnown = listed.length === 0 || listed.some((each) => isNamed(each, name));
      if (isKnown || this.#warnedOf.has(setting)) continue;
      this.#warnedOf.add(setting);
      const why = `the model's server does not list ${name}; check ${setting}`;
      log.warn({ model: name, why }, "recordings may not be heard, or images not made; check the setting");
    }
  }

  async #listAt(
    route: ReturnType<typeof routesTo>[number],
  ): Promise<Health | "missing" | { readonly models: readonly string[] }> {
    const { apiKey, fetch } = this.#options;
    const preset = presetOf(this.#options);
    const { keyHeader }: Preset = preset === undefined ? {} : presets[preset];
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(checkTimeoutMs)]);
    try {
      const client = openClient({ apiKey, baseUrl: route.baseUrl, query: route.query, keyHeader, fetch });
      const response = await client.models.list({ signal }).asResponse();
      const text = await response.text();
      if (text.trimStart().startsWith("<"))
        return { ok: false, why: "OPENAI_BASE_URL leads to a web page, not to a model server" };
      return { models: preset === "azure" ? [] : modelsIn(JSON.parse(text)) };
    } catch (error) {
      const failure = asModelError(error);
      if (isMissing(error)) return "missing";
      if (failure instanceof PassingModelError && failure.kind === "cut-off") return "missing";
      const why = failure.kind === "unreachable" ? unreachableReason(error) : reasons[failure.kind];
      return { ok: false, why: why ?? failure.message };
    }
  }
}

function isMissing(error: unknown): boolean {
  const { status } = asObject(error);
  return status === 404 || status === 405 || status === 501;
}

/** Empty for servers that list their model under another name. */
function modelsIn(json: unknown): readonly string[] {
  const { data, models } = asObject(json);
  const listed = [...asList(data), ...asList(models), ...asList(json)].map(asObject);
  if (listed.some(({ owned_by: owner }) => owner === "llamacpp")) return [];
  return listed.flatMap(({ id, name }) => asText(id) || asText(name) || []);
}

/** Some lists omit variants of a model, such as `:free` and `:latest`. */
function isNamed(listed: string, model: string): boolean {
  return listed.toLowerCase() === model.toLowerCase() || bareName(listed) === bareName(model);
}

function bareName(name: string): string {
  return (name.toLowerCase().split(":", 1)[0] ?? "").replace(/^models\//u, "");
}
