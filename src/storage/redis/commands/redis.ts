import { createHash } from "node:crypto";

import { StoreError } from "../../../ports/store-error.ts";
import { Deadlines } from "../../../async/deadlines.ts";
import { prefix } from "./keys.ts";

/** The deadline of one command, after which its caller gives up. */
export const commandDeadlineMs = 1_500;

/** A client that sends one command. */
export interface RedisCommands {
  readonly sendCommand: (command: string[]) => Promise<unknown>;
}

/** A Lua script, which Redis runs as one atomic step. */
export interface Script {
  /** For servers with script flags. They run it even when their memory is full. */
  readonly flagged: Form;
  /** For servers without script flags. */
  readonly unflagged: Form;
}

interface Form {
  readonly lua: string;
  readonly sha1: string;
}

/**
 * A server whose memory is full refuses scripts that write, even those that delete or finish accepted work. `grows`:
 * the script only adds data and may be refused.
 */
export function script(lua: string, options: { readonly grows?: boolean } = {}): Script {
  if (options.grows === true) return { flagged: formOf(lua), unflagged: formOf(lua) };
  return { flagged: formOf(`${urgentFlag}\n${lua}`), unflagged: formOf(`${firstWrite}\n${lua}`) };
}

function formOf(lua: string): Form {
  return { lua, sha1: createHash("sha1").update(lua).digest("hex") };
}

const urgentFlag = "#!lua flags=allow-oom";
/** Redis 6.2 never refuses DEL, and refuses only the first write of a script, so that no script stops half-way. */
const firstWrite = `redis.call("DEL", "${prefix}none")`;

/** Sends commands and scripts with a deadline. */
export class Redis {
  readonly #client: RedisCommands;
  readonly #deadlines = new Deadlines(commandDeadlineMs);
  #knowsFlags = false;

  constructor(client: RedisCommands) {
    this.#client = client;
  }

  /** Finds out whether the server has script flags, as Redis 7 and Valkey have. */
  async learnFlags(signal: AbortSignal): Promise<void> {
    this.#knowsFlags = await this.send(["EVAL", `${urgentFlag}\nreturn 1`, 0], signal).then(
      () => true,
      () => false,
    );
  }

  /** @throws {StoreError}, or the signal's reason. */
  async send(command: readonly (string | number)[], signal: AbortSignal): Promise<unknown> {
    const words = command.map(String);
    try {
      return await this.#deadlines.wait(() => this.#client.sendCommand(words), signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new StoreError("Redis can't be reached or refused a command", { cause: withoutArguments(cause) });
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
      // A new or restarted server doesn't know the script. Nothing has happened yet.
      if (!(error instanceof StoreError && isUnknownScript(error.cause))) throw error;
      return this.send(["EVAL", lua, ...rest], signal);
    }
  }
}

function isUnknownScript(cause: unknown): boolean {
  return cause instanceof Error && cause.message.startsWith("NOSCRIPT");
}

/** Some Redis errors quote arguments, which may be what people wrote. */
function withoutArguments(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  const [beginning = "", quoted = ""] = cause.message.split(/['"`\n]/u, 2);
  // A command's name is safe to log.
  const isCommand = beginning.startsWith("NOPERM ") && beginning.endsWith(" run the ");
  return new Error(`${beginning}${isCommand ? quoted : ""}`.slice(0, 200));
}
