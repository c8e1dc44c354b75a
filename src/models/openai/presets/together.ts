import { firstVersion, type Preset } from "./preset.ts";

/** Together. https://docs.together.ai/docs/openai-api-compatibility */
export const together: Preset = {
  host: /^api\.together\.(?:xyz|ai)$/u,
  path: "/v1",
  api: "chat",
  omitted: firstVersion,
};
