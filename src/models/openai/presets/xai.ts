import type { Preset } from "./preset.ts";

/** xAI. https://docs.x.ai */
export const xai: Preset = {
  host: /^(?:[\w-]+\.)?api\.x\.ai$/u,
  path: "/v1",
  api: "chat",
  omitted: ["cacheKey", "strictTools"],
};
