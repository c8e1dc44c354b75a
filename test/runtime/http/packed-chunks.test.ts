import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { expect, test } from "vitest";

import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { nodeHandler } from "../../../src/runtime/http/node-handler.ts";
import { stopsOf } from "../../support/loop-stops.ts";
import { call, rawRequest } from "../../support/raw-caller.ts";
import { slowness } from "../../support/machine-speed.ts";

const chunkBytes = 64 * 1_024;
const upgrade = ["Host: x", "Connection: Upgrade", "Upgrade: websocket"];
const inChunks = rawRequest("POST /form", ["Host: x", "Transfer-Encoding: chunked"]);

async function open() {
  const faults: unknown[] = [];
  const http = new HttpServer((fault) => void faults.push(fault));
  const slow = Promise.withResolvers<IncomingMessage>();
  const go = Promise.withResolvers<void>();
  http.routes.all("/", (context) => context.text("here"));
  http.routes.all(
    "/form",
    nodeHandler(async (got, response) => {
      const hash = createHash("sha256");
      for await (const bytes of got) hash.update(bytes);
      response.end(hash.digest("hex"));
    }),
  );
  http.routes.all(
    "/slow",
    nodeHandler(async (got, response) => {
      slow.resolve(got);
      await go.promise;
      let length = 0;
      for await (const bytes of got) length += bytes.length;
      response.end(String(length));
    }),
  );
  http.upgrade("/echo", (_request, socket, head) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    socket.unshift(head);
    socket.pipe(socket);
  });
  const { url } = await http.listen("127.0.0.1", 0);
  const port = Number(new URL(url).port);
  const close = () => http[Symbol.asyncDispose]();
  return { faults, port, slow: slow.promise, go: go.resolve, [Symbol.asyncDispose]: close };
}

function packed(one: string, before = ""): string {
  return (before + one.repeat(Math.ceil(chunkBytes / one.length))).slice(0, chunkBytes);
}

test.each([
  ["GET", packed(rawRequest("GET /", ["Host: x"]))],
  ["HEAD", packed(rawRequest("HEAD /", ["Host: x"]))],
  ["POST with short bodies", packed(rawRequest("POST /", ["Host: x", "Content-Length: 1"], "a"))],
  ["POST with bodies that are read", packed(rawRequest("POST /form", ["Host: x", "Content-Length: 1"], "a"))],
  ["upgrades", packed(rawRequest("GET /echo", upgrade))],
  ["upgrades to nothing", packed(rawRequest("GET /nowhere", upgrade))],
  ["requests without a host", packed(rawRequest("GET /", []))],
  ["requests that expect something", packed(rawRequest("GET /", ["Host: x", "Expect: more"]))],
  ["bad requests", packed("G\r\n")],
  ["CONNECT", packed(rawRequest("CONNECT x:1", ["Host: x"]))],
  [
    "requests in chunks",
    packed(`${rawRequest("POST /", ["Host: x", "Transfer-Encoding: chunked"])}0\r\n\r\n`),
  ],
  ["chunks of a byte", packed("1\r\na\r\n", inChunks)],
  ["chunks of a byte that are not read", packed("1\r\na\r\n", inChunks.replace("/form", "/"))],
  ["chunks with extensions", packed("1;a=b\r\na\r\n", inChunks)],
])("100 callers who send 64 KB of %s delay no other caller", async (_title, bytes) => {
  await using server = await open();
  const health = rawRequest("GET /", ["Host: x", "Connection: close"]);
  let answer = "";
  const callers = Array.from({ length: 100 }, () =>
    connect(server.port, "127.0.0.1").on("error", () => undefined),
  );
  await Promise.all(callers.map((caller) => once(caller, "connect")));
  const stops = await stopsOf(async () => {
    const gone = callers.map((caller) => once(caller.resume().end(bytes, "latin1"), "close"));
    answer = await call(server.port, health);
    await Promise.all(gone);
  });
  expect(answer).toContain(" 200 ");
  // The promise is 50 ms, on a free machine; without slices it was two seconds.
  expect(stops.longestWorkedMs).toBeLessThan(150 * (await slowness()));
});

