import { firstVersion, type Preset } from "./preset.ts";

/** Zhipu GLM and Z.ai. https://docs.z.ai */
export const glm: Preset = {
  host: /^(?:open\.bigmodel\.cn|api\.z\.ai)$/u,
  path: "/api/paas/v4",
  api: "chat",
  omitted: firstVersion,
  effortForm: "switch",
};
