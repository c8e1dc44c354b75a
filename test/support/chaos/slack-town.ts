import { setTimeout } from "node:timers/promises";

import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import { authorId } from "../../../src/platforms/slack/wire/keys.ts";
import { actionIn } from "../../../src/platforms/slack/wire/action-value.ts";
import { elementsIn } from "../slack/shown-actions.ts";
import { asList, asRecord, asText } from "../slack/untyped-json.ts";
import type { SlackDelivery, SlackReceipt, SlackTransport } from "../slack/slack-deliveries.ts";
import { openHttpTransport, type SlackHttpTransport } from "../slack/slack-http-transport.ts";
import { markdownOf, type SlackMessage, type SlackVersion } from "../slack/slack-messages.ts";
import { startSlackStandIn, type SlackStandIn } from "../slack/slack-stand-in.ts";
import { endMark } from "../stages/stage.ts";
import type { Random } from "./random.ts";
import { spokenIn, type Spoken } from "./speech.ts";
import type { Corner, CornerPress, Seen, SentFile, Shown, Town } from "./town.ts";

const publicChannel = "C1";
/** Every other person talks to the bot in a DM. */
const streamedShare = 0.5;
/** What takes time. A bot that dies meanwhile never learns that it succeeded. */
const slowMethods = [
  "chat.postMessage",
  "chat.update",
  "chat.startStream",
  "chat.appendStream",
  "chat.stopStream",
];
/**
 * Slack retries at once, after a minute and after five, and then gives up. Here it retries more often in that time.
 */
const againAfterMs = [0, 1_000, ...Array.from({ length: 100 }, () => 3_000)];
const longestCallMs = 400;
const longestDownloadMs = 2_000;
const repeatShare = 0.1;
const longestRepeatMs = 8_000;

/** Threads in a Slack channel and in DMs. Each event goes to any of the replicas. */
export async function openSlackTown(way: "http" | "socket", random: Random): Promise<Town> {
  const slack = await startSlackStandIn({ ackWithinMs: 3_000 });
  const balancer = new Balancer(slack);
  const post = new Postman(way === "http" ? balancer.deliver : slack.sockets.deliver, random);
  slack.deliveries.use(post.deliver);
  const { botToken, appToken, signingSecret } = slack.settings;
  const spoken = new Map<string, Spoken>();
  const roots = new Set<string>();
  return {
    name: "Slack",
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: botToken,
      ...(way === "http" ? { SLACK_SIGNING_SECRET: signingSecret } : { SLACK_APP_TOKEN: appToken }),
    },
    up: (slot, { url }) => balancer.add(slot, `${url}/slack/events`),
    down: (slot) => balancer.remove(slot),
    repeats: () => post.repeats,
    readings: () => slack.calls("files.info").length,
    astray: () =>
      slack.messages.all.filter(
        ({ botId, isDeleted, threadTs }) =>
          botId !== undefined && !isDeleted && (threadTs === undefined || !roots.has(threadTs)),
      ).length,
    streaming: () => slack.streams.open.length,
    unfinished: () => slack.streams.open.length + slack.streams.broken.length,
    openCorner: (person) =>
      openCorner(slack, person, { spoken, begun: (root) => void roots.add(root), luck: random.fork(person) }),
    [Symbol.asyncDispose]: async () => {
      post.close();
      balancer.close();
      await slack[Symbol.asyncDispose]();
    },
  };
}

function openCorner(
  slack: SlackStandIn,
  person: string,
  {
    spoken,
    begun,
    luck,
  }: {
    readonly spoken: Map<string, Spoken>;
    readonly begun: (root: string) => void;
    readonly luck: Random;
  },
): Corner {
  const channel = luck.fork("place").chance(streamedShare) ? `D${person.slice(1)}` : publicChannel;
  let root: string | undefined;
  return {
    say: async (text, file) => {
      const thread = root === undefined ? {} : { threadTs: root };
      const files = file === undefined ? [] : [host(slack, file, luck.between(0, longestDownloadMs))];
      const said = {
        channel,
        user: person,
        text,
        mention: root === undefined && channel === publicChannel,
        files,
      };
      const message = slack.write({ ...said, ...thread });
      root ??= message.ts;
      begun(root);
      for (const each of spokenIn(text)) spoken.set(message.ts, each);
      for (const method of slowMethods) {
        slack.fail(method, { kind: "latency", ms: luck.between(0, longestCallMs) });
      }
      const receipts = await slack.deliver(message);
      if (receipts.some(({ isAcked }) => !isAcked)) throw new Error(`Slack gave up delivering to ${person}`);
      return message.ts;
    },
    takeBack: async (ts, what) => {
      if (what === "message") await slack.delete(channel, ts);
      else await slack.deleteFiles(channel, ts);
    },
    seen: () => (root === undefined ? [] : slack.posts(channel, root).map((each) => see(each, spoken))),
    press: (press) => pressUnder(slack, channel, press),
    authorOf: (name) => authorId(slack.settings.team, name),
  };
}

/** The file as a message names it. It comes slowly, so that a bot may die while it reads. */
function host(slack: SlackStandIn, { name, mediaType: mimetype, bytes }: SentFile, afterMs: number) {
  const id = `F${slack.files.size + 1}`;
  slack.files.set(id, { id, name, mimetype, bytes });
  slack.fail("download", { kind: "latency", ms: afterMs });
  return { id, name, mimetype, size: bytes.length };
}

