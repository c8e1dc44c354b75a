import { firstVersion, type Preset } from "./preset.ts";

/** DeepSeek. https://api-docs.deepseek.com */
export const deepseek: Preset = {
  host: /^api\.deepseek\.com$/u,
  path: "",
  api: "chat",
  omitted: firstVersion,
  effortForm: "switch",
};
