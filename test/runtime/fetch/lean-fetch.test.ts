import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { expect, onTestFinished, test, vi } from "vitest";

import { leanFetch, type Fetch, type LeanFetchOptions } from "../../../src/runtime/fetch/lean-fetch.ts";

/** A server that does with each request what the test says. */
async function startServer(answer: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    let read = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      read += text;
      const headEnd = read.indexOf("\r\n\r\n");
      const bytes = Number(/\r\ncontent-length: (\d+)/iu.exec(read)?.[1] ?? 0);
      if (headEnd === -1 || read.length < headEnd + 4 + bytes) return;
      const request = read;
      read = "";
      requests.push(request);
      answer(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}`, port, sockets, requests };
}

function open(options: Partial<LeanFetchOptions> = {}): Fetch {
  return leanFetch({ proxy: undefined, ...options });
}

function response(body: string | Buffer, ...headers: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  const head = ["HTTP/1.1 200 OK", `content-length: ${bytes.length}`, ...headers].join("\r\n");
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "none",
    (error: unknown) => error,
  );
}

test("a request is sent as it is given, and its answer has status, headers and text", async () => {
  const server = await startServer((socket) =>
    socket.write(
      "HTTP/1.1 404 Not There\r\nX-One: 1\r\nX-Two: a\r\nx-two: b\r\ncontent-length: 4\r\n\r\n{\xe2}",
    ),
  );
  const sent = { method: "POST", headers: { "X-Key": "k", Accept: "text/x" }, body: "née" };
  const answer = await open()(`${server.url}/path?q=a%20b`, sent);
  expect(server.requests[0]).toMatch(/^POST \/path\?q=a%20b HTTP\/1\.1\r\n/u);
  expect(server.requests[0]).toContain("X-Key: k\r\nAccept: text/x\r\ncontent-length: 4\r\n\r\nn\xc3\xa9e");
  expect(answer).toMatchObject({ ok: false, status: 404, statusText: "Not There" });
  expect(answer.url).toBe(`${server.url}/path?q=a%20b`);
  expect(answer.headers.get("X-ONE")).toBe("1");
  expect(answer.headers.get("constructor")).toBeNull();
  expect(new Headers(answer.headers).get("x-two")).toBe("a, b");
  await answer.arrayBuffer();
});

test("headers are sent from every form that fetch takes", async () => {
  const server = await startServer((socket) => socket.write(response("ok")));
  const fetch = open();
  for (const headers of [
    new Headers({ "x-key": "k" }),
    [["x-key", "k"]] as [string, string][],
    { "x-key": "k" },
  ])
    await (await fetch(server.url, { headers })).text();
  expect(server.requests).toHaveLength(3);
  for (const request of server.requests) expect(request).toContain("\r\nx-key: k\r\n");
});

test("nothing is asked to be compressed", async () => {
  const server = await startServer((socket) => socket.write(response("ok")));
  await (await open()(server.url)).text();
  expect(server.requests[0]).not.toMatch(/accept-encoding/iu);
});

test("connections are used again", async () => {
  let connections = 0;
  const server = await startServer((socket) => socket.write(response("ok")));
  const fetch = open();
  for (let i = 0; i < 20; i += 1) {
    expect(await (await fetch(server.url, { method: "POST", body: "x" })).text()).toBe("ok");
    connections = Math.max(connections, server.sockets.size);
  }
  // A connection is free again one turn of the event loop after its answer: a request at once gets a second one.
  expect(connections).toBeLessThanOrEqual(2);
});

test("JSON in any chunks is read as it was sent", async () => {
  const text = JSON.stringify({ say: "Žluťoučký kůň 🐎", list: Array.from({ length: 500 }, (_, at) => at) });
  const bytes = Buffer.from(text);
  const server = await startServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    for (let at = 0; at < bytes.length; at += 7) {
      const part = bytes.subarray(at, at + 7);
      socket.write(
        Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]),
      );
    }
    socket.write("0\r\n\r\n");
  });
  expect(await (await open()(server.url)).json()).toEqual(JSON.parse(text));
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
  ["zstd", zstdCompressSync],
  ["identity", (body: string) => Buffer.from(body)],
  ["deflate, gzip", (body: string) => gzipSync(deflateSync(body))],
] as const)(
  "a body with the encoding %s is decoded although nobody asked for it",
  async (encoding, encode) => {
    const body = "It is Friday. ".repeat(5_000);
    const server = await startServer((socket) =>
      socket.write(response(encode(body), `content-encoding: ${encoding}`)),
    );
    const answer = await open()(server.url);
    expect(await answer.text()).toBe(body);
    expect(server.sockets.size).toBe(1);
  },
);

test.each(["gzip", "deflate", "br", "zstd"])(
  "an answer without a body is empty although its headers say %s",
  async (encoding) => {
    const server = await startServer((socket, request) =>
      socket.write(
        request.startsWith("POST /none")
          ? `HTTP/1.1 204 No Content\r\ncontent-encoding: ${encoding}\r\n\r\n`
          : `HTTP/1.1 429 Too Many\r\ncontent-encoding: ${encoding}\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
    for (const path of ["none", "many"]) {
      const answer = await open()(`${server.url}/${path}`, { method: "POST", body: "x" });
      expect(await answer.text()).toBe("");
    }
  },
);

