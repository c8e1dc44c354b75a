import type { RESTOptions } from "discord.js";

import { codes } from "../api/api-errors.ts";

/**
 * Sends a request with Node's own fetch. The undici in discord.js refuses files once a newer undici, such as Slack's,
 * is loaded. https://discord.js.org/docs/packages/rest/main/RESTOptions:Interface#makeRequest
 */
const byFetch = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(url, { ...init, redirect: "manual" });
  return response.status === 429 ? orRefusal(response) : response;
};

/**
 * A slow mode as a refusal with its code and wait. As a rate limit, discord.js would drop the code, and hold back whatever else
 * goes to the channel's route.
 */
async function orRefusal(response: Response): Promise<Response> {
  const text = await response.text();
  const { headers } = response;
  if (codeIn(text) !== codes.slowMode) return new Response(text, { status: 429, headers });
  return new Response(text, { status: 400, headers: { "content-type": "application/json" } });
}

/** Undefined where the body is not Discord's JSON: a proxy on the way may answer. */
function codeIn(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "code" in parsed ? parsed.code : undefined;
  } catch {
    return undefined;
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same requests and responses, typed by another undici
export const makeRequest = byFetch as unknown as RESTOptions["makeRequest"];
