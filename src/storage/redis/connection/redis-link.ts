import { createClient, createSentinel } from "@keyv/redis";

import { withDeadline } from "../../../runtime/deadline.ts";
import type { RedisAddress } from "../../../runtime/addresses/redis-address.ts";

const connectMs = 5_000;
const pulseMs = 1_000;
const { signal: never } = new AbortController();

interface LinkOptions {
  /** A server that says nothing for so long, while it owes an answer, is taken for dead. */
  readonly silenceMs: number;
  /** Keeps an idle connection talking, so that a frozen server is noticed. Not for one that waits on a blocking command. */
  readonly isPinged: boolean;
}

/** A connection to the primary that fails at once while it is away, and comes back by itself. */
export interface RedisLink {
  /** What Keyv's adapter is given. */
  readonly client: ReturnType<typeof clientOf> | ReturnType<typeof sentinelOf>;
  readonly connect: () => Promise<unknown>;
  readonly sendCommand: (command: string[]) => Promise<unknown>;
  readonly subscribe: (channel: string, hear: (message: string) => void) => Promise<void>;
  readonly isUp: () => boolean;
  /** Called on every fault, also while it tries to come back. */
  readonly onFault: (hear: (error: unknown) => void) => void;
  /** Called when it is back. */
  readonly onUp: (hear: () => void) => void;
  /** Asks anew where the address leads: the server there is not the primary any more. Never rejects. */
  readonly reconnect: () => Promise<void>;
  readonly close: () => void;
}

/** Not connected yet. @throws {Error} for an address that can't be used. */
export function openLink(address: RedisAddress, options: LinkOptions): RedisLink {
  return address.kind === "server" ? serverLink(address, options) : sentinelLink(address, options);
}

function serverLink(
  { url }: Extract<RedisAddress, { readonly kind: "server" }>,
  options: LinkOptions,
): RedisLink {
  const client = clientOf(url, options.silenceMs);
  const faults = new Set<(error: unknown) => void>();
  let pulse: NodeJS.Timeout | undefined;
  const tell = (error: unknown): void => {
    for (const hear of faults) hear(error);
  };
  const reconnect = async (): Promise<void> => {
    if (client.isOpen) client.destroy();
    // It goes on trying by itself.
    void client.connect().catch(() => undefined);
  };
  const silent = (error: unknown): void => {
    // What has broken by itself is told by the client.
    if (!client.isReady) return;
    tell(error);
    void reconnect();
  };
  client.on("error", tell);
  return {
    client,
    connect: async () => {
      await client.connect();
      const ask = () => client.sendCommand(["PING"]);
      if (options.isPinged) pulse = startPulse(ask, options.silenceMs, silent);
    },
    sendCommand: (command) => client.sendCommand(command),
    subscribe: (channel, hear) => client.subscribe(channel, hear),
    isUp: () => client.isReady,
    onFault: (hear) => void faults.add(hear),
    onUp: (hear) => void client.on("ready", hear),
    reconnect,
    close: () => {
      clearInterval(pulse);
      if (client.isOpen) client.destroy();
    },
  };
}

/** A socket to which something is written does not count as silent, so a frozen server is asked. */
function startPulse(
  ask: () => Promise<unknown>,
  silenceMs: number,
  onSilence: (error: unknown) => void,
): NodeJS.Timeout {
  let isAsking = false;
  const askOnce = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    await withDeadline(ask, silenceMs, never).catch((error: unknown) => {
      if (error instanceof Error && error.name === "TimeoutError") onSilence(error);
    });
    isAsking = false;
  };
  return setInterval(() => void askOnce(), pulseMs);
}

/** What answers is there: a server that can't save to its disk refuses even a PING. */
function unlessRefused(error: unknown): void {
  const isRefusal = error instanceof Error && /^[A-Z]+ /u.test(error.message);
  if (!isRefusal) throw error;
}

function clientOf(url: string, silenceMs: number) {
  return createClient({ url, disableOfflineQueue: true, socket: socketOf(silenceMs) });
}

type SentinelAddress = Extract<RedisAddress, { readonly kind: "sentinel" }>;

/** The client says nothing about a primary that went away, so its pulse is felt. */
function sentinelLink(address: SentinelAddress, options: LinkOptions): RedisLink {
  const client = sentinelOf(address, options);
  const faults = new Set<(error: unknown) => void>();
  const ups = new Set<() => void>();
  let isUp = false;
  let pulse: NodeJS.Timeout | undefined;
  const feelOnce = async (): Promise<void> => {
    try {
      // While a new primary is sought, commands wait.
      await withDeadline(() => client.sendCommand(false, ["PING"]), pulseMs, never).catch(unlessRefused);
      if (!isUp) for (const hear of ups) hear();
      isUp = true;
    } catch (error) {
      isUp = false;
      for (const hear of faults) hear(error);
    }
  };
  client.on("error", (error) => {
    for (const hear of faults) hear(error);
  });
  return {
    client,
    connect: async () => {
      await client.connect();
      isUp = true;
      if (options.isPinged) pulse = setInterval(() => void feelOnce(), pulseMs);
    },
    sendCommand: (command) => client.sendCommand(false, command),
    subscribe: (channel, hear) => client.subscribe(channel, hear),
    isUp: () => isUp && client.isReady,
    onFault: (hear) => void faults.add(hear),
    onUp: (hear) => void ups.add(hear),
    // The Sentinels are asked every second anyway.
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
    reconnectStrategy: (retries: number) => Math.min(2_000, 50 * 2 ** retries) * (0.5 + Math.random()),
  };
}
