import type { Health, Component } from "../../ports/component.ts";
import type { Platform } from "../../ports/platform.ts";
import type { PostLimits } from "../../ports/platform-posts.ts";
import type { ClockSkew } from "./connection/clock-skew.ts";
import type { SocketReceiver } from "./connection/socket-receiver.ts";
import type { SlackWorkspace } from "./slack-workspace.ts";

/** The parts of the platform; open-slack.ts wires them. */
export interface SlackParts {
  readonly workspace: SlackWorkspace;
  /** Missing when events arrive over HTTP. */
  readonly socket?: SocketReceiver;
  /** Always empty in Socket Mode, which has no signatures. */
  readonly clockSkew: ClockSkew;
}

/** The Platform port for Slack. Its workspace does the work. */
export class SlackPlatform implements Platform, Component {
  readonly name = "slack";
  /**
   * A markdown block holds 12,000 characters (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and making
   * a text safe lengthens it.
   */
  readonly limits: PostLimits = { postChars: 8_000, hasPlaceholder: true };
  readonly botName: string | undefined;
  readonly whenWritable: Platform["whenWritable"];
  readonly createPost: Platform["createPost"];
  readonly editPost: Platform["editPost"];
  readonly deletePost: Platform["deletePost"];
  readonly findPost: NonNullable<Platform["findPost"]>;
  readonly permalinkOf: NonNullable<Platform["permalinkOf"]>;
  readonly sendPrivately: Platform["sendPrivately"];
  readonly notifyUnanswered: NonNullable<Platform["notifyUnanswered"]>;
  readonly fetchMissed: NonNullable<Platform["fetchMissed"]>;
  readonly fetchHistory: NonNullable<Platform["fetchHistory"]>;
  readonly readable: NonNullable<Platform["readable"]>;
  readonly hasRight: NonNullable<Platform["hasRight"]>;
  readonly readFile: NonNullable<Platform["readFile"]>;
  readonly sendFilesPrivately: NonNullable<Platform["sendFilesPrivately"]>;
  readonly showWorking: NonNullable<Platform["showWorking"]>;
  readonly turnFinished: NonNullable<Platform["turnFinished"]>;
  readonly #parts: SlackParts;

  constructor(parts: SlackParts) {
    const { workspace } = parts;
    this.#parts = parts;
    this.botName = workspace.self.name;
    this.whenWritable = workspace.whenWritable;
    this.createPost = workspace.createPost;
    this.editPost = workspace.editPost;
    this.deletePost = workspace.deletePost;
    this.findPost = workspace.findPost;
    this.permalinkOf = workspace.permalinkOf;
    this.sendPrivately = workspace.sendPrivately;
    this.notifyUnanswered = workspace.notifyUnanswered;
    this.fetchMissed = workspace.fetchMissed;
    this.fetchHistory = workspace.fetchHistory;
    this.readable = workspace.readable;
    this.hasRight = workspace.hasRight;
    this.readFile = workspace.readFile;
    this.sendFilesPrivately = workspace.sendFilesPrivately;
    this.showWorking = workspace.showWorking;
    this.turnFinished = workspace.turnFinished;
  }

  readonly health = (): Health => {
    const { socket } = this.#parts;
    const { refusal } = this.#parts.workspace.api;
    if (refusal !== undefined) return { ok: false, why: `Slack refuses the bot token (${refusal})` };
    // Clock skew does not turn health red: anyone could replay an old request of Slack's to cause that.
    return socket?.health() ?? { ok: true, why: this.#parts.clockSkew.why };
  };

  /** Stops receiving, lets pending events be stored and acknowledged, then disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { workspace, socket } = this.#parts;
    await workspace.ingress.close();
    await socket?.[Symbol.asyncDispose]();
    workspace[Symbol.dispose]();
  }
}
