import { setTimeout } from "node:timers/promises";

import { WebSocket } from "ws";
import { z } from "zod";

import type { ShownFile } from "../../../src/platforms/web/wire/files.ts";
import type { ShownMessage } from "../../../src/platforms/web/wire/shown-message.ts";
import { connectWeb, type WebClient } from "../web/web-client.ts";
import type { Random } from "./random.ts";
import { fileWordsIn } from "./speech.ts";
import type { SentFile } from "./town.ts";

export const webToken = "a-token-of-the-chaos-runs-0123456789";
const conversation = "talk";
const pollMs = 20;
const lookAfterMs = 500;
/** A page sends a frame again that was not accepted. */
const againAfterMs = 3_000;
const longestWaitMs = 300_000;
const repeatShare = 0.1;
/** The answer to an upload. */
const uploaded = z.object({ id: z.string() });
/** What a page tries again. */
const passing: ReadonlySet<string> = new Set(["not-stored", "memory-unavailable", "slow-down"]);

/** A person with one conversation on a page, which reconnects to any replica and sends again what was not accepted. */
export class Visitor {
  /** The conversation as the page shows it, oldest first. */
  shown: readonly ShownMessage[] = [];
  uploads = 0;
  /** Frames that were sent twice. */
  repeats = 0;
  readonly #urls: () => readonly string[];
  readonly #luck: Random;
  readonly #signal: AbortSignal;
  /** The words in each image of the bot, by its address. */
  readonly #words = new Map<string, readonly string[]>();
  #cookie = "";
  #page: WebClient | undefined;
  #url = "";
  #count = 0;
  #isLooking = false;

  /** `urls`: of the running replicas. */
  constructor(urls: () => readonly string[], luck: Random, signal: AbortSignal) {
    this.#urls = urls;
    this.#luck = luck;
    this.#signal = signal;
  }

  async say(text: string, file?: SentFile): Promise<string> {
    const files = file === undefined ? [] : [await this.#upload(file)];
    this.#count += 1;
    const id = `m${this.#count}`;
    await this.#tell({ type: "say", id, text, files });
    return id;
  }

  async takeBack(message: string): Promise<void> {
    await this.#tell({ type: "delete", id: `${message}-deleted`, message });
  }

  /** The words in the images of the bot, with repetitions. */
  images(): readonly string[] {
    return imagesIn(this.shown).flatMap(({ url = "" }) => this.#words.get(url) ?? []);
  }

  async #upload({ name, mediaType, bytes }: SentFile): Promise<string> {
    const query = new URLSearchParams({ conversation, name });
    const untilMs = Date.now() + longestWaitMs;
    while (Date.now() < untilMs) {
      await this.#connected();
      this.uploads += 1;
      const sent = await fetch(`${this.#url}/chat/files?${query}`, {
        method: "POST",
        headers: { "content-type": mediaType, cookie: this.#cookie },
        body: Uint8Array.from(bytes),
      })
        .then(async (response) => (response.ok ? uploaded.parse(await response.json()) : undefined))
        .catch(() => undefined);
      if (sent !== undefined) return sent.id;
      await setTimeout(pollMs * 10);
    }
    throw new Error(`The web chat took no ${name}`);
  }

  /** Until it is accepted. */
  async #tell(frame: { readonly type: string; readonly id: string; readonly [field: string]: unknown }) {
    const untilMs = Date.now() + longestWaitMs;
    while (Date.now() < untilMs) {
      const page = await this.#connected();
      page.send({ ...frame, conversation });
      if (this.#luck.chance(repeatShare)) {
        this.repeats += 1;
        page.send({ ...frame, conversation });
      }
      if (await isAccepted(page, frame.id)) return;
      page.socket.terminate();
    }
    throw new Error(`The web chat did not accept ${frame.type} ${frame.id}`);
  }

  async #connected(): Promise<WebClient> {
    for (;;) {
      if (this.#page !== undefined && isOpen(this.#page)) return this.#page;
      this.#signal.throwIfAborted();
      try {
        this.#url = this.#luck.pick(this.#urls());
        const cookie = this.#cookie === "" ? {} : { cookie: this.#cookie };
        this.#page = await connectWeb(this.#url, { authorization: `Bearer ${webToken}`, ...cookie });
        this.#cookie ||= this.#page.cookie;
        void this.#look();
      } catch {
        await setTimeout(pollMs * 10);
      }
    }
  }

  /** Reads the conversation again and again, on whichever page is open. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (!this.#signal.aborted) {
      const page = this.#page;
      if (page !== undefined && isOpen(page)) {
        page.send({ type: "open", conversation });
        await setTimeout(lookAfterMs);
        const { messages } = page.of("history").at(-1) ?? {};
        if (messages !== undefined) this.shown = messages;
        await this.#readImages();
      } else {
        await setTimeout(lookAfterMs);
        if (this.#urls().length > 0) await this.#connected().catch(() => undefined);
      }
    }
    await this.#page?.[Symbol.asyncDispose]();
  }

  async #readImages(): Promise<void> {
    for (const { url = "" } of imagesIn(this.shown)) {
      if (this.#words.has(url)) continue;
      const bytes = await fetch(`${this.#url}/${url}`, { headers: { cookie: this.#cookie } })
        .then(async (response) => (response.ok ? Buffer.from(await response.arrayBuffer()) : undefined))
        .catch(() => undefined);
      if (bytes !== undefined) this.#words.set(url, fileWordsIn(bytes.toString("latin1")));
    }
  }
}

function imagesIn(messages: readonly ShownMessage[]): readonly ShownFile[] {
  return messages.flatMap(({ role, files = [] }) =>
    role === "user" ? [] : files.filter(({ mediaType }) => mediaType.startsWith("image/")),
  );
}

function isOpen({ socket }: WebClient): boolean {
  return socket.readyState === WebSocket.OPEN;
}

/** Whether the bot says so in time. @throws when it refuses the frame for good. */
async function isAccepted(page: WebClient, id: string): Promise<boolean> {
  const untilMs = Date.now() + againAfterMs;
  while (Date.now() < untilMs && isOpen(page)) {
    if (page.of("accepted").some((each) => each.id === id)) return true;
    const refusal = page.of("error").find((each) => each.id === id);
    if (refusal !== undefined && !passing.has(refusal.code)) throw new Error(`Refused: ${refusal.message}`);
    if (refusal !== undefined) return false;
    await setTimeout(pollMs);
  }
  return false;
}
