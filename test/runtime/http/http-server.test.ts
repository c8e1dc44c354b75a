import { once } from "node:events";
import { connect } from "node:net";

import { expect, test } from "vitest";

import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { nodeHandler } from "../../../src/runtime/http/node-handler.ts";
import { call, rawRequest } from "../../support/raw-caller.ts";

const soon = {
  headersTimeout: 1_000,
  requestTimeout: 2_000,
  bodyTimeout: 1_000,
  keepAliveTimeout: 1_000,
  idleTimeout: 3_000,
  connectionsCheckingInterval: 20,
};

async function open(limits: ConstructorParameters<typeof HttpServer>[1]) {
  const faults: unknown[] = [];
  const http = new HttpServer((fault) => void faults.push(fault), limits);
  http.routes.all("/", (context) => context.text("here"));
  // Reads for ever.
  http.routes.all(
    "/form",
    nodeHandler(async (request, response) => {
      for await (const bytes of request) void bytes;
      response.end("read");
    }),
  );
  http.routes.all("/fails-at-once", () => {
    throw new Error("at once");
  });
  http.routes.all("/fails-later", async () => {
    await Promise.resolve();
    throw new Error("later");
  });
  http.upgrade("/fails", () => {
    throw new Error("at the upgrade");
  });
  const { url } = await http.listen("127.0.0.1", 0);
  return {
    faults,
    port: Number(new URL(url).port),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

// Each waits for a server of its own.
test.concurrent.each([
  ["sends half of its headers", "GET / HTTP/1.1\r\nHost: x\r\n", "408"],
  ["sends half of its body", rawRequest("POST /form", ["Host: x", "Content-Length: 9"], "half"), "408"],
  ["asks nothing more", rawRequest("GET /", ["Host: x"]), "200"],
  ["asks nothing at all", "", "408"],
])("the server hangs up on a caller who connects and %s", async (_title, bytes, status) => {
  await using server = await open(soon);
  expect((await call(server.port, bytes, "stay")).split(" ", 2)[1] ?? "").toBe(status);
  expect(server.faults).toEqual([]);
});

test("a body may take longer than others where its route allows it", async () => {
  const http = new HttpServer(() => undefined, {
    ...soon,
    requestTimeout: 60_000,
    idleTimeout: 60_000,
    bodyTimeout: 50,
  });
  await using _ = http;
  http.allowSlowBody("/slow");
  http.routes.post("/:path", async (context) => context.text(await context.req.text()));
  const { url } = await http.listen("127.0.0.1", 0);
  const { promise: isCut, resolve } = Promise.withResolvers<void>();
  const send = (path: string, until: Promise<void>): Promise<Response> => {
    const body = new ReadableStream({
      start: async (controller) => {
        controller.enqueue(Buffer.from("one "));
        await until;
        controller.enqueue(Buffer.from("two"));
        controller.close();
      },
    });
    const init = { method: "POST", body, duplex: "half" };
    return fetch(`${url}${path}`, init);
  };
  const slow = send("/slow", isCut);
  const cut = await send("/other", new Promise(() => undefined)).then(
    ({ status }) => status,
    () => "cut",
  );
  expect([408, "cut"]).toContain(cut);
  resolve();
  expect(await (await slow).text()).toBe("one two");
});

test("a caller whose request was answered early is limited too", async () => {
  await using server = await open({ requestTimeout: 60_000, idleTimeout: 60_000, bodyTimeout: 50 });
  const half = rawRequest("POST /", ["Host: x", "Content-Length: 9"], "half");
  expect(await call(server.port, half, "stay")).toContain(" 200 ");
});

test("a body within its time lets the answer take longer", async () => {
  const http = new HttpServer(() => undefined, { ...soon, bodyTimeout: 50 });
  await using _ = http;
  const { promise: isOver, resolve } = Promise.withResolvers<void>();
  http.routes.post(
    "/cut",
    nodeHandler(() => new Promise(() => undefined)),
  );
  http.routes.post("/", async (context) => {
    const text = await context.req.text();
    await isOver;
    return context.text(text);
  });
  const { url } = await http.listen("127.0.0.1", 0);
  const answered = fetch(url, { method: "POST", body: "read" });
  // Began later, and is cut by now.
  const half = rawRequest("POST /cut", ["Host: x", "Content-Length: 9"], "half");
  await call(Number(new URL(url).port), half, "stay");
  resolve();
  expect(await (await answered).text()).toBe("read");
});

test("headers beyond the limit are refused", async () => {
  await using server = await open({});
  const long = rawRequest("GET /", ["Host: x", `X-Long: ${"x".repeat(16 * 1_024)}`]);
  expect(await call(server.port, long)).toContain(" 431 ");
});

test("above the limit of connections, the oldest are closed, and the operator is told once", async () => {
  await using server = await open({ ...soon, maxConnections: 3 });
  const answers = await Promise.all(Array.from({ length: 6 }, () => call(server.port, "GET /", "stay")));
  expect(answers.filter((answer) => answer === "")).toHaveLength(3);
  expect(server.faults.map(String)).toEqual([expect.stringContaining("All 3 connections are in use")]);
});

test("a caller who takes all connections blocks no other caller, not even from the same address", async () => {
  await using server = await open({ maxConnections: 50 });
  const idle = Array.from({ length: 200 }, (_, index) =>
    call(server.port, index % 2 === 0 ? "" : "POST /form HTTP/1.1\r\nHost: x\r\n", "stay"),
  );
  await Promise.all(idle.slice(0, 100));
  const asked = Array.from({ length: 20 }, () =>
    call(server.port, rawRequest("GET /", ["Host: x", "Connection: close"])),
  );
  for (const answer of await Promise.all(asked)) expect(answer).toContain(" 200 ");
});

test("a connection with a running response is not closed for that", async () => {
  await using server = await open({ maxConnections: 5 });
  const slow = rawRequest("POST /form", ["Host: x", "Content-Length: 4", "Connection: close"]);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(slow);
  await once(socket, "ready");
  const idle = Array.from({ length: 40 }, () => call(server.port, "GET", "stay"));
  await Promise.all(idle.slice(0, 30));
  socket.write("form");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain(" 200 ");
});

test("a handler that fails, at once or later, affects only its own request", async () => {
  await using server = await open({});
  for (const path of ["/fails-at-once", "/fails-later"]) {
    expect(await call(server.port, rawRequest(`GET ${path}`, ["Host: x"]))).toContain(" 500 ");
  }
  const upgrade = ["Host: x", "Connection: Upgrade", "Upgrade: websocket"];
  expect(await call(server.port, rawRequest("GET /fails", upgrade))).toBe("");
  expect(await call(server.port, rawRequest("GET /", ["Host: x"]))).toContain(" 200 ");
  expect(server.faults.map(String)).toEqual(["Error: at once", "Error: later", "Error: at the upgrade"]);
});

test("while the program starts, an unknown path is answered with the time to retry", async () => {
  await using http = new HttpServer(() => undefined);
  http.starting();
  http.routes.all("/healthz", (context) => context.text("alive"));
  const { url } = await http.listen("127.0.0.1", 0);
  const event = await fetch(`${url}/slack/events`, { method: "POST", body: "{}" });
  expect([event.status, event.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await (await fetch(url)).text()).toContain("is starting");
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  http.started();
  expect((await fetch(`${url}/slack/events`, { method: "POST", body: "{}" })).status).toBe(404);
});

test("a health probe that names no host is answered, and a path with dot segments is not found", async () => {
  await using server = await open({});
  expect(await call(server.port, "GET / HTTP/1.0\r\n\r\n")).toContain(" 200 ");
  for (const path of ["/form/../", "/form/%2e%2e/", "/./"])
    expect(await call(server.port, rawRequest(`GET ${path}`, ["Host: x", "Connection: close"]))).toContain(
      " 404 ",
    );
});
