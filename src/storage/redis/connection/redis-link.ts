import { createClient, createSentinel } from "@keyv/redis";

import { withDeadline } from "../../../async/deadline.ts";
import type { RedisAddress } from "../../../runtime/addresses/redis-address.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

const connectMs = 5_000;
const pulseMs = 1_000;
const { signal: never } = new AbortController();

interface LinkOptions {
  /** A server that owes an answer and is onSilence this long is considered dead. */
  readonly silenceMs: number;
  /**
   * Pings an idle connection, so that a frozen server is detected. Not for connections that wait on a blocking
   * command.
   */
  readonly isPinged: boolean;
}

/** A connection to the primary. It fails fast while the primary is unreachable, and reconnects by itself. */
export interface RedisLink {
  /** For Keyv's adapter. */
  readonly client: ReturnType<typeof clientOf> | ReturnType<typeof sentinelOf>;
  readonly connect: () => Promise<unknown>;
  readonly sendCommand: (command: string[]) => Promise<unknown>;
  readonly subscribe: (channel: string, listener: (message: string) => void) => Promise<void>;
  readonly isUp: () => boolean;
  /** Calls `listener` on each fault, also on each failed reconnect. */
  readonly onFault: (listener: (error: unknown) => void) => void;
  /** Calls `listener` each time the connection is back. */
  readonly onUp: (listener: () => void) => void;
  /** Resolves the address again, for when its server is no longer the primary. Never rejects. */
  readonly reconnect: () => Promise<void>;
  readonly close: () => void;
}

/** Returns a link that is not connected yet. @throws {Error} for an unusable address. */
export function openLink(address: RedisAddress, options: LinkOptions): RedisLink {
  return address.kind === "server" ? serverLink(address, options) : sentinelLink(address, options);
}

function serverLink(
  { url }: Extract<RedisAddress, { readonly kind: "server" }>,
  options: LinkOptions,
): RedisLink {
  const client = clientOf(url, options.silenceMs);
  const faults = new Set<(error: unknown) => void>();
  const onUp = listenersOf(client);
  let pulse: NodeJS.Timeout | undefined;
  const report = (error: unknown): void => {
    for (const listener of faults) listener(error);
  };
  const reconnect = async (): Promise<void> => {
    if (client.isOpen) client.destroy();
    // The client keeps trying by itself.
    void client.connect().catch(() => undefined);
  };
  const onSilence = (error: unknown): void => {
    // The client reports broken connections itself.
    if (!client.isReady) return;
    report(error);
    void reconnect();
  };
  client.on("error", report);
  return {
    client,
    connect: async () => {
      await client.connect();
      const ping = () => client.sendCommand(["PING"]);
      if (options.isPinged) pulse = startPulse(ping, options.silenceMs, onSilence);
    },
    sendCommand: (command) => client.sendCommand(command),
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    isUp: () => client.isReady,
    onFault: (listener) => void faults.add(listener),
    onUp,
    reconnect,
    close: () => {
      clearInterval(pulse);
      if (client.isOpen) client.destroy();
    },
  };
}

/** One event for all of them: Node takes more than ten listeners for a leak. */
function listenersOf(client: ReturnType<typeof clientOf>): RedisLink["onUp"] {
  const listeners = new Set<() => void>();
  client.on("ready", () => {
    for (const listener of listeners) listener();
  });
  return (listener) => void listeners.add(listener);
}

/** A socket with pending writes doesn't time out, so a frozen server is found by pinging it. */
function startPulse(
  ping: () => Promise<unknown>,
  silenceMs: number,
  onSilence: (error: unknown) => void,
): NodeJS.Timeout {
  let isPinging = false;
  const pingOnce = async (): Promise<void> => {
    if (isPinging) return;
    isPinging = true;
    await withDeadline(ping, silenceMs, never).catch((error: unknown) => {
      if (error instanceof Error && error.name === "TimeoutError") onSilence(error);
    });
    isPinging = false;
  };
  return setInterval(() => void pingOnce(), pulseMs);
}

/** A refusal proves that the server is there. One that can't save to its disk refuses even PING. */
function unlessRefused(error: unknown): void {
  const isRefusal = error instanceof Error && /^[A-Z]+ /u.test(error.message);
  if (!isRefusal) throw error;
}

/** Never connected. `createClient` makes a class with hundreds of methods each time, which its copies share. */
let template: ReturnType<typeof createClient> | undefined;

function clientOf(url: string, silenceMs: number) {
  template ??= createClient({ disableOfflineQueue: true });
  return template.duplicate({ url, socket: socketOf(silenceMs) });
}

type SentinelAddress = Extract<RedisAddress, { readonly kind: "sentinel" }>;

/** The client doesn't report a lost primary, so it is pinged. */
function sentinelLink(address: SentinelAddress, options: LinkOptions): RedisLink {
  const client = sentinelOf(address, options);
  const faults = new Set<(error: unknown) => void>();
  const ups = new Set<() => void>();
  let isUp = false;
  let pulse: NodeJS.Timeout | undefined;
  const pingOnce = async (): Promise<void> => {
    try {
      // Commands wait while a new primary is elected.
      await withDeadline(() => client.sendCommand(false, ["PING"]), pulseMs, never).catch(unlessRefused);
      if (!isUp) for (const listener of ups) listener();
      isUp = true;
    } catch (error) {
      isUp = false;
      for (const listener of faults) listener(error);
    }
  };
  client.on("error", (error) => {
    for (const listener of faults) listener(error);
  });
  return {
    client,
    connect: async () => {
      await client.connect();
      isUp = true;
      if (options.isPinged) pulse = setInterval(() => void pingOnce(), pulseMs);
    },
    sendCommand: (command) => client.sendCommand(false, command),
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    isUp: () => isUp && client.isReady,
    onFault: (listener) => void faults.add(listener),
    onUp: (listener) => void ups.add(listener),
    // The client asks the Sentinels every second anyway.
    reconnect: async () => undefined,
    close: () => {
      clearInterval(pulse);
      if (client.isOpen) void client.destroy();
    },
  };
}

function sentinelOf(
  { primary, sentinels, username, password, database }: SentinelAddress,
  options: LinkOptions,
) {
  const credentials = {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
  return createSentinel({
    name: primary,
    sentinelRootNodes: sentinels.map(({ host, port }) => ({ host, port })),
    scanInterval: pulseMs,
    nodeClientOptions: {
      ...credentials,
      database,
      disableOfflineQueue: true,
      socket: socketOf(options.silenceMs),
    },
  });
}

function socketOf(silenceMs: number) {
  return {
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    reconnectStrategy: (retries: number) => retryDelayMs(retries + 1, { firstMs: 50, longestMs: 2_000 }),
  };
}