test("hangs up on a caller who sends a second request before the response, and logs it once", async () => {
  await using server = await open();
  const two = rawRequest("GET /", ["Host: x"]).repeat(2);
  for (let times = 0; times < 3; times += 1)
    expect(await call(server.port, two, "stay")).not.toContain("here".repeat(2));
  const socket = connect(server.port, "127.0.0.1");
  socket.write(rawRequest("GET /slow", ["Host: x"]));
  await server.slow;
  socket.write(rawRequest("GET /", ["Host: x"]));
  expect(await text(socket).catch(() => "")).toBe("");
  server.go();
  expect(server.faults.map(String)).toEqual([
    expect.stringContaining("before the previous one was answered"),
  ]);
});

async function ask(options: RequestOptions, body: readonly Buffer[]) {
  const asking = request({ method: body.length === 0 ? "GET" : "POST", ...options });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asking.on("response", resolve).on("error", reject);
  for (const bytes of body) asking.write(bytes);
  asking.end();
  return { text: await text(await promise), from: asking.socket?.localPort };
}

test("a connection serves one request after another, of any kind and size", async () => {
  await using server = await open();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const froms = new Set<unknown>();
  for (const size of [1, 5_000, 1_024 * 1_024, 7, 300_000]) {
    const body = randomBytes(size);
    const hash = createHash("sha256").update(body).digest("hex");
    const pieces = [body.subarray(0, size / 3), body.subarray(size / 3, size / 2), body.subarray(size / 2)];
    for (const [given, path, expected, headers] of [
      [[], "/", "here", {}],
      [[body], "/form", hash, { "content-length": size }],
      [pieces, "/form", hash, { "transfer-encoding": "chunked" }],
      [pieces, "/", "here", { "transfer-encoding": "chunked" }],
      [[body], "/form", hash, { "content-length": size, expect: "100-continue" }],
    ] as const) {
      const { text: said, from } = await ask({ port: server.port, agent, path, headers }, given);
      expect(said).toBe(expected);
      froms.add(from);
    }
  }
  agent.destroy();
  expect(froms.size).toBe(1);
  expect(server.faults).toEqual([]);
});

test.each([
  ["first on its connection", ""],
  ["after a request in chunks", `${inChunks}1\r\na\r\n0\r\n\r\n`],
])("an upgrade gets all that comes in the same chunk, %s", async (_title, before) => {
  await using server = await open();
  const socket = connect(server.port, "127.0.0.1");
  if (before !== "") {
    socket.write(before);
    await once(socket, "data");
  }
  const frames = randomBytes(40_000).toString("hex");
  socket.end(rawRequest("GET /echo", upgrade, frames));
  const echoed = await text(socket);
  expect(echoed.slice(echoed.indexOf("\r\n\r\n") + 4)).toBe(frames);
});

test.each(["content-length", "transfer-encoding"])(
  "a body that is not read stops coming (%s)",
  async (kind) => {
    await using server = await open();
    const body = Buffer.alloc(32 * 1_024 * 1_024);
    const headers = { [kind]: kind === "content-length" ? body.length : "chunked" };
    const asked = ask({ port: server.port, path: "/slow", headers }, [body]);
    const { socket } = await server.slow;
    await expect.poll(() => socket.isPaused(), { timeout: 60_000 }).toBe(true);
    // Turns enough for all of it to come.
    for (let turns = 0; turns < 2_000; turns += 1) await new Promise((resolve) => void setImmediate(resolve));
    expect(socket.bytesRead).toBeLessThan(1_024 * 1_024);
    server.go();
    expect((await asked).text).toBe(String(body.length));
  },
);

test("a body in chunks of a byte that is not read stops coming", async () => {
  await using server = await open();
  const length = 500_000;
  const head = rawRequest("POST /slow", ["Host: x", "Transfer-Encoding: chunked", "Connection: close"]);
  const bytes = `${head}${"1\r\na\r\n".repeat(length)}0\r\n\r\n`;
  const asked = call(server.port, bytes, "stay");
  const { socket } = await server.slow;
  await expect.poll(() => socket.isPaused() && socket.bytesRead > 400_000, { timeout: 60_000 }).toBe(true);
  for (let turns = 0; turns < 2_000; turns += 1) await new Promise((resolve) => void setImmediate(resolve));
  expect(socket.bytesRead).toBeLessThan(1_024 * 1_024);
  server.go();
  expect(await asked).toContain(`\r\n\r\n${length}`);
});
