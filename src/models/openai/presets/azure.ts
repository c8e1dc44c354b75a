import type { Preset } from "./preset.ts";

/** Azure OpenAI, also behind API Management. https://learn.microsoft.com/azure/ai-services/openai/reference */
export const azure: Preset = {
  host: /\.(?:openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.(?:com|us|cn)$|\.azure-api\.net$/u,
  path: "/openai/v1",
  keyHeader: "api-key",
};
