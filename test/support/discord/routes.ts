import type { Answer } from "./answer.ts";
import type { GatewayServer } from "./gateway-server.ts";
import type { Uploaded, World } from "./world.ts";
import type { Body } from "./written.ts";

/** One call, as a route sees it. */
export interface Call {
  /** The groups of the route's pattern. */
  readonly ids: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Body;
  readonly array: readonly unknown[];
  readonly files: readonly Uploaded[];
}

export interface Discord {
  readonly world: World;
  readonly gateway: GatewayServer;
  readonly interactionDeadlineMs: number;
  /** Whether old messages are listed with their nonce. */
  readonly tellsNonces: boolean;
}

export type Handle = (discord: Discord, call: Call) => Answer;

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** Interactions carry their own token instead of the bot's. */
  readonly isOpen?: true;
  readonly handle: Handle;
}
