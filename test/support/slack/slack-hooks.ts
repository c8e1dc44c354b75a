import { asList, asText } from "./untyped-json.ts";

/** A message that only one person saw. */
export interface SlackWhisper {
  readonly via: "chat.postEphemeral" | "response_url" | "ack";
  readonly channel: string;
  readonly user: string;
  readonly threadTs?: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  /** It replaced the message of the press. */
  readonly replacesOriginal: boolean;
}

interface Hook {
  readonly channel: string;
  readonly user: string;
  readonly madeAtMs: number;
  uses: number;
}

const livesMs = 30 * 60_000;
const mostUses = 5;

/** The response_urls: each is good for 30 minutes and 5 messages. */
export class SlackHooks {
  readonly #hooks = new Map<string, Hook>();
  readonly #whispers: SlackWhisper[];
  #passedMs = 0;

  constructor(whispers: SlackWhisper[]) {
    this.#whispers = whispers;
  }

  make(origin: string, channel: string, user: string): string {
    const path = `/hooks/${this.#hooks.size + 1}`;
    this.#hooks.set(path, { channel, user, madeAtMs: this.#nowMs(), uses: 0 });
    return `${origin}${path}`;
  }

  /** Lets time pass for the existing URLs. */
  pass(ms: number): void {
    this.#passedMs += ms;
  }

  take(
    path: string,
    body: Readonly<Record<string, unknown>>,
  ): { readonly status: number; readonly text: string } {
    const hook = this.#hooks.get(path);
    if (hook === undefined) return { status: 404, text: "no_such_hook" };
    if (this.#nowMs() - hook.madeAtMs > livesMs) return { status: 404, text: "expired_url" };
    if (hook.uses >= mostUses) return { status: 404, text: "used_url" };
    hook.uses += 1;
    this.#whispers.push({
      via: "response_url",
      channel: hook.channel,
      user: hook.user,
      ...(typeof body["thread_ts"] === "string" ? { threadTs: body["thread_ts"] } : {}),
      text: asText(body["text"]),
      blocks: asList(body["blocks"]),
      replacesOriginal: body["replace_original"] === true,
    });
    return { status: 200, text: "ok" };
  }

  #nowMs(): number {
    return Date.now() + this.#passedMs;
  }
}
