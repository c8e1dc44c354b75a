import { checkList } from "./checks.ts";
import { median, spread } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";
import type { Result, Run } from "./run.ts";
import { targetsOf } from "./targets.ts";

/** The contestants that ratios are formed to. */
const yardsticks = [
  { name: "chat-sdk", title: "Chat SDK" },
  { name: "packages", title: "packages" },
] as const;

interface Column {
  readonly title: string;
  readonly cell: (result: Result) => string;
}

/** A figure of a run: the median, and the spread where there are several. */
function spreadOf(figure: keyof Run, digits: number): (result: Result) => string {
  return ({ runs }) => {
    const values = runs.map((run) => run[figure]);
    const shown = format(median(values), digits);
    return values.length < 2 ? shown : `${shown} ±${Math.round(spread(values) * 50)} %`;
  };
}

/** The same without its spread. */
function medianOf(figure: keyof Run, digits: number): (result: Result) => string {
  return ({ runs }) => format(median(runs.map((run) => run[figure])), digits);
}

function totalOf(figure: keyof Run): (result: Result) => string {
  return ({ runs }) => String(runs.reduce((total, run) => total + run[figure], 0));
}

/** Of all runs. */
function largestOf(figure: keyof Run, digits: number): (result: Result) => string {
  return ({ runs }) => format(Math.max(...runs.map((run) => run[figure])), digits);
}

const columns: readonly Column[] = [
  { title: "msg/s", cell: spreadOf("messagesPerS", 0) },
  { title: "p50 ms", cell: spreadOf("p50Ms", 1) },
  { title: "p95 ms", cell: medianOf("p95Ms", 1) },
  { title: "p99 ms", cell: medianOf("p99Ms", 1) },
  { title: "max ms", cell: largestOf("maxMs", 0) },
  { title: "first text ms", cell: medianOf("firstTextMs", 1) },
  { title: "CPU s / 1,000", cell: spreadOf("cpuSPer1000", 2) },
  { title: "RSS MiB", cell: ({ rssMiB }) => format(rssMiB, 0) },
  { title: "heap MiB", cell: ({ heapMiB }) => format(heapMiB, 0) },
  { title: "loop p99 ms", cell: medianOf("loopDelayP99Ms", 1) },
  { title: "lost", cell: totalOf("lost") },
  { title: "doubled", cell: totalOf("doubled") },
];

const calls: readonly Column[] = [
  { title: "Redis commands", cell: medianOf("redisCommands", 1) },
  {
    title: "of them in scripts",
    cell: (result) => format(median(result.runs.map((run) => run.redisCommands)) * result.shareInScripts, 1),
  },
  { title: "Redis round trips", cell: medianOf("redisReads", 1) },
  { title: "Redis KiB", cell: ({ runs }) => format(median(runs.map((run) => run.redisBytes)) / 1_024, 1) },
  { title: "Redis CPU ms", cell: medianOf("redisCpuMs", 2) },
  { title: "Slack calls", cell: medianOf("slackCalls", 2) },
  { title: "model calls", cell: medianOf("modelCalls", 2) },
  { title: "messages in the prompt", cell: medianOf("promptMessages", 1) },
  { title: "prompt KiB", cell: ({ runs }) => format(median(runs.map((run) => run.promptBytes)) / 1_024, 1) },
  { title: "stand-in busy", cell: ({ runs }) => percent(median(runs.map((run) => run.standInBusy))) },
];

/** The figures as Markdown: a part for each number of conversations and delay of the model. */
export function reportOf(results: readonly Result[]): string {
  const parts = Map.groupBy(results, (each) => `${each.conversations}/${each.modelDelayMs}`);
  return [...parts.values()].map(partOf).join("\n\n");
}

function partOf(results: readonly Result[]): string {
  const [first] = results;
  if (first === undefined) return "";
  const delay = first.modelDelayMs === 0 ? "a model without delay" : `${first.modelDelayMs} ms of the model`;
  const leadIn = first.leadInMessages === 0 ? "" : ` after ${first.leadInMessages} that don't count`;
  const runs = first.runs.length === 1 ? "one run" : `the median of ${first.runs.length} runs`;
  return [
    `### ${first.conversations} ${first.conversations === 1 ? "conversation" : "conversations"}, ${delay}`,
    `${first.warmUpMessages} messages to warm up, then ${runs} of ${first.messages} messages each${leadIn}.`,
    tableOf(columns, results),
    "Per message:",
    tableOf(calls, results),
    equalityOf(results),
    ratiosOf(results),
    checkList(targetsOf(results)),
  ]
    .filter((each) => each !== "")
    .join("\n\n");
}

/** How far the means may lie from the wanted one. */
const equalWithin = 1;

/** Whether all prompts held as many messages of their threads. */
function equalityOf(results: readonly Result[]): string {
  const [{ threadTurns } = { threadTurns: 0 }] = results;
  if (threadTurns === 0) return "";
  const isOff = (result: Result): boolean =>
    Math.abs(middle(result, "promptMessages") - threadTurns) > equalWithin;
  const off = results.filter(isOff).map(({ title }) => title);
  const wanted = `${threadTurns} ± ${equalWithin} messages in the mean`;
  return off.length === 0
    ? `The prompts are equal: ${wanted} for all.`
    : `**The prompts are not equal**: not ${wanted} for ${off.join("; ")}.`;
}

function ratiosOf(results: readonly Result[]): string {
  const known = yardsticks.flatMap(({ name, title }) => {
    const yardstick = results.find((each) => each.name === name);
    return yardstick === undefined ? [] : [{ title, yardstick }];
  });
  if (known.length === 0) return "";
  const ratios = known.flatMap(({ title, yardstick }) => {
    const ratio = (figure: string, of: (result: Result) => number): Column => ({
      title: `${figure} ÷ ${title}`,
      cell: (result) => times(of(result), of(yardstick)),
    });
    return [
      ratio("msg/s", (result) => middle(result, "messagesPerS")),
      ratio("p50", (result) => middle(result, "p50Ms")),
      ratio("CPU", (result) => middle(result, "cpuSPer1000")),
      ratio("RSS", ({ rssMiB }) => rssMiB),
      {
        title: `p50 − ${title} ms`,
        cell: (result: Result): string => format(middle(result, "p50Ms") - middle(yardstick, "p50Ms"), 1),
      },
    ];
  });
  return `Ratios:\n\n${tableOf(ratios, results)}`;
}

function middle({ runs }: Result, figure: keyof Run): number {
  return median(runs.map((run) => run[figure]));
}

function times(value: number, yardstick: number): string {
  return yardstick === 0 ? "" : (value / yardstick).toFixed(2);
}

function tableOf(shown: readonly Column[], results: readonly Result[]): string {
  const rows = results.map((result) => [result.title, ...shown.map(({ cell }) => cell(result))]);
  return markdownTable(["", ...shown.map(({ title }) => title)], rows);
}

function format(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
