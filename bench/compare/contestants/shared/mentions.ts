import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { environment } from "./environment.ts";
import { withoutMention } from "./prompt.ts";

/** A message that mentions the bot, in its thread. */
export interface Mention {
  readonly channel: string;
  readonly threadTs: string;
  /** Without the mention. */
  readonly text: string;
}

interface SlackBody {
  readonly type: string;
  readonly challenge?: string;
  readonly event?: {
    readonly type: string;
    readonly subtype?: string;
    readonly bot_id?: string;
    readonly channel: string;
    readonly ts: string;
    readonly thread_ts?: string;
    readonly text?: string;
  };
}

const maxAgeSeconds = 300;

/** Slack sends a mention twice, as `message` and as `app_mention`, and again when it got no answer. */
const maxRemembered = 10_000;
const seen = new Set<string>();

function isNew(id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > maxRemembered) {
    const [oldest = ""] = seen;
    seen.delete(oldest);
  }
  return true;
}

function isSigned(request: IncomingMessage, body: string): boolean {
  const time = String(request.headers["x-slack-request-timestamp"]);
  // Also refuses what is no number.
  if (!(Math.abs(Date.now() / 1_000 - Number(time)) < maxAgeSeconds)) return false;
  const given = Buffer.from(String(request.headers["x-slack-signature"]));
  const hash = createHmac("sha256", environment.slackSigningSecret)
    .update(`v0:${time}:${body}`)
    .digest("hex");
  const expected = Buffer.from(`v0=${hash}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function mentionIn({ event }: SlackBody, botUserId: string): Mention | undefined {
  if (event === undefined || (event.type !== "app_mention" && event.type !== "message")) return undefined;
  if (event.subtype !== undefined || event.bot_id !== undefined) return undefined;
  const { channel, ts, text = "" } = event;
  if (!text.includes(`<@${botUserId}>`) || !isNew(`${channel}:${ts}`)) return undefined;
  return { channel, threadTs: event.thread_ts ?? ts, text: withoutMention(text) };
}

/** Answers Slack at once, before anything is stored. What is to be answered comes back. */
function take(body: string, response: ServerResponse, botUserId: string): Mention | undefined {
  const event = JSON.parse(body) as SlackBody;
  response.end(event.type === "url_verification" ? event.challenge : undefined);
  return mentionIn(event, botUserId);
}

/** Listens for Slack's signed events, and calls `answer` for each message that mentions the bot. */
export async function listenForMentions(
  botUserId: string,
  answer: (mention: Mention) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      if (!isSigned(request, body)) {
        response.writeHead(401).end();
        return;
      }
      const mention = take(body, response, botUserId);
      if (mention === undefined) return;
      answer(mention).catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(environment.port, "127.0.0.1", resolve);
  });
}
