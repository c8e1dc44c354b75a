import type { Preset } from "./preset.ts";

/** OpenAI. https://platform.openai.com/docs/api-reference */
export const openai: Preset = { host: /^(?:\w+\.)?api\.openai\.com$/u, path: "/v1" };