function see(post: SlackMessage, spoken: ReadonlyMap<string, Spoken>): Seen {
  const last = show(post, post.editedTs ?? post.streamedTs ?? post.ts, spoken);
  const before = post.edits.map((each) => show(each, each.writtenTs, spoken));
  return { ...last, id: post.ts, versions: [...before, last] };
}

function show(version: SlackVersion, writtenTs: string, spoken: ReadonlyMap<string, Spoken>): Shown {
  const payload = asRecord(asRecord(version.metadata)["event_payload"]);
  const text = markdownOf(version);
  const covers = asList(payload["covers"]).flatMap((ts) => spoken.get(asText(ts)) ?? []);
  const tokens = (all: readonly Spoken[]): string =>
    all
      .map(({ token }) => token)
      .toSorted()
      .join(" ");
  // The metadata names the same messages as the text. A message that the store lost and got again follows later ones in the
  // inbox, and not in the history that is read from Slack.
  const isTrue = tokens(covers) === tokens(spokenIn(text));
  return {
    covers,
    isAnswer: payload["state"] === "done" && (text.endsWith(endMark) || isCutAnswer(text)) && isTrue,
    atMs: Number(writtenTs) * 1_000,
    text,
    buttons: elementsIn(version.blocks).flatMap(({ actionId: id, label, value }) => {
      const { action, on } = actionIn(value) ?? {};
      return action === undefined || on === undefined ? [] : [{ action, on, id, label }];
    }),
  };
}

/** Slack delivers a press once, and tells the person when it was not acknowledged within 3 seconds. */
async function pressUnder(
  slack: SlackStandIn,
  channel: string,
  { post: messageTs, button: { action, on, id: actionId }, by: user, times }: CornerPress,
): Promise<boolean> {
  if (slack.messages.get(channel, messageTs) === undefined) return false;
  const value = JSON.stringify({ action, on });
  return (await slack.pressButton({ channel, user, actionId, value, messageTs, times })).isAcked;
}

/** Sends each request to the next replica in turn. */
class Balancer {
  readonly #slack: SlackStandIn;
  readonly #ways = new Map<number, SlackHttpTransport>();
  #turn = 0;

  constructor(slack: SlackStandIn) {
    this.#slack = slack;
  }

  add(slot: number, url: string): void {
    this.#ways.set(slot, openHttpTransport(url, this.#slack.settings));
  }

  remove(slot: number): void {
    this.#ways.get(slot)?.[Symbol.dispose]();
    this.#ways.delete(slot);
  }

  close(): void {
    for (const slot of this.#ways.keys()) this.remove(slot);
  }

  readonly deliver: SlackTransport = async (delivery) => {
    this.#turn += 1;
    const way = [...this.#ways.values()][this.#turn % Math.max(1, this.#ways.size)];
    return way === undefined ? { isAcked: false, reason: "connection_failed" } : way.deliver(delivery);
  };
}

/** Retries deliveries that were not acknowledged, and repeats some that were. */
class Postman {
  readonly #transport: SlackTransport;
  readonly #random: Random;
  readonly #closing = new AbortController();
  repeats = 0;

  constructor(transport: SlackTransport, random: Random) {
    this.#transport = transport;
    this.#random = random;
  }

  close(): void {
    this.#closing.abort();
  }

  readonly deliver: SlackTransport = async (delivery) => {
    if (delivery.type === "interactive") return this.#transport(delivery);
    const token = tokenOf(delivery);
    const luck = this.#random.fork(`delivery ${token} ${String(delivery.body["event_id"])}`);
    const isRepeated = token !== undefined && luck.chance(repeatShare);
    // Slack may consider a delivery lost before the app answers, or much later.
    if (isRepeated && luck.chance(0.5)) this.#repeat(delivery, 0);
    const receipt = await this.#tryOften(delivery);
    if (isRepeated) this.#repeat(delivery, luck.between(0, longestRepeatMs));
    return receipt;
  };

  async #tryOften(delivery: SlackDelivery): Promise<SlackReceipt> {
    let receipt = await this.#transport(delivery);
    for (const [index, waitMs] of againAfterMs.entries()) {
      if (receipt.isAcked || this.#closing.signal.aborted) break;
      await setTimeout(waitMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      const { reason: retryReason = "http_error" } = receipt;
      receipt = await this.#transport({ ...delivery, retry: index + 1, retryReason });
    }
    return receipt;
  }

  #repeat(delivery: SlackDelivery, afterMs: number): void {
    this.repeats += 1;
    setTimeout(afterMs, undefined, { signal: this.#closing.signal })
      .then(() => this.#transport({ ...delivery, retry: 1, retryReason: "http_timeout" }))
      .catch(() => undefined);
  }
}

/** For messages of people. Slack also delivers the bot's own posts. */
function tokenOf({ body }: SlackDelivery): string | undefined {
  const event = asRecord(body["event"]);
  return "bot_id" in event || "subtype" in event ? undefined : spokenIn(asText(event["text"]))[0]?.token;
}
