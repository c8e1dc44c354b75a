import { z } from "zod";

import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Renaming, Renamings } from "../../../ports/renamings.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { asObject } from "../wire/json-object.ts";

/** https://docs.slack.dev/reference/events/channel_id_changed */
const renamed = z.object({
  event: z.object({
    type: z.literal("channel_id_changed"),
    old_channel_id: z.string().min(1),
    new_channel_id: z.string().min(1),
  }),
});
const announcement = z.object({ installation: z.string(), before: z.string(), after: z.string() });

const broadcastChannel = "slack-channel-ids";
const refreshIntervalMs = 60_000;
const readTimeoutMs = 10_000;
const maxSteps = 100;
/** Waits between attempts to learn a new id. Their sum is below the deadline of a call. */
const retryPausesMs = [0, 1_000, 3_000] as const;

type Options = Readonly<Record<string, unknown>>;

interface ChannelIdPorts {
  readonly renamings: Renamings;
  /** The name that this workspace's renamings are stored under. */
  readonly renamingsOf: string;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Maps the ids of channels. Slack may give a channel a new id when it becomes shared or moves. We store everything under
 * the first id that we knew: bodies from Slack are rewritten to it, calls to Slack use the current one.
 */
export class ChannelIds implements Disposable {
  readonly #ports: ChannelIdPorts;
  readonly #listening: Disposable;
  /** A newer id → an older one. */
  readonly #before = new Map<string, string>();
  /** An older id → a newer one. */
  readonly #after = new Map<string, string>();
  #readAtMs = -Infinity;

  constructor(ports: ChannelIdPorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(broadcastChannel, (received) => {
      const parsed = announcement.safeParse(received);
      if (parsed.success && parsed.data.installation === ports.renamingsOf) this.#learn(parsed.data);
    });
  }

  /** The first id of a channel: the one that we store. */
  readonly firstId = (channel: string): string => followToEnd(this.#before, channel);

  /** Slack's present id of a channel. */
  readonly currentId = (channel: string): string => followToEnd(this.#after, channel);

  /** Loads the renamings that any replica has stored. @throws {StoreError} */
  async read(signal: AbortSignal): Promise<void> {
    this.#readAtMs = this.#ports.clock.nowMs();
    const { renamings, renamingsOf } = this.#ports;
    for (const each of await renamings.all(renamingsOf, signal)) this.#learn(each);
  }

  /** Reads the store again, at most once a minute: a broadcast of another replica may have been lost. Never throws. */
  refresh(): void {
    if (this.#ports.clock.nowMs() - this.#readAtMs < refreshIntervalMs) return;
    this.read(AbortSignal.timeout(readTimeoutMs)).catch((error: unknown) => {
      this.#ports.log.warn(
        { err: error },
        "the stored channel ids could not be read; messages in renamed channels may be misplaced until they can be",
      );
    });
  }

  /**
   * Stores the new id that a `channel_id_changed` event announces. False for any other body.
   * @throws {StoreError} The event must not be acknowledged then: Slack delivers it again.
   */
  async acceptRenaming(body: unknown, signal: AbortSignal): Promise<boolean> {
    // Most bodies are other events, and a schema that refuses costs more than one that accepts.
    if (asObject(asObject(body)["event"])["type"] !== "channel_id_changed") return false;
    const parsed = renamed.safeParse(body);
    if (!parsed.success) return false;
    const { old_channel_id: before, new_channel_id: after } = parsed.data.event;
    const { renamings, renamingsOf, broadcast, log } = this.#ports;
    try {
      await renamings.add(renamingsOf, { before, after }, signal);
    } catch (error) {
      if (error instanceof StoreError)
        log.error({ err: error }, "the new id of a channel could not be stored; check the store");
      throw error;
    }
    this.#learn({ before, after });
    broadcast.send(broadcastChannel, { installation: renamingsOf, before, after });
    log.info({ before, after }, "a Slack channel has a new id; its conversations continue");
    return true;
  }

  /** A body from Slack with the first id of its channel. Returns the same object when nothing changes. */
  withFirstId(body: unknown): unknown {
    if (this.#before.size === 0 || !isRecord(body)) return body;
    const { event, channel, channel_id: id } = body;
    if (isRecord(event) && this.#isRenamed(event["channel"]))
      return { ...body, event: { ...event, channel: this.firstId(event["channel"]) } };
    if (isRecord(event) && isRecord(event["item"]) && this.#isRenamed(event["item"]["channel"])) {
      const item = { ...event["item"], channel: this.firstId(event["item"]["channel"]) };
      return { ...body, event: { ...event, item } };
    }
    if (isRecord(channel) && this.#isRenamed(channel["id"]))
      return { ...body, channel: { ...channel, id: this.firstId(channel["id"]) } };
    return this.#isRenamed(id) ? { ...body, channel_id: this.firstId(id) } : body;
  }

  /** Rewrites links to Slack messages in a text so that they use the current channel ids. */
  readonly updateLinks = (text: string): string => {
    if (this.#after.size === 0) return text;
    return text.replaceAll(
      /(\/archives\/|[?&]cid=)([CDG][A-Z0-9]{1,30})\b/gu,
      (_whole, place: string, channel: string) => `${place}${this.currentId(channel)}`,
    );
  };

  /** The options of a call with the current channel ids. */
  withCurrentIds(options: Options): Options {
    if (this.#after.size === 0) return options;
    const ids = ["channel", "channel_id"].flatMap((name) => {
      const id = options[name];
      return typeof id === "string" ? [[name, this.currentId(id)] as const] : [];
    });
    return { ...options, ...Object.fromEntries(ids) };
  }

  /**
   * The options for a second attempt, if the channel has got another id since `tried`: it may change during a call, and
   * the event may reach another replica first. `isPatient` waits up to 4 s for the new id. Undefined: the id is the same.
   * Never rejects.
   */
  async withNewerIds(options: Options, tried: Options, isPatient: boolean): Promise<Options | undefined> {
    const { clock } = this.#ports;
    const signal = AbortSignal.timeout(readTimeoutMs);
    const isNewer = (call: Options): boolean =>
      call["channel"] !== tried["channel"] || call["channel_id"] !== tried["channel_id"];
    for (const waitMs of isPatient ? retryPausesMs : [0]) {
      if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined);
      if (!isNewer(this.withCurrentIds(options))) await this.read(signal).catch(() => undefined);
      if (isNewer(this.withCurrentIds(options))) return this.withCurrentIds(options);
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #isRenamed(id: unknown): id is string {
    return typeof id === "string" && this.firstId(id) !== id;
  }

  /** Idempotent and independent of the order. A channel may get its old id back. */
  #learn({ before, after }: Renaming): void {
    if (this.#before.get(after) === before || before === after) return;
    const first = this.firstId(before);
    if (first === after) {
      this.#after.delete(first);
      return;
    }
    this.#before.set(after, before);
    this.#after.set(before, after);
  }
}

/** Follows the steps to the last id. Ends in a cycle too. */
function followToEnd(steps: ReadonlyMap<string, string>, from: string): string {
  const passed = new Set([from]);
  let at = from;
  for (let step = steps.get(at); step !== undefined && !passed.has(step); step = steps.get(at)) {
    at = step;
    if (passed.add(at).size > maxSteps) break;
  }
  return at;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
