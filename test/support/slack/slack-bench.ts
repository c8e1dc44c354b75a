import { opensIn } from "../core/opens-conversation.ts";
import type { ReplyMode } from "../../../src/domain/turn-settings.ts";
import type { CommandDefinition } from "../../../src/domain/command.ts";
import type { DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { Downtime, Inbound } from "../../../src/domain/inbound.ts";
import { openSlack, type SlackOptions, type SlackSettings } from "../../../src/platforms/slack/open-slack.ts";
import type { SlackPlatform } from "../../../src/platforms/slack/slack-platform.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Directory } from "../../../src/ports/directory.ts";
import type { Installation } from "../../../src/domain/installation.ts";
import type { InstallationEntry, Installations } from "../../../src/ports/installations.ts";
import { defaultPreferences, type Preferences } from "../../../src/domain/preferences.ts";
import type { PreferenceChange, PreferenceStore } from "../../../src/ports/preferences.ts";
import type { UsageToday } from "../../../src/ports/usage.ts";
import type { Renaming, Renamings } from "../../../src/ports/renamings.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { ArchiveError } from "../../../src/ports/archive.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InMemoryFiles } from "../core/in-memory-files.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { startSlackStandIn, type SlackStandIn } from "./slack-stand-in.ts";
import type { SlackStandInOptions } from "./slack-settings.ts";

const commands: readonly CommandDefinition[] = [
  { name: "reset", description: "Start afresh", options: [], scope: "conversation" },
  {
    name: "summary",
    description: "Tell what was said",
    options: [{ word: "share", description: "show it to everybody here" }],
    text: { name: "since", description: "only since then", isRequired: false },
    scope: "conversation",
  },
  {
    name: "recall",
    description: "Find what was said",
    options: [{ word: "share", description: "show it to everybody here" }],
    text: { name: "words", description: "what to look for", isRequired: true },
    scope: "place",
  },
  {
    name: "forget",
    description: "Erase for good",
    options: [
      { word: "me", description: "everything that you said" },
      { word: "this", description: "this conversation" },
    ],
    scope: "conversation",
  },
  { name: "help", description: "Tell what I can do", options: [], scope: "place" },
];

/** The accepted inbounds, and a directory that is filled by them or by the test. */
class AcceptedInbounds implements Directory {
  readonly inbounds: Inbound[] = [];
  readonly located = new Map<string, Inbound["conversation"]>();
  entries: DirectoryEntry[] = [];
  /** Called before an inbound is stored; may throw or wait. */
  before: (inbound: Inbound, signal: AbortSignal) => Promise<void> | void = () => undefined;

  readonly accept = async (inbound: Inbound, signal: AbortSignal): Promise<"stored" | "duplicate"> => {
    await this.before(inbound, signal);
    if (this.inbounds.some((each) => each.dedupeId === inbound.dedupeId)) return "duplicate";
    this.inbounds.push(inbound);
    if (inbound.kind === "said") {
      this.located.set(`${inbound.place}/${inbound.message.id}`, inbound.conversation);
    }
    return "stored";
  };

  /** Makes `locate` fail for messages that are not in `located`. */
  isArchiveAway = false;

  readonly quoting = async () => [];

  readonly locate = async (_platform: string, place: string, message: string) => {
    const located = this.located.get(`${place}/${message}`);
    if (located === undefined && this.isArchiveAway) throw new ArchiveError("away");
    return located;
  };

  readonly recent = async (_platform: string, place: string, limit: number) =>
    this.entries.filter((entry) => entry.place === place).slice(0, limit);

  readonly all = this.recent;

  readonly entry: Directory["entry"] = async (conversation) =>
    this.entries.find((entry) => entry.conversation === conversation);

  /** May be replaced by a test. */
  rename = async (_conversation: Inbound["conversation"], _title: string): Promise<void> => undefined;

  readonly active = async (): Promise<[]> => [];

  readonly ofAuthor = async (): Promise<[]> => [];

  /** The conversations of an author since then. May be replaced by a test. */
  writtenBy: (author: string, sinceMs: number) => readonly DirectoryEntry[] = () => [];

  readonly writtenSince: Directory["writtenSince"] = async (_platform, author, { sinceMs, limit }) =>
    this.writtenBy(author, sinceMs).slice(0, limit);
}

export interface SlackBench extends AsyncDisposable {
  readonly slack: SlackStandIn;
  /** The first replica. */
  readonly platform: SlackPlatform;
  readonly accepted: AcceptedInbounds;
  readonly log: RecordingLog;
  /** The first replica's. */
  readonly http: HttpServer;
  /** The URL of the first replica's events. */
  readonly url: string;
  /** Of all replicas. */
  readonly urls: readonly string[];
  readonly gaps: Downtime[];
  readonly fatal: string[];
  /** Opens one more replica with the same store and broadcast; Slack delivers to each in turn. */
  readonly join: () => Promise<SlackPlatform>;
}

