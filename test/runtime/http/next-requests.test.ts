import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { expect, test } from "vitest";

import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { nodeHandler } from "../../../src/runtime/http/node-handler.ts";

const rounds = 20;
/** Long enough for the caller, in a thread of its own, to send its next request. */
const busyMs = 30;

/** Sends each request when it has read the response before it, on one connection. Posts how many were answered. */
const caller = `
const { connect } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const request = "GET /late HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n";
let answered = 0;
const socket = connect(workerData.port, "127.0.0.1", () => socket.write(request));
socket.on("data", () => {
  answered += 1;
  if (answered === workerData.rounds) socket.end();
  else socket.write(request);
});
socket.on("error", () => undefined);
socket.on("close", () => parentPort.postMessage(answered));
`;

test("a request that follows a response at once is answered, whenever in the event loop the response ended", async () => {
  const faults: unknown[] = [];
  await using http = new HttpServer((fault) => void faults.push(fault));
  http.routes.all(
    "/late",
    nodeHandler(async (_request, response) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(() => {
        response.end("here");
        for (const endMs = performance.now() + busyMs; performance.now() < endMs;);
        resolve();
      });
      await promise;
    }),
  );
  const { url } = await http.listen("127.0.0.1", 0);
  const workerData = { port: Number(new URL(url).port), rounds };
  const worker = new Worker(caller, { eval: true, workerData });
  expect(await once(worker, "message")).toEqual([rounds]);
  expect(faults).toEqual([]);
  await worker.terminate();
});
