// A thread of a reading process that ends it when it takes too much memory or time. JavaScript, because what strips types takes
// as long as a small file.
import { workerData } from "node:worker_threads";

const everyMs = 25;

setInterval(() => {
  const isLate = process.uptime() * 1_000 > workerData.selfKillMs;
  if (isLate || process.memoryUsage.rss() > workerData.maxProcessBytes) process.kill(process.pid, "SIGKILL");
}, everyMs);
