import { openai } from "./openai.ts";
import { azure } from "./azure.ts";
import { openrouter } from "./openrouter.ts";
import { gemini } from "./gemini.ts";
import { mistral } from "./mistral.ts";
import { groq } from "./groq.ts";
import { deepseek } from "./deepseek.ts";
import { perplexity } from "./perplexity.ts";
import { xai } from "./xai.ts";
import { together } from "./together.ts";
import { glm } from "./glm.ts";
import { volcengine } from "./volcengine.ts";
import { github } from "./github.ts";
import { ollama } from "./ollama.ts";
import { lmstudio } from "./lmstudio.ts";
import { vllm } from "./vllm.ts";
import { sglang } from "./sglang.ts";
import { llamacpp } from "./llamacpp.ts";
import { litellm } from "./litellm.ts";
import type { Preset } from "./preset.ts";

/** What is known of each kind of server, in the order of docs/models.md. */
export const presets = {
  openai,
  azure,
  openrouter,
  gemini,
  mistral,
  groq,
  deepseek,
  perplexity,
  xai,
  together,
  glm,
  volcengine,
  github,
  ollama,
  lmstudio,
  vllm,
  sglang,
  llamacpp,
  litellm,
} satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** In the order of the documentation. Never empty. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the object above
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];

/** The kind of server at an address. Undefined when it is not known. */
export function presetAt({ hostname, port }: URL): PresetName | undefined {
  return presetNames.find((name) => {
    const preset: Preset = presets[name];
    return preset.host?.test(hostname) === true || (preset.port !== undefined && preset.port === port);
  });
}