test("a compressed body whose server leaves out its end is read, as with fetch", async () => {
  const body = "It is Friday. ".repeat(100);
  const server = await startServer((socket) =>
    socket.write(response(gzipSync(body).subarray(0, -8), "content-encoding: gzip")),
  );
  expect(await (await fetch(server.url)).text()).toBe(body);
  expect(await (await open()(server.url)).text()).toBe(body);
});

test("a compressed body that breaks off is an error", async () => {
  const whole = gzipSync(Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7_919) % 251)));
  const server = await startServer((socket) => {
    const bytes = response(whole, "content-encoding: gzip");
    socket.write(bytes.subarray(0, bytes.length - 500), () => socket.destroy());
  });
  const answer = await open()(server.url);
  expect(await failureOf(answer.text())).toMatchObject({ name: "TypeError", message: "terminated" });
});

test("a connection that is reset before the headers is a failed fetch with the network's error", async () => {
  const server = await startServer((socket) => socket.resetAndDestroy());
  expect(await failureOf(open()(server.url))).toMatchObject({
    name: "TypeError",
    message: "fetch failed",
    cause: { code: expect.stringMatching(/^(?:ECONNRESET|UND_ERR_SOCKET)$/u) },
  });
});

test("a server that nobody runs is a failed fetch with the network's error", async () => {
  const failure = await failureOf(open()("http://127.0.0.1:1"));
  expect(failure).toMatchObject({ message: "fetch failed", cause: { code: "ECONNREFUSED" } });
});

test("a connection that is reset in the middle of the body ends it with an error", async () => {
  const server = await startServer((socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.resetAndDestroy()),
  );
  const answer = await open()(server.url);
  expect(await failureOf(answer.text())).toMatchObject({
    name: "TypeError",
    message: "terminated",
    cause: { code: expect.stringMatching(/^(?:ECONNRESET|UND_ERR_SOCKET)$/u) },
  });
});

test("what arrived before a reset can be read", async () => {
  const server = await startServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
  });
  const answer = await open()(server.url);
  const read: string[] = [];
  const reading = (async () => {
    for await (const part of answer.body ?? []) {
      read.push(Buffer.from(part).toString());
      for (const socket of server.sockets) socket.destroy();
    }
  })();
  expect(await failureOf(reading)).toMatchObject({ message: "terminated" });
  expect(read).toEqual(["half"]);
});

