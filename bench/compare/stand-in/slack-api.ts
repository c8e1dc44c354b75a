import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { marksIn } from "./marks.ts";
import { account } from "./orders.ts";
import { readBody } from "./read-body.ts";
import { nextTs } from "./slack-time.ts";

/** Called for what people can see. `post` is the `ts` of the post that shows it. */
export interface Seen {
  readonly started: (key: string) => void;
  readonly complete: (key: string, post: string) => void;
}

type Fields = Readonly<Record<string, string>>;

const { team, botUser: user, bot } = account;
const emptyPage = {
  messages: [],
  channels: [],
  members: [],
  teams: [],
  has_more: false,
  response_metadata: { next_cursor: "" },
};

/** The part of Slack's Web API that contestants call. It keeps no messages: it looks for the marks of answers. */
export class SlackApi {
  readonly #seen: Seen;
  /** The text of native streams that are not stopped yet, by their post. */
  readonly #streams = new Map<string, string>();
  #calls: Record<string, number> = {};

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  listen(): Server {
    return createServer((request, response) => this.#handle(request, response));
  }

  /** Calls by method, since the last one. */
  takeCalls(): Readonly<Record<string, number>> {
    const calls = this.#calls;
    this.#calls = {};
    return calls;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    const method = url.slice(url.lastIndexOf("/") + 1).split("?", 1)[0] ?? "";
    readBody(request, (body) => {
      this.#calls[method] = (this.#calls[method] ?? 0) + 1;
      const fields = fieldsOf(request.headers["content-type"] ?? "", body, url);
      const text = JSON.stringify({ ok: true, ...this.#answer(method, fields, body) });
      response.writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(text),
      });
      response.end(text);
    });
  }

  #answer(method: string, fields: Fields, body: string): object {
    const { channel = "", ts = "" } = fields;
    switch (method) {
      case "chat.postMessage": {
        const post = nextTs();
        this.#show(body, post);
        const thread = fields["thread_ts"] === undefined ? {} : { thread_ts: fields["thread_ts"] };
        const message = {
          type: "message",
          user,
          bot_id: bot,
          app_id: "A1",
          team,
          text: "",
          ts: post,
          ...thread,
        };
        return { channel, ts: post, message };
      }
      case "chat.update":
        this.#show(body, ts);
        return { channel, ts, text: "", message: { type: "message", user, bot_id: bot, text: "" } };
      case "chat.startStream":
      case "chat.appendStream":
      case "chat.stopStream":
        return this.#stream(method, fields);
      default:
        return plainAnswer(method, fields);
    }
  }

  #stream(method: string, fields: Fields): object {
    const { channel = "" } = fields;
    const post = method === "chat.startStream" ? nextTs() : (fields["ts"] ?? "");
    const before = this.#streams.get(post) ?? "";
    const text = before + (fields["markdown_text"] ?? "") + chunkText(fields["chunks"]);
    this.#streams.set(post, text);
    for (const { isEnd, key } of marksIn(text)) {
      this.#seen.started(key);
      if (isEnd && method === "chat.stopStream") this.#seen.complete(key, post);
    }
    if (method === "chat.stopStream") this.#streams.delete(post);
    return { channel, ts: post, message: { type: "message", user, bot_id: bot, text, ts: post } };
  }

  #show(body: string, post: string): void {
    for (const { isEnd, key } of marksIn(body)) {
      this.#seen.started(key);
      if (isEnd) this.#seen.complete(key, post);
    }
  }
}

/** Slack takes JSON, forms, and the query of a GET. */
function fieldsOf(contentType: string, body: string, url: string): Fields {
  if (contentType.startsWith("application/json") && body !== "") {
    const parsed: unknown = JSON.parse(body);
    return Object.fromEntries(
      Object.entries(parsed ?? {}).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
  }
  const form = body === "" ? (url.split("?", 2)[1] ?? "") : body;
  return Object.fromEntries(new URLSearchParams(form));
}

/** A stream may be written in chunks of several types instead of Markdown. */
function chunkText(chunks: string | undefined): string {
  if (chunks === undefined) return "";
  const parsed: unknown = JSON.parse(chunks);
  if (!Array.isArray(parsed)) return "";
  return parsed.map((each: { readonly text?: string }) => each.text ?? "").join("");
}

function plainAnswer(method: string, fields: Fields): object {
  switch (method) {
    case "auth.test":
      return {
        url: "http://slack/",
        team: "Stand-in",
        user: "bot",
        team_id: team,
        user_id: user,
        bot_id: bot,
      };
    case "users.info": {
      const { user: id = "" } = fields;
      const profile = { display_name: `Person ${id}`, real_name: `Person ${id}` };
      const rights = { is_admin: false, is_owner: false, is_restricted: false, is_ultra_restricted: false };
      const names = { name: id.toLowerCase(), real_name: profile.real_name, profile };
      return {
        user: { id, team_id: team, deleted: false, is_bot: id === account.botUser, ...names, ...rights },
      };
    }
    case "bots.info":
      return { bot: { id: bot, deleted: false, name: "bot", app_id: "A1", user_id: user } };
    case "conversations.info":
      return { channel: channelOf(fields["channel"] ?? "") };
    case "conversations.members":
      return { ...emptyPage, members: [user] };
    default:
      return emptyPage;
  }
}

function channelOf(id: string): object {
  const shared = {
    is_shared: false,
    is_ext_shared: false,
    is_pending_ext_shared: false,
    is_org_shared: false,
  };
  const kind = { is_channel: true, is_group: false, is_im: false, is_mpim: false, is_private: false };
  return { id, name: id.toLowerCase(), is_archived: false, is_member: true, ...kind, ...shared };
}
