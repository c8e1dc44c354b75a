import type { CommandDefinition } from "../../domain/command.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Log } from "../../ports/log.ts";
import type { Health, Part } from "../../ports/part.ts";
import type { Platform, PostLimits } from "../../ports/platform.ts";
import type { HttpServer } from "../../runtime/http-server.ts";
import { openBoltApp } from "./bolt-app.ts";
import { boltLog } from "./bolt-log.ts";
import { eventsPath, httpEvents } from "./http-events.ts";
import { Intake } from "./intake.ts";
import { Names } from "./names.ts";
import { PrivateLine } from "./private-line.ts";
import { clientOptions, SlackApi } from "./slack-api.ts";
import { refusalIn } from "./slack-errors.ts";
import { SlackPosts } from "./slack-posts.ts";
import { SocketLink } from "./socket-link.ts";
import { whoWeAre } from "./who-we-are.ts";
import { WorkingStatus } from "./working-status.ts";

const noWayIn =
  "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)";

export interface SlackSettings {
  readonly botToken: string;
  /** For events over HTTP; one of this and `appToken` is needed. */
  readonly signingSecret?: string;
  /** Switches to Socket Mode. */
  readonly appToken?: string;
  /** Ends in `/api/`. Missing: Slack's own. */
  readonly apiUrl?: string;
  /** `limited`: an app that many workspaces install outside the Marketplace may read one page of a thread a minute. */
  readonly history: "internal" | "limited";
}

export interface SlackOptions {
  readonly settings: SlackSettings;
  readonly accept: Accept;
  readonly directory: Directory;
  readonly commands: readonly CommandDefinition[];
  readonly http: HttpServer;
  readonly log: Log;
  readonly clock: Clock;
}

/** Connects to Slack. @throws {Error} whose message names the setting that Slack refuses, and what to do. */
export async function openSlack(options: SlackOptions): Promise<SlackPlatform> {
  const { settings, log, clock, http } = options;
  const { botToken: token, appToken, signingSecret } = settings;
  if ((appToken ?? signingSecret ?? "") === "") throw new Error(noWayIn);
  const logger = boltLog(log);
  const webOptions = clientOptions(settings.apiUrl, logger);
  const api = new SlackApi(token, { ...webOptions });
  const self = await whoWeAre(api, clock);
  const privately = new PrivateLine({ api, apiUrl: settings.apiUrl, clock, log });
  const intake = new Intake({ ...options, names: new Names(api, clock), privately, self });
  const app = await openBoltApp({ token, self, options: webOptions, logger, take: intake.take });
  const posts = new SlackPosts(api, options.commands, settings.history);
  const parts = { api, intake, privately, posts };
  if (appToken === undefined) {
    const isOpen = (): boolean => intake.isOpen;
    http.route(eventsPath, httpEvents({ app, signingSecret: signingSecret ?? "", logger, clock, isOpen }));
    return new SlackPlatform(parts);
  }
  const link = new SocketLink({ app, appToken, logger, options: webOptions, clock, log });
  await startLink(link);
  return new SlackPlatform({ ...parts, link });
}

interface SlackParts {
  readonly api: SlackApi;
  readonly intake: Intake;
  readonly privately: PrivateLine;
  readonly posts: SlackPosts;
  /** Missing where events come over HTTP. */
  readonly link?: SocketLink;
}

/** Slack, to be read from and written to. */
export class SlackPlatform implements Platform, Part {
  readonly name = "slack";
  /** 8,000 leave room for what makes a text safe, below the 12,000 of a markdown block; edits are 50 a minute. */
  readonly limits: PostLimits = { postChars: 8_000, writeIntervalMs: 1_200, placeholder: "_Thinking…_" };
  readonly createPost: Platform["createPost"];
  readonly editPost: Platform["editPost"];
  readonly deletePost: Platform["deletePost"];
  readonly findPost: Platform["findPost"];
  readonly tell: Platform["tell"];
  readonly showWorking: NonNullable<Platform["showWorking"]>;
  readonly turnFinished: NonNullable<Platform["turnFinished"]>;
  readonly #parts: SlackParts;

  constructor(parts: SlackParts) {
    const { posts, privately } = parts;
    const status = new WorkingStatus(parts.api);
    this.#parts = parts;
    this.createPost = posts.create;
    this.editPost = posts.edit;
    this.deletePost = posts.delete;
    this.findPost = posts.find;
    this.tell = (to, texts, signal) => privately.tell(to, texts, signal);
    this.showWorking = status.show;
    this.turnFinished = status.clear;
  }

  readonly health = (): Health => {
    const { api, link } = this.#parts;
    if (api.refusal !== undefined) return { ok: false, why: `Slack refuses the bot token (${api.refusal})` };
    return link?.health() ?? { ok: true, why: "" };
  };

  /** Takes nothing more, lets what is being stored be acknowledged, then lets go of Slack. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.intake.close();
    await this.#parts.link?.[Symbol.asyncDispose]();
  }
}

async function startLink(link: SocketLink): Promise<void> {
  try {
    await link.start();
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw new Error(
      `SLACK_APP_TOKEN: Slack refuses it (${refusalIn(error) ?? "unknown"}). Make an app-level token (xapp-…) with the scope connections:write on your app's "Basic Information" page.`,
      { cause: error },
    );
  }
}
