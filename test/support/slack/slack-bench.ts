import type { CommandDefinition } from "../../../src/domain/command.ts";
import type { DirectoryEntry } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import {
  openSlack,
  type SlackPlatform,
  type SlackSettings,
} from "../../../src/platforms/slack/slack-platform.ts";
import type { Directory } from "../../../src/ports/directory.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { HttpServer } from "../../../src/runtime/http-server.ts";
import { RecordingLog } from "../core/recording-log.ts";
import { startSlackStandIn, type SlackStandIn } from "./slack-stand-in.ts";
import type { SlackStandInOptions } from "./slack-settings.ts";

const commands: readonly CommandDefinition[] = [
  { name: "reset", description: "Start afresh", options: [] },
  {
    name: "summary",
    description: "Tell what was said",
    options: [{ word: "share", description: "show it to everybody here" }],
  },
];

/** What was accepted, and what the directory knows: filled by the test, or by accepting. */
class AcceptedInbounds implements Directory {
  readonly inbounds: Inbound[] = [];
  readonly located = new Map<string, Inbound["conversation"]>();
  entries: DirectoryEntry[] = [];
  /** Called before something is kept; may throw or wait. */
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

  readonly locate = async (_platform: string, place: string, message: string) =>
    this.located.get(`${place}/${message}`);

  readonly recent = async (_platform: string, place: string, limit: number) =>
    this.entries.filter((entry) => entry.place === place).slice(0, limit);

  readonly rename = async (): Promise<void> => undefined;
}

export interface SlackBench extends AsyncDisposable {
  readonly slack: SlackStandIn;
  readonly platform: SlackPlatform;
  readonly accepted: AcceptedInbounds;
  readonly log: RecordingLog;
  readonly http: HttpServer;
  /** Where Slack delivers over HTTP. */
  readonly url: string;
}

export interface SlackBenchOptions {
  readonly isSocketMode?: boolean;
  readonly settings?: Partial<SlackSettings>;
  readonly slack?: SlackStandInOptions;
}

/** The real adapter before a stand-in, over HTTP unless told otherwise. */
export async function openSlackBench(options: SlackBenchOptions = {}): Promise<SlackBench> {
  await using opening = new AsyncDisposableStack();
  const slack = opening.use(await startSlackStandIn(options.slack));
  const log = new RecordingLog();
  const http = opening.use(new HttpServer((error) => log.error({ err: error }, "an HTTP request failed")));
  const accepted = new AcceptedInbounds();
  const { botToken, appToken, signingSecret } = slack.settings;
  const settings: SlackSettings = {
    botToken,
    apiUrl: slack.apiUrl,
    history: "internal",
    ...(options.isSocketMode === true ? { appToken } : { signingSecret }),
    ...options.settings,
  };
  const ports = { accept: accepted.accept, directory: accepted, commands, http, log, clock: systemClock };
  const platform = opening.use(await openSlack({ ...ports, settings }));
  const { url } = await http.listen("127.0.0.1", 0);
  if (options.isSocketMode !== true) slack.deliverTo(`${url}/slack/events`);
  const opened = opening.move();
  return {
    slack,
    platform,
    accepted,
    log,
    http,
    url: `${url}/slack/events`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
