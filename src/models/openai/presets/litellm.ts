import { firstVersion, type Preset } from "./preset.ts";

/** LiteLLM. https://docs.litellm.ai */
export const litellm: Preset = { path: "/v1", api: "chat", omitted: firstVersion };
