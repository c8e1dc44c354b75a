import { asErrorBody } from "../failure/error-body.ts";
import type { Fetch } from "../../../runtime/fetch/lean-fetch.ts";
import type { Route } from "./routes.ts";
import { StreamingClient } from "./streaming-client.ts";

const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };
/** A token of Microsoft Entra ID. Azure accepts it as `Authorization: Bearer`. */
const directoryToken = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/u;

export interface ClientOptions extends Omit<Route, "api"> {
  readonly apiKey: string;
  /** See Preset. */
  readonly keyHeader?: string | undefined;
  /** Sends the requests. */
  readonly fetch: Fetch;
}

/**
 * Opens OpenAI's client without its own behaviour. Variables of the environment must not redirect it, its retries don't know
 * which failures are temporary, and its log shows bodies.
 */
export function openClient(options: ClientOptions): StreamingClient {
  const { apiKey, baseUrl, query, keyHeader, fetch } = options;
  // The client's own error would quote the key.
  if (!/^[\x21-\x7e]+$/u.test(apiKey))
    throw new TypeError("The API key contains characters that are not allowed in a header");
  const isInHeader = keyHeader !== undefined && !directoryToken.test(apiKey);
  return new StreamingClient({
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
  // Failures are logged by the caller.
}
