import { firstVersion, type Preset } from "./preset.ts";

/** Perplexity: no functions, and messages must alternate between user and assistant. https://docs.perplexity.ai */
export const perplexity: Preset = {
  host: /^api\.perplexity\.ai$/u,
  path: "",
  api: "chat",
  omitted: [...firstVersion, "tools", "usage", "neighbours"],
};
