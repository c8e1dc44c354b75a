import type { Logger } from "@slack/bolt";
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  type FetchFunction,
  type WebAPICallResult,
} from "@slack/web-api";

import { asObject } from "../wire/json-object.ts";

type Answer = Awaited<ReturnType<FetchFunction>>;
type Result = WebAPICallResult & { readonly error: string };

interface MethodCallsOptions {
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly token: string;
  readonly fetch: FetchFunction;
  readonly logger: Logger;
}

/**
 * Calls methods of the Web API: one request for each, with the errors of WebClient. WebClient's own calls cost three times
 * as much, because they pass a queue and a retry, and write all that is sent and answered into lines for a debug log.
 */
export class MethodCalls {
  readonly #apiUrl: string;
  readonly #fetch: FetchFunction;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #logger: Logger;

  constructor({ apiUrl, token, fetch, logger }: MethodCallsOptions) {
    this.#apiUrl = apiUrl;
    this.#fetch = fetch;
    this.#logger = logger;
    this.#headers = {
      "user-agent": "Threadkeeper",
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "content-type": "application/x-www-form-urlencoded",
    };
  }

  /** @throws {SlackError} */
  async call(method: string, args: Readonly<Record<string, unknown>>): Promise<WebAPICallResult> {
    const body = formOf(args);
    const url = `${this.#apiUrl}${method}`;
    const request = { method: "POST", headers: this.#headers, body, redirect: "error" as const };
    const answer = await this.#fetch(url, request).catch((error: unknown) => {
      this.#logger.warn("http request failed");
      return asRequestError(error);
    });
    if (answer.status !== 200) throw await statusError(answer);
    const result = resultIn(await answer.text().catch(asRequestError));
    this.#logHints(result);
    if (!result.ok) throw new WebAPIPlatformError(result);
    return result;
  }

  /** Slack's words about what it would have liked to get. */
  #logHints({ response_metadata: metadata }: Result): void {
    if (metadata === undefined) return;
    const { warnings, messages } = asObject(metadata);
    for (const hints of [warnings, messages])
      if (Array.isArray(hints)) for (const hint of hints) this.#logger.warn(hint);
  }
}

/** Slack takes values other than texts as JSON. Half of a surrogate pair, which has no form in a URL, becomes U+FFFD. */
function formOf(args: Readonly<Record<string, unknown>>): string {
  let form = "";
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined || value === null) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    form += `${form === "" ? "" : "&"}${encodeURIComponent(name)}=${encodeURIComponent(text.toWellFormed())}`;
  }
  return form;
}

async function statusError(answer: Answer): Promise<Error> {
  const { status, statusText, headers } = answer;
  const seconds = Number.parseInt(headers.get("retry-after") ?? "", 10);
  if (status === 429 && !Number.isNaN(seconds)) return new WebAPIRateLimitedError(seconds);
  const body = await answer.text().catch(asRequestError);
  return new WebAPIHTTPError(status, statusText, Object.fromEntries(headers.entries()), body);
}

/** What is no JSON becomes the error of a refusal. */
function resultIn(text: string): Result {
  try {
    const data: unknown = JSON.parse(text);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Slack's form; callers check what they read
    return asObject(data) as unknown as Result;
  } catch {
    return { ok: false, error: text };
  }
}

function asRequestError(error: unknown): never {
  throw new WebAPIRequestError(error instanceof Error ? error : new Error(String(error)));
}