test("headers beyond the limit of Node are a failed fetch", async () => {
  const server = await startServer((socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nx-long: ${"x".repeat(64 * 1_024)}\r\ncontent-length: 0\r\n\r\n`),
  );
  const failure = await failureOf(open()(server.url));
  expect(failure).toMatchObject({ message: "fetch failed", cause: { code: "UND_ERR_HEADERS_OVERFLOW" } });
});

test.each([
  ["no headers", ""],
  ["half of its headers", "HTTP/1.1 200 OK\r\nx-one"],
  ["no body", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"],
  ["half of its body", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhal"],
])("an answer with %s is over after its time, and its connection is closed", async (_, sent) => {
  const server = await startServer((socket) => socket.write(sent));
  const fetching = open({ timeoutMs: 300 })(server.url).then((answer) => answer.text());
  expect(await failureOf(fetching)).toMatchObject({ name: "TimeoutError" });
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("the connection of an answer that nobody reads is closed after its time", async () => {
  const server = await startServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n");
    socket.write("x".repeat(2_000_000));
  });
  await open({ timeoutMs: 300 })(server.url);
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("the time of an answer does not end the next one on the same connection", async () => {
  const server = await startServer((socket, request) => {
    if (request.startsWith("GET /slow")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
    else socket.write(response("fast"));
  });
  await (await open({ timeoutMs: 300 })(server.url)).text();
  const fetch = open({ timeoutMs: 300 });
  await (await fetch(server.url)).text();
  expect(await failureOf(fetch(`${server.url}/slow`).then((answer) => answer.text()))).toMatchObject({
    name: "TimeoutError",
  });
  expect(await (await fetch(server.url)).text()).toBe("fast");
});

test("a signal that fired before sends nothing", async () => {
  const server = await startServer((socket) => socket.write(response("ok")));
  const reason = new Error("stop pressed");
  const failure = await failureOf(open()(server.url, { signal: AbortSignal.abort(reason) }));
  expect(failure).toBe(reason);
  expect(server.requests).toEqual([]);
});

test.each([
  ["before the headers", ""],
  ["in the body", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"],
])("a signal that fires %s ends the answer with its reason and closes the connection", async (_, sent) => {
  const server = await startServer((socket) => socket.write(sent));
  const abort = new AbortController();
  const reason = new Error("stop pressed");
  const fetching = failureOf(open()(server.url, { signal: abort.signal }).then((answer) => answer.text()));
  await expect.poll(() => server.requests.length).toBe(1);
  abort.abort(reason);
  expect(await fetching).toBe(reason);
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("a signal that fires while the connection is being made ends the request", async () => {
  const server = await startServer((socket) => socket.write(response("ok")));
  const abort = new AbortController();
  const reason = new Error("stop pressed");
  const fetching = failureOf(open()(server.url, { signal: abort.signal }));
  abort.abort(reason);
  expect(await fetching).toBe(reason);
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(server.requests).toEqual([]);
});

test("a body that is left early closes its connection", async () => {
  const server = await startServer((socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
  );
  const answer = await open()(server.url);
  for await (const part of answer.body ?? []) {
    expect(Buffer.from(part).toString()).toBe("half");
    break;
  }
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("a compressed body that is left early closes its connection", async () => {
  const body = gzipSync("It is Friday. ".repeat(50_000));
  const server = await startServer((socket) =>
    socket.write(response(body, "content-encoding: gzip").subarray(0, -20)),
  );
  const answer = await open()(server.url);
  for await (const part of answer.body ?? []) {
    expect(Buffer.from(part).toString()).toContain("It is Friday.");
    break;
  }
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("a server waits for a slow reader, and loses none of its bytes", async () => {
  const bytes = Buffer.concat(Array.from({ length: 400 }, (_, at) => Buffer.alloc(64 * 1_024, at)));
  let isWritten = false;
  const server = await startServer((socket) => {
    socket.write(response(bytes), () => {
      isWritten = true;
    });
  });
  const answer = await open()(server.url);
  await expect.poll(() => [...server.sockets][0]?.writableNeedDrain).toBe(true);
  expect(isWritten).toBe(false);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

test("a redirect is followed, refused or returned, as it is asked", async () => {
  const server = await startServer((socket, request) =>
    socket.write(
      request.startsWith("POST /old")
        ? "HTTP/1.1 307 Moved\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n"
        : response("new"),
    ),
  );
  const sent = { method: "POST", body: "question" } as const;
  const fetch = open();
  expect(await (await fetch(`${server.url}/old`, sent)).text()).toBe("new");
  expect(server.requests.at(-1)).toMatch(/^POST \/new [^]*question$/u);
  const refused = await failureOf(fetch(`${server.url}/old`, { ...sent, redirect: "error" }));
  expect(refused).toMatchObject({ name: "TypeError", cause: { message: "unexpected redirect" } });
  expect(await fetch(`${server.url}/old`, { ...sent, redirect: "manual" })).toMatchObject({ status: 307 });
});

test("what only Node's fetch understands is sent by it", async () => {
  const server = await startServer((socket) => socket.write(response("ok")));
  const form = new FormData();
  form.append("file", new Blob(["bytes"]), "a.txt");
  for (const [input, init] of [
    [server.url, { method: "POST", body: form }],
    [new URL(server.url), {}],
    [new Request(server.url), {}],
  ] as const)
    expect(await (await open()(input, init)).text()).toBe("ok");
  expect(server.requests[0]).toContain('filename="a.txt"');
  expect(await failureOf(open()("http://ada:sesame@127.0.0.1/"))).toMatchObject({ name: "TypeError" });
});

test("what Node's fetch sends has to end in time, too", async () => {
  const server = await startServer((socket, request) => {
    if (request.startsWith("GET /old"))
      socket.write("HTTP/1.1 302 Moved\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n");
  });
  const fetch = open({ timeoutMs: 300 });
  for (const input of [`${server.url}/old`, new URL(server.url)])
    expect(await failureOf(fetch(input))).toMatchObject({ name: "TimeoutError" });
  const reason = new Error("stop pressed");
  expect(await failureOf(fetch(new URL(server.url), { signal: AbortSignal.abort(reason) }))).toBe(reason);
});

test("a proxy gets what is not on its list of exceptions", async () => {
  const proxy = await startServer((socket, request) =>
    socket.write(
      request.startsWith("CONNECT") ? "HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n" : response("by proxy"),
    ),
  );
  const server = await startServer((socket) => socket.write(response("direct")));
  const fetch = open({ proxy: { http: proxy.url, https: proxy.url, except: "127.0.0.1" } });
  expect(await (await fetch(server.url)).text()).toBe("direct");
  expect(await (await fetch("http://model.corp.example/v1")).text()).toBe("by proxy");
  expect(proxy.requests.at(-1)).toMatch(/^GET http:\/\/model\.corp\.example\/v1 /u);
  const refused = await failureOf(fetch("https://model.corp.example/v1"));
  expect(refused).toMatchObject({ message: "fetch failed" });
  expect(proxy.requests.at(-1)).toMatch(/^CONNECT model\.corp\.example:443 /u);
});

test("requests beyond the limit wait for another to end, and can be ended meanwhile", async () => {
  const waiting: Socket[] = [];
  const used = new Set<Socket>();
  const server = await startServer((socket) => {
    used.add(socket);
    waiting.push(socket);
  });
  const fetch = open({ maxRequests: 2 });
  const answers = [1, 2, 3].map(async () => (await fetch(server.url)).text());
  await expect.poll(() => waiting.length).toBe(2);
  const abort = new AbortController();
  const ended = failureOf(fetch(server.url, { signal: abort.signal }));
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await ended).toBe(reason);
  for (let answered = 0; answered < 3; answered += 1) {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    waiting.shift()?.write(response("ok"));
  }
  expect(await Promise.all(answers)).toEqual(["ok", "ok", "ok"]);
  expect(used.size).toBe(2);
});

test("a request that waits for others until its time is over is never sent", async () => {
  const server = await startServer((socket, request) => {
    if (request.startsWith("GET /last")) socket.write(response("ok"));
  });
  const fetch = open({ maxRequests: 2, timeoutMs: 200 });
  // In real time, one that began a moment later would be sent a moment before its end.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const ends = [1, 2, 3, 4].map(async (each) => failureOf(fetch(`${server.url}/${each}`)));
  await expect.poll(() => server.requests.length).toBe(2);
  vi.advanceTimersByTime(200);
  vi.useRealTimers();
  const failures = await Promise.all(ends);
  expect(failures).toMatchObject(Array.from({ length: 4 }, () => ({ name: "TimeoutError" })));
  expect(await (await fetch(`${server.url}/last`)).text()).toBe("ok");
  expect(server.requests.map((request) => request.split(" ")[1])).toEqual(["/1", "/2", "/last"]);
});

test.each<readonly [string, (fetch: Fetch, url: string) => Promise<unknown>]>([
  ["is answered", async (fetch, url) => (await fetch(`${url}/whole`)).text()],
  ["is answered without being read", async (fetch, url) => fetch(`${url}/whole`)],
  ["fails", async (fetch, url) => failureOf(fetch(`${url}/reset`))],
  ["is refused a connection", async (fetch) => failureOf(fetch("http://127.0.0.1:1"))],
  ["can't be sent", async (fetch, url) => failureOf(fetch(url, { method: "B A D" }))],
  ["is redirected", async (fetch, url) => failureOf(fetch(`${url}/elsewhere`, { redirect: "error" }))],
  ["is cut in its body", async (fetch, url) => failureOf((await fetch(`${url}/cut`)).text())],
])("a request that %s makes room for one other", async (_, end) => {
  const server = await startServer((socket, request) => {
    const [, path = ""] = request.split(" ");
    if (path === "/reset") socket.resetAndDestroy();
    else if (path === "/cut") socket.end("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n{");
    else if (path === "/elsewhere")
      socket.write("HTTP/1.1 302 F\r\nlocation: /\r\ncontent-length: 0\r\n\r\n");
    else if (path === "/whole") socket.write(response("ok"));
  });
  const fetch = open({ maxRequests: 1 });
  await end(fetch, server.url);
  const abort = new AbortController();
  const waiting = [1, 2].map(async (each) =>
    failureOf(fetch(`${server.url}/${each}`, { signal: abort.signal })),
  );
  await expect.poll(() => server.requests.at(-1)).toMatch(/^GET \/1 /u);
  abort.abort(new Error("enough"));
  expect(await Promise.all(waiting)).toMatchObject([{ message: "enough" }, { message: "enough" }]);
  expect(server.requests.some((request) => request.startsWith("GET /2 "))).toBe(false);
});