export interface SlackBenchOptions {
  readonly isSocketMode?: boolean;
  readonly settings?: Partial<SlackSettings>;
  readonly slack?: SlackStandInOptions;
  readonly clock?: Clock;
  /** `thread` unless given. */
  readonly replyMode?: ReplyMode;
  readonly renamings?: Renamings;
  readonly installations?: Installations;
  readonly ports?: Partial<Pick<SlackOptions, "erasureRequests" | "preferences" | "usageToday">>;
  /** Instead of one of its own. */
  readonly standIn?: SlackStandIn;
}

/** A store of renamings that the test can inspect. */
export class ListedRenamings implements Renamings {
  readonly listed: Renaming[] = [];
  /** Makes the store unavailable. */
  isAway = false;

  readonly add = async (_platform: string, renaming: Renaming): Promise<void> => {
    if (this.isAway) throw new StoreError("away");
    this.listed.push(renaming);
  };

  readonly all = async (): Promise<readonly Renaming[]> => this.listed;
}

/** A store of installations in memory; the real ones have a contract of their own. */
export class ListedInstallations implements Installations {
  readonly #stored = new Map<string, Installation>();
  /** The ids that were looked for, oldest first. */
  readonly looked: string[] = [];
  /** Makes the store unavailable. */
  isAway = false;

  readonly put = async (installation: Installation): Promise<void> => {
    this.#stored.set(installation.id, installation);
  };

  /** Called before an installation is found; may wait. */
  before: () => Promise<void> | void = () => undefined;

  readonly find = async (_platform: string, id: string): Promise<Installation | undefined> => {
    this.looked.push(id);
    await this.before();
    if (this.isAway) throw new StoreError("away");
    return this.#stored.get(id);
  };

  readonly list = async (): Promise<readonly InstallationEntry[]> => {
    if (this.isAway) throw new StoreError("away");
    return Array.from(this.#stored.keys(), (id) => ({ id, isReadable: true }));
  };

  readonly remove = async (_platform: string, id: string): Promise<boolean> => this.#stored.delete(id);
}

/** A store of preferences in memory; the real ones have a contract of their own. */
class ListedPreferences implements PreferenceStore {
  readonly #stored = new Map<string, Preferences>();

  readonly find = async (_platform: string, person: string): Promise<Preferences> =>
    this.#stored.get(person) ?? defaultPreferences;

  readonly change = async (platform: string, person: string, change: PreferenceChange): Promise<void> => {
    const { atMs: _, ...chosen } = change;
    this.#stored.set(person, { ...(await this.find(platform, person)), ...chosen });
  };

  readonly drop = async (_platform: string, person: string): Promise<void> =>
    void this.#stored.delete(person);
}

const usageToday: UsageToday = async () => ({
  turns: { used: 12, limit: 300 },
  tokens: { used: 45_000, limit: 3_000_000 },
  images: { used: 0, limit: 50 },
});

/** Opens the real Slack platform with the stand-in, over HTTP by default. */
export async function openSlackBench(options: SlackBenchOptions = {}): Promise<SlackBench> {
  await using opening = new AsyncDisposableStack();
  const slack = options.standIn ?? opening.use(await startSlackStandIn(options.slack));
  const log = new RecordingLog();
  const accepted = new AcceptedInbounds();
  const gaps: Downtime[] = [];
  const fatal: string[] = [];
  const { botToken, appToken, signingSecret } = slack.settings;
  const settings: SlackSettings = {
    botToken,
    apiUrl: slack.apiUrl,
    history: "internal",
    ...(options.isSocketMode === true ? { appToken } : { signingSecret }),
    ...options.settings,
  };
  const ports = {
    accept: accepted.accept,
    opensConversation: opensIn(options.replyMode ?? "thread"),
    directory: accepted,
    commands,
    preferences: new ListedPreferences(),
    usageToday,
    erasureRequests: { cutoffs: async () => new Map<string, number>() },
    log,
    clock: options.clock ?? systemClock,
    broadcast: new InProcessBroadcast(),
    renamings: options.renamings ?? new ListedRenamings(),
    installations: options.installations ?? new ListedInstallations(),
    files: new InMemoryFiles(),
    ...options.ports,
    rateLimits: new InProcessRateLimits((options.clock ?? systemClock).nowMs),
    onGap: (downtime: Downtime) => void gaps.push(downtime),
    onFatal: (why: string) => void fatal.push(why),
  };
  const urls: string[] = [];
  const replicas = new AsyncDisposableStack();
  opening.use(replicas);
  const open = async () => {
    const http = replicas.use(new HttpServer((error) => log.error({ err: error }, "an HTTP request failed")));
    const platform = replicas.use(await openSlack({ ...ports, http, settings }));
    const { url } = await http.listen("127.0.0.1", 0);
    urls.push(`${url}/slack/events`);
    if (options.isSocketMode !== true) slack.deliverTo(...urls);
    return { platform, http };
  };
  const first = await open();
  const opened = opening.move();
  return {
    slack,
    accepted,
    log,
    gaps,
    fatal,
    ...first,
    url: urls[0] ?? "",
    urls,
    join: async () => (await open()).platform,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
