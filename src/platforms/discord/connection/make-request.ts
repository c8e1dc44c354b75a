import type { RESTOptions } from "discord.js";

/**
 * Sends a request with Node's own fetch. The undici in discord.js refuses files once a newer undici, such as Slack's,
 * is loaded. https://discord.js.org/docs/packages/rest/main/RESTOptions:Interface#makeRequest
 */
const byFetch = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, { ...init, redirect: "manual" });

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same requests and responses, typed by another undici
export const makeRequest = byFetch as unknown as RESTOptions["makeRequest"];
