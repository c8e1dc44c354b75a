// Looks at `/healthz` every 20 ms and says, when it is asked, how long the slowest look took since then.
import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const agent = new Agent({ keepAlive: true });
let worstMs = 0;
let looks = 0;

async function look(): Promise<void> {
  const startedAtMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = get(`${String(workerData)}/healthz`, { agent }, (response) => {
    response.resume();
    response.once("end", resolve);
  });
  request.once("error", reject);
  await promise.catch(() => undefined);
  worstMs = Math.max(worstMs, performance.now() - startedAtMs);
  looks += 1;
}

parentPort?.on("message", () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage({ worstMs, looks });
  worstMs = 0;
  looks = 0;
});

for (;;) {
  await look();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
