import { createHash } from "node:crypto";

import { StoreError } from "../../../ports/store-error.ts";
import { withDeadline } from "../../../runtime/deadline.ts";
import { prefix } from "./keys.ts";

/** For one command; whoever asked gives up then. */
export const commandDeadlineMs = 1_500;

/** What scripts and commands are sent with. */
export interface RedisCommands {
  readonly sendCommand: (command: string[]) => Promise<unknown>;
}

/** A Lua script, which Redis runs as one atomic step. */
export interface Script {
  /** For a server that knows flags of scripts, and takes it when it is full all the same. */
  readonly flagged: Form;
  /** For the others. */
  readonly unflagged: Form;
}

interface Form {
  readonly lua: string;
  readonly sha1: string;
}

/**
 * A full server refuses scripts that write, also those that delete, or finish what was accepted before. `grows`: this
 * one only makes it fuller, and may be refused.
 */
export function script(lua: string, options: { readonly grows?: boolean } = {}): Script {
  if (options.grows === true) return { flagged: formOf(lua), unflagged: formOf(lua) };
  return { flagged: formOf(`${urgentFlag}\n${lua}`), unflagged: formOf(`${firstWrite}\n${lua}`) };
}

function formOf(lua: string): Form {
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
}

const urgentFlag = "#!lua flags=allow-oom";
/** Redis 6.2 refuses only the first write of a script, so that none is left half done; and it never refuses to delete. */
const firstWrite = `redis.call("DEL", "${prefix}none")`;

/** Sends commands with a deadline. */
export class Redis {
  readonly #client: RedisCommands;
  #knowsFlags = false;

  constructor(client: RedisCommands) {
    this.#client = client;
  }

  /** Redis 7 and Valkey know flags of scripts. */
  async learnFlags(signal: AbortSignal): Promise<void> {
    this.#knowsFlags = await this.send(["EVAL", `${urgentFlag}\nreturn 1`, 0], signal).then(
      () => true,
      () => false,
    );
  }

  /** @throws {StoreError}, or the signal's reason. */
  async send(command: readonly (string | number)[], signal: AbortSignal): Promise<unknown> {
    try {
      return await withDeadline(
        () => this.#client.sendCommand(command.map(String)),
        commandDeadlineMs,
        signal,
      );
    } catch (cause) {
      signal.throwIfAborted();
      throw new StoreError("Redis can't be reached or refuses", { cause: withoutArguments(cause) });
    }
  }

  /** @throws {StoreError}, or the signal's reason. */
  async run(
    { flagged, unflagged }: Script,
    names: readonly string[],
    values: readonly (string | number)[],
    signal: AbortSignal,
  ): Promise<unknown> {
    const { lua, sha1 } = this.#knowsFlags ? flagged : unflagged;
    const rest = [names.length, ...names, ...values];
    try {
      return await this.send(["EVALSHA", sha1, ...rest], signal);
    } catch (error) {
      // A server that is new or was restarted does not know the script; nothing has happened.
      if (!(error instanceof StoreError && isUnknownScript(error.cause))) throw error;
      return this.send(["EVAL", lua, ...rest], signal);
    }
  }
}

function isUnknownScript(cause: unknown): boolean {
  return cause instanceof Error && cause.message.startsWith("NOSCRIPT");
}

/** Redis quotes arguments in some of its errors, and they are what people wrote. */
function withoutArguments(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  const [beginning = "", quoted = ""] = cause.message.split(/['"`\n]/u, 2);
  // The name of a command is nobody's text.
  const isCommand = beginning.startsWith("NOPERM ") && beginning.endsWith(" run the ");
  return new Error(`${beginning}${isCommand ? quoted : ""}`.slice(0, 200));
}
