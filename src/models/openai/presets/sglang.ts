import { firstVersion, type Preset } from "./preset.ts";

/** SGLang. https://docs.sglang.ai */
export const sglang: Preset = { path: "/v1", api: "chat", omitted: firstVersion, effortForm: "template" };
