import type { Extra } from "../api/extra.ts";

/** A way to ask: Responses, or Chat Completions. */
export type Api = "responses" | "chat";

/**
 * How Chat Completions are told how hard to think: `reasoning_effort`; an object `reasoning`; `thinking`, on or off; off in
 * the model's template, else as the first.
 */
export type EffortForm = "effort" | "object" | "switch" | "template";

/** What is known beforehand of the servers of one kind. */
export interface Preset {
  /** The only API that they are asked with. Missing: Responses, and Chat Completions where that isn't there. */
  readonly api?: Api;
  /** Hosts that are such servers. Missing: they stand anywhere. */
  readonly host?: RegExp;
  /** The port that they listen on, where no other program does. */
  readonly port?: string;
  /** Where the API begins on their host. Missing: `/v1`, or where the address says. */
  readonly path?: string;
  /** The header that carries the key, in place of `Authorization: Bearer`. */
  readonly keyHeader?: string;
  /** What they don't take, or don't need. Missing: nothing. */
  readonly leftOut?: readonly Extra[];
  readonly effortForm?: EffortForm;
}

/** Of servers that know Chat Completions as they were in the beginning. */
const plain: readonly Extra[] = ["maxCompletionTokens", "cacheKey", "strictTools"];

/** After the providers' own pages; docs/models.md says what was tried. */
export const presets = {
  openai: { host: /^(?:\w+\.)?api\.openai\.com$/u, path: "/v1" },
  azure: {
    host: /\.(?:openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.(?:com|us|cn)$|\.azure-api\.net$/u,
    path: "/openai/v1",
    keyHeader: "api-key",
  },
  openrouter: {
    host: /^(?:www\.)?openrouter\.ai$/u,
    path: "/api/v1",
    api: "chat",
    leftOut: plain,
    effortForm: "object",
  },
  gemini: {
    host: /^generativelanguage\.googleapis\.com$/u,
    path: "/v1beta/openai",
    api: "chat",
    leftOut: plain,
  },
  mistral: {
    host: /^(?:api|codestral)\.mistral\.ai$/u,
    path: "/v1",
    api: "chat",
    leftOut: [...plain, "usage"],
  },
  groq: { host: /^api\.groq\.com$/u, path: "/openai/v1", api: "chat", leftOut: ["cacheKey", "strictTools"] },
  deepseek: { host: /^api\.deepseek\.com$/u, path: "", api: "chat", leftOut: plain, effortForm: "switch" },
  perplexity: {
    host: /^api\.perplexity\.ai$/u,
    path: "",
    api: "chat",
    leftOut: [...plain, "tools", "usage", "neighbours"],
  },
  xai: { host: /^(?:[\w-]+\.)?api\.x\.ai$/u, path: "/v1", api: "chat", leftOut: ["cacheKey", "strictTools"] },
  together: { host: /^api\.together\.(?:xyz|ai)$/u, path: "/v1", api: "chat", leftOut: plain },
  glm: {
    host: /^(?:open\.bigmodel\.cn|api\.z\.ai)$/u,
    path: "/api/paas/v4",
    api: "chat",
    leftOut: plain,
    effortForm: "switch",
  },
  volcengine: {
    host: /^ark\.[\w.-]+\.(?:volces|bytepluses)\.com$/u,
    path: "/api/v3",
    api: "chat",
    leftOut: plain,
    effortForm: "switch",
  },
  github: { host: /^models\.github\.ai$/u, path: "/inference", api: "chat", leftOut: plain },
  ollama: { port: "11434", path: "/v1", api: "chat", leftOut: plain },
  lmstudio: { port: "1234", path: "/v1", api: "chat", leftOut: plain },
  vllm: { path: "/v1", api: "chat", leftOut: plain, effortForm: "template" },
  sglang: { path: "/v1", api: "chat", leftOut: plain, effortForm: "template" },
  llamacpp: { path: "/v1", api: "chat", leftOut: plain, effortForm: "template" },
  litellm: { path: "/v1", api: "chat", leftOut: plain },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** In the order of the documentation; never empty. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of what stands above
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];

/** The kind of server at an address. Undefined: any. */
export function presetAt({ hostname, port }: URL): PresetName | undefined {
  return presetNames.find((name) => {
    const preset: Preset = presets[name];
    return preset.host?.test(hostname) === true || (preset.port !== undefined && preset.port === port);
  });
}
