import { OpenAI } from "openai";

import { asErrorBody } from "../failure/error-body.ts";
import type { Route } from "./routes.ts";

const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };
/** Tokens of Microsoft's directory, which Azure takes as OpenAI takes a key. */
const directoryToken = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/u;

export interface ClientOptions extends Omit<Route, "api"> {
  readonly apiKey: string;
  /** See Preset. */
  readonly keyHeader?: string | undefined;
}

/**
 * The library, with what it would read from the environment or do by itself switched off: an address or
 * organisation left there must not redirect us, its retries don't know which failures pass, its log shows bodies.
 */
export function openClient({ apiKey, baseUrl, query, keyHeader }: ClientOptions): OpenAI {
  // The library would fail with an error that quotes the key.
  if (!/^[\x21-\x7e]+$/u.test(apiKey)) throw new TypeError("The API key has characters that no key has");
  const isInHeader = keyHeader !== undefined && !directoryToken.test(apiKey);
  return new OpenAI({
    apiKey,
    baseURL: baseUrl,
    defaultQuery: { ...query },
    ...(isInHeader ? { defaultHeaders: { [keyHeader]: apiKey, authorization: null } } : {}),
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logger: silent,
    logLevel: "off",
    fetch: async (input, init) => asErrorBody(await fetch(input, init)),
  });
}

function nothing(): void {
  // Failures reach the log through the error that the caller gets.
}
