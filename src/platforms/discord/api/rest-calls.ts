import type { REST, RequestData } from "discord.js";

import { raceAbort } from "../../../async/race-abort.ts";
import { isRefusedToken, toPlatformError } from "./api-errors.ts";

/** Longer than discord.js may queue a call for its 50 requests a second. */
const callDeadlineMs = 20_000;

type Method = "get" | "post" | "patch" | "put" | "delete";

/** One REST call. */
export interface Call {
  /** A verb phrase, for errors. */
  readonly what: string;
  readonly method: Method;
  readonly route: `/${string}`;
  readonly data?: RequestData;
  readonly deadlineMs?: number | undefined;
}

/** Makes REST calls, each with a deadline. @throws {PlatformError} from all methods. */
export class RestCalls {
  readonly #rest: REST;
  readonly #onRefusedToken: () => void;

  constructor(rest: REST, onRefusedToken: () => void) {
    this.#rest = rest;
    this.#onRefusedToken = onRefusedToken;
  }

  /** Calls that may still start in this second. */
  get left(): number {
    return this.#rest.globalReset < Date.now() ? Infinity : this.#rest.globalRemaining;
  }

  async call<T>({ what, method, route, data, deadlineMs }: Call, signal: AbortSignal): Promise<T> {
    const ask = async (deadline: AbortSignal): Promise<T> => {
      const answer = await this.#rest[method](route, { ...data, signal: deadline });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Discord documents the route's response
      return answer as T;
    };
    return this.withDeadline({ what, deadlineMs }, signal, ask);
  }

  /** For calls that discord.js makes by itself. */
  async withDeadline<T>(
    { what, deadlineMs = callDeadlineMs }: Pick<Call, "what" | "deadlineMs">,
    signal: AbortSignal,
    ask: (deadline: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    try {
      deadline.throwIfAborted();
      // discord.js ignores the signal while it waits for a rate limit.
      return await raceAbort(ask(deadline), deadline);
    } catch (error) {
      signal.throwIfAborted();
      if (isRefusedToken(error)) this.#onRefusedToken();
      throw toPlatformError(what, error);
    }
  }
}
