import { z } from "zod";

import { historyMessage } from "../wire/payload-schemas.ts";
import type { SlackApi } from "./slack-api.ts";

const page = z.object({
  messages: z.array(historyMessage),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** The methods that read what was said; Slack counts the calls of each apart. */
export type HistoryMethod = "conversations.replies" | "conversations.history";

export interface HistoryQuery {
  readonly channel: string;
  /** The root of the thread; for `conversations.replies` only. */
  readonly ts?: string;
  /** Only what is newer. A thread's root always comes. */
  readonly oldest?: string;
  /** Only what is older. */
  readonly latest?: string;
  readonly cursor?: string;
}

export interface HistoryPage {
  readonly messages: z.output<typeof page>["messages"];
  /** Missing on the last page. */
  readonly next?: string;
}

/** `limited`: an app that many workspaces install outside the Marketplace may read one page of a thread a minute. */
export type HistoryAllowance = "internal" | "limited";

const pageSize = { internal: 200, limited: 15 } as const;

/** One page of what was said. @throws {PlatformError} */
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
