import type { RESTOptions } from "discord.js";

/**
 * Sends a request by Node's own fetch: the undici that discord.js brings refuses files once a newer one, such as that of Slack's
 * client, is loaded in the same process. https://discord.js.org/docs/packages/rest/main/RESTOptions:Interface#makeRequest
 */
const byFetch = (url: string, init: RequestInit): Promise<Response> =>
  fetch(url, { ...init, redirect: "manual" });

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same requests and answers, in the types of another undici
export const makeRequest = byFetch as unknown as RESTOptions["makeRequest"];
