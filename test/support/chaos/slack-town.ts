import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import { authorId } from "../../../src/platforms/slack/wire/keys.ts";
import { actionIn } from "../../../src/platforms/slack/wire/action-value.ts";
import { elementsIn } from "../slack/shown-actions.ts";
import { asList, asRecord, asText } from "../slack/untyped-json.ts";
import { markdownOf, type SlackMessage, type SlackVersion } from "../slack/slack-messages.ts";
import { startSlackStandIn, type SlackStandIn } from "../slack/slack-stand-in.ts";
import { endMark } from "../stages/stage.ts";
import type { Random } from "./random.ts";
import { Balancer, Postman } from "./slack-delivering.ts";
import { fileWordsIn, spokenIn, type Spoken } from "./speech.ts";
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
const longestCallMs = 400;
const longestDownloadMs = 2_000;

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
    openCorner: (person, isPublic = false) => {
      const luck = random.fork(person);
      const isStreamed = luck.fork("place").chance(streamedShare) && !isPublic;
      const channel = isStreamed ? `D${person.slice(1)}` : publicChannel;
      return openCorner(slack, person, { channel, spoken, begun: (root) => void roots.add(root), luck });
    },
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
    channel,
    spoken,
    begun,
    luck,
  }: {
    readonly channel: string;
    readonly spoken: Map<string, Spoken>;
    readonly begun: (root: string) => void;
    readonly luck: Random;
  },
): Corner {
  let root: string | undefined;
  return {
    say: async (text, file) => {
      const thread = root === undefined ? {} : { threadTs: root };
      const files = file === undefined ? [] : [host(slack, file, luck.between(0, longestDownloadMs))];
      const said = {
        channel,
        user: person,
        text,
        mention: (root === undefined || text.startsWith("/")) && channel === publicChannel,
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
    images: () =>
      slack.uploads.all.flatMap(({ text = "", sharedIn, isDeleted }) =>
        sharedIn === channel && isDeleted !== true ? fileWordsIn(text) : [],
      ),
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
