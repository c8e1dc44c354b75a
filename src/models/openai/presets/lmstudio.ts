import { firstVersion, type Preset } from "./preset.ts";

/** LM Studio. https://lmstudio.ai/docs */
export const lmstudio: Preset = { port: "1234", path: "/v1", api: "chat", omitted: firstVersion };
