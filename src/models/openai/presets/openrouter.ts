import { firstVersion, type Preset } from "./preset.ts";

/** OpenRouter. https://openrouter.ai/docs */
export const openrouter: Preset = {
  host: /^(?:www\.)?openrouter\.ai$/u,
  path: "/api/v1",
  api: "chat",
  omitted: firstVersion,
  effortForm: "object",
};
