import { firstVersion, type Preset } from "./preset.ts";

/** vLLM. https://docs.vllm.ai */
export const vllm: Preset = { path: "/v1", api: "chat", omitted: firstVersion, effortForm: "template" };
