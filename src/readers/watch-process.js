// A thread of a reading process that ends it when it takes too much memory or time. JavaScript, because what strips types takes
// as long as a small file.
import { workerData } from "node:worker_threads";

const everyMs = 25;
const { maxCpuMs, maxProcessBytes, selfKillMs, timeIsOver } = workerData;

setInterval(() => {
  const { user, system } = process.cpuUsage();
  if ((user + system) / 1_000 > maxCpuMs) process.kill(process.pid, timeIsOver);
  const isLate = process.uptime() * 1_000 > selfKillMs;
  if (isLate || process.memoryUsage.rss() > maxProcessBytes) process.kill(process.pid, "SIGKILL");
}, everyMs);
