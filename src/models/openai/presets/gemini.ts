import { firstVersion, type Preset } from "./preset.ts";

/** Google Gemini. https://ai.google.dev/gemini-api/docs/openai */
export const gemini: Preset = {
  host: /^generativelanguage\.googleapis\.com$/u,
  path: "/v1beta/openai",
  api: "chat",
  omitted: firstVersion,
};
