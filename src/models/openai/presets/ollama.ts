import { firstVersion, type Preset } from "./preset.ts";

/** Ollama. https://github.com/ollama/ollama/blob/main/docs/openai.md */
export const ollama: Preset = { port: "11434", path: "/v1", api: "chat", omitted: firstVersion };
