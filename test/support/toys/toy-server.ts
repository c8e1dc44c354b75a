import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The parameters of each toy tool. */
export const toyFields = {
  type: "object",
  properties: { of: { type: "string" } },
  required: ["of"],
  additionalProperties: false,
} as const;

/** What a toy tells the model of a word that the server gave. */
export function toyFound(word: string): string {
  return `It says ${word}.`;
}

/** A server outside of the bot that its toy tools call. */
export interface ToyServer extends AsyncDisposable {
  /** For a bot with these tools. */
  readonly settings: Readonly<Record<string, string>>;
  /** The paths that were called, in order. */
  readonly calls: readonly string[];
  /** What a call of a path waits for before it is answered. */
  readonly holds: Map<string, Promise<unknown>>;
}

/**
 * Starts the server. It answers each call with the last part of its path, in capital letters. What was written under a key
 * is found at `/written/<key>`; 404 if nothing was.
 */
export async function startToyServer(): Promise<ToyServer> {
  const calls: string[] = [];
  const written = new Map<string, string>();
  const holds = new Map<string, Promise<unknown>>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    calls.push(path);
    const found = written.get(path);
    if (path.startsWith("/written/")) return response.writeHead(found === undefined ? 404 : 200).end(found);
    const key = request.headers["idempotency-key"];
    if (typeof key === "string") written.set(`/written/${key}`, path.split("/").at(-1)?.toUpperCase() ?? "");
    return void (holds.get(path) ?? Promise.resolve()).then(() =>
      response.end(path.split("/").at(-1)?.toUpperCase()),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      NODE_OPTIONS: `--import ${new URL("preload.ts", import.meta.url).href}`,
      TOY_URL: `http://127.0.0.1:${port}`,
    },
    calls,
    holds,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
