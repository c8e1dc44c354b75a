import { firstVersion, type Preset } from "./preset.ts";

/** Mistral. https://docs.mistral.ai/api */
export const mistral: Preset = {
  host: /^(?:api|codestral)\.mistral\.ai$/u,
  path: "/v1",
  api: "chat",
  omitted: [...firstVersion, "usage"],
};
