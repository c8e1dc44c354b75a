import { OpenAI } from "openai";

const openAiUrl = "https://api.openai.com/v1";
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };

/**
 * The library, with what it would read from the environment or do by itself switched off: an address or
 * organisation left there must not redirect us, its retries don't know which failures pass, its log shows bodies.
 */
export function openClient(apiKey: string, baseUrl: string | undefined): OpenAI {
  // The library would fail with an error that quotes the key.
  if (!/^[\x21-\x7e]+$/u.test(apiKey)) throw new TypeError("The API key has characters that no key has");
  return new OpenAI({
    apiKey,
    baseURL: baseUrl ?? openAiUrl,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logger: silent,
    logLevel: "off",
  });
}

function nothing(): void {
  // Failures reach the log through the error that the caller gets.
}
