import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Renaming, Renamings } from "../../../ports/renamings.ts";
import { StoreError } from "../../../ports/store-error.ts";

/** https://docs.slack.dev/reference/events/channel_id_changed */
const renamed = z.object({
  event: z.object({
    type: z.literal("channel_id_changed"),
    old_channel_id: z.string().min(1),
    new_channel_id: z.string().min(1),
  }),
});
const news = z.object({ before: z.string(), after: z.string() });

const newsChannel = "slack-channel-ids";
const readAgainMs = 60_000;
const readWithinMs = 10_000;
const mostSteps = 100;
/** Less in all than what a call may take. */
const patience = [0, 1_000, 3_000] as const;

type Options = Readonly<Record<string, unknown>>;

interface ChannelIdPorts {
  readonly renamings: Renamings;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Slack gives channels other ids when they become shared or move. Everything of ours goes on under the first id that we
 * knew: it is put into what Slack delivers, and Slack's present one into what we ask of Slack.
 */
export class ChannelIds implements Disposable {
  readonly #ports: ChannelIdPorts;
  readonly #listening: Disposable;
  /** Any later id → one before it. */
  readonly #before = new Map<string, string>();
  /** Any earlier id → one behind it. */
  readonly #after = new Map<string, string>();
  #readAtMs = -Infinity;

  constructor(ports: ChannelIdPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(newsChannel, (heard) => {
      const parsed = news.safeParse(heard);
      if (parsed.success) this.#learn(parsed.data);
    });
  }

  /** By which a channel is known to us. */
  readonly known = (channel: string): string => end(this.#before, channel);

  /** What Slack calls a channel now. */
  readonly current = (channel: string): string => end(this.#after, channel);

  /** All that was told before, by any replica. @throws {StoreError} */
  async read(signal: AbortSignal): Promise<void> {
    this.#readAtMs = this.#ports.clock.nowMs();
    for (const each of await this.#ports.renamings.all("slack", signal)) this.#learn(each);
  }

  /** What another replica was told may not have reached us. Never rejects. */
  refresh(): void {
    if (this.#ports.clock.nowMs() - this.#readAtMs < readAgainMs) return;
    this.read(AbortSignal.timeout(readWithinMs)).catch((error: unknown) => {
      this.#ports.log.warn({ err: error }, "the new ids of channels could not be read");
    });
  }

  /** True: the body tells of a new id, and that is kept. @throws {StoreError}, and then Slack is to tell it again. */
  async hear(body: unknown, signal: AbortSignal): Promise<boolean> {
    const parsed = renamed.safeParse(body);
    if (!parsed.success) return false;
    const { old_channel_id: before, new_channel_id: after } = parsed.data.event;
    const { renamings, broadcast, log } = this.#ports;
    try {
      await renamings.keep("slack", { before, after }, signal);
    } catch (error) {
      if (error instanceof StoreError)
        log.error({ err: error }, "the new id of a channel could not be stored");
      throw error;
    }
    this.#learn({ before, after });
    broadcast.send(newsChannel, { before, after });
    log.info({ before, after }, "a Slack channel has a new id; what was kept goes on");
    return true;
  }

  /** A body that Slack delivered, with the id by which we know its channel; the same object where that is the same. */
  inBody(body: unknown): unknown {
    if (this.#before.size === 0 || !isRecord(body)) return body;
    const { event, channel, channel_id: id } = body;
    if (isRecord(event) && this.#isOther(event["channel"]))
      return { ...body, event: { ...event, channel: this.known(event["channel"]) } };
    if (isRecord(channel) && this.#isOther(channel["id"]))
      return { ...body, channel: { ...channel, id: this.known(channel["id"]) } };
    return this.#isOther(id) ? { ...body, channel_id: this.known(id) } : body;
  }

  /** A text of ours, in which links lead to where the channels are now. */
  readonly inText = (text: string): string => {
    if (this.#after.size === 0) return text;
    return text.replaceAll(
      /(\/archives\/|[?&]cid=)([CDG][A-Z0-9]{1,30})\b/gu,
      (_whole, place: string, channel: string) => `${place}${this.current(channel)}`,
    );
  };

  /** What a method of Slack's is called with. */
  inCall(options: Options): Options {
    if (this.#after.size === 0) return options;
    const ids = ["channel", "channel_id"].flatMap((name) => {
      const id = options[name];
      return typeof id === "string" ? [[name, this.current(id)] as const] : [];
    });
    return { ...options, ...Object.fromEntries(ids) };
  }

  /**
   * The same call as Slack names its channel by now, where that is news: a call may be under way when a channel gets its
   * new id, and another replica may have been told of it. `isPatient`: the news may be on its way. Undefined: it is no news. Never rejects.
   */
  async inCallAgain(options: Options, tried: Options, isPatient: boolean): Promise<Options | undefined> {
    const { clock } = this.#ports;
    const signal = AbortSignal.timeout(readWithinMs);
    const isNews = (call: Options): boolean =>
      call["channel"] !== tried["channel"] || call["channel_id"] !== tried["channel_id"];
    for (const waitMs of isPatient ? patience : [0]) {
      if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined);
      if (!isNews(this.inCall(options))) await this.read(signal).catch(() => undefined);
      if (isNews(this.inCall(options))) return this.inCall(options);
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #isOther(id: unknown): id is string {
    return typeof id === "string" && this.known(id) !== id;
  }

  /** What is known goes on, in whatever order it is told; a channel that gets its old id back has that again. */
  #learn({ before, after }: Renaming): void {
    if (this.#before.get(after) === before || before === after) return;
    const first = this.known(before);
    if (first === after) {
      this.#after.delete(first);
      return;
    }
    this.#before.set(after, before);
    this.#after.set(before, after);
  }
}

/** Follows steps to their end; never in a circle. */
function end(steps: ReadonlyMap<string, string>, from: string): string {
  const passed = new Set([from]);
  let at = from;
  for (let step = steps.get(at); step !== undefined && !passed.has(step); step = steps.get(at)) {
    at = step;
    if (passed.add(at).size > mostSteps) break;
  }
  return at;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
