import { firstVersion, type Preset } from "./preset.ts";

/** llama.cpp's server. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
export const llamacpp: Preset = { path: "/v1", api: "chat", omitted: firstVersion, effortForm: "template" };
