import { z } from "zod";

import { historyMessage } from "../wire/payload-schemas.ts";
import type { SlackApi } from "./slack-api.ts";

const page = z.object({
  messages: z.array(historyMessage),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** The methods that read messages. Each has a rate limit of its own. */
export type HistoryMethod = "conversations.replies" | "conversations.history";

export interface HistoryQuery {
  readonly channel: string;
  /** `ts` of the thread's root; for `conversations.replies` only. */
  readonly ts?: string;
  /** Only newer messages. Slack returns a thread's root regardless. */
  readonly oldest?: string;
  /** Only older messages. */
  readonly latest?: string;
  readonly cursor?: string;
}

export interface HistoryPage {
  readonly messages: z.output<typeof page>["messages"];
  /** Missing on the last page. */
  readonly next?: string;
}

/**
 * `limited`: apps distributed outside the Marketplace may read one page of 15 messages a minute.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
export type HistoryAllowance = "internal" | "limited";

const pageSize = { internal: 200, limited: 15 } as const;

/** Reads one page of messages. @throws {PlatformError} */
export async function readPage(
  { api, allowance }: { readonly api: SlackApi; readonly allowance: HistoryAllowance },
  method: HistoryMethod,
  query: HistoryQuery,
  signal: AbortSignal,
): Promise<HistoryPage> {
  const args = { ...query, limit: pageSize[allowance], include_all_metadata: true };
  const reply = await api.call(async (client) => page.parse(await client.apiCall(method, args)), signal);
  const next = reply.response_metadata?.next_cursor ?? "";
  return { messages: reply.messages, ...(next === "" ? {} : { next }) };
}
