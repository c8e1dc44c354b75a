import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { download } from "../../../src/runtime/http/download.ts";

const signal = new AbortController().signal;
const limits = { maxBytes: 1_000, timeoutMs: 60_000 };
const seen: { readonly host: string; readonly request: IncomingMessage }[] = [];

/** A file server that answers `/file`, and sends `/away/<status>` to another one. */
function serverTo(host: string, other: () => string) {
  return createServer((request, response) => {
    seen.push({ host, request });
    const status = Number(/^\/away\/(\d+)$/u.exec(request.url ?? "")?.[1] ?? 200);
    if (status === 200) response.writeHead(200, { "content-type": "Text/Plain; charset=x" }).end("file");
    else response.writeHead(status, { location: `${other()}/file` }).end("moved");
  });
}

const urls = { one: "", other: "" };
const servers = { one: serverTo("one", () => urls.other), other: serverTo("other", () => urls.other) };

beforeAll(async () => {
  for (const name of ["one", "other"] as const) {
    const server = servers[name].listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    urls[name] = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }
});

afterAll(() => Object.values(servers).forEach((server) => server.close().closeAllConnections()));

describe("a download", () => {
  const headers = { authorization: "Bearer xoxb-secret" };

  test("gives the bytes and the type", async () => {
    const { bytes, mediaType } = await download({ url: `${urls.one}/file`, headers, ...limits }, signal);
    expect([new TextDecoder().decode(bytes), mediaType]).toEqual(["file", "text/plain"]);
    expect(seen.at(-1)?.request.headers.authorization).toBe("Bearer xoxb-secret");
  });

  test.each([301, 302, 303, 307, 308])(
    "follows no redirect, so that no token reaches another host: %s",
    async (status) => {
      const url = `${urls.one}/away/${status}`;
      await expect(download({ url, headers, ...limits }, signal)).rejects.toMatchObject({
        kind: "forbidden",
      });
      expect(seen.filter(({ host }) => host === "other")).toEqual([]);
    },
  );
});
