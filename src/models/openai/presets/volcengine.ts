import { firstVersion, type Preset } from "./preset.ts";

/** Volcengine Ark and BytePlus. https://www.volcengine.com/docs/82379 */
export const volcengine: Preset = {
  host: /^ark\.[\w.-]+\.(?:volces|bytepluses)\.com$/u,
  path: "/api/v3",
  api: "chat",
  omitted: firstVersion,
  effortForm: "switch",
};
