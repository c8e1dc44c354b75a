import { firstVersion, type Preset } from "./preset.ts";

/** GitHub Models. https://docs.github.com/rest/models/inference */
export const github: Preset = {
  host: /^models\.github\.ai$/u,
  path: "/inference",
  api: "chat",
  omitted: firstVersion,
};
