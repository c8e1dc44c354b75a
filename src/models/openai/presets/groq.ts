import type { Preset } from "./preset.ts";

/** Groq. https://console.groq.com/docs/openai */
export const groq: Preset = {
  host: /^api\.groq\.com$/u,
  path: "/openai/v1",
  api: "chat",
  omitted: ["cacheKey", "strictTools"],
};
