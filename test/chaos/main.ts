import { parseArgs } from "node:util";

import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { runChaos, type Report } from "../support/chaos/run-chaos.ts";
import { runs, type Run } from "../support/chaos/runs.ts";

// npm run chaos                              every run, at least 400 messages in 40 conversations each
// npm run chaos -- --seed 7 --only freeze    one of them, with other luck
// npm run chaos -- --conversations 12        for a busy machine, on which a process hardly starts before its end
// npm run chaos -- --archive sqlite          with an archive in each bot's own folder; usually only for one bot alone
// npm run chaos -- --without-fence           must go wrong: it exits 0 when messages are lost or doubled
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    archive: { type: "string" },
    messages: { type: "string", default: "400" },
    conversations: { type: "string", default: "40" },
    "without-fence": { type: "boolean", default: false },
  },
});
const conversations = Number(values.conversations);
const isMutated = values["without-fence"];
const chosen = runs.filter(({ name, needsFence }) =>
  values.only === undefined ? needsFence || !isMutated : name === values.only,
);
if (chosen.length === 0)
  fail(`--only: "${values.only}" is not one of ${runs.map(({ name }) => name).join(", ")}`);
if (redisIsMissing !== undefined && chosen.some(({ store }) => store !== "sqlite")) fail(redisIsMissing);
const { archive } = values;
if (archive !== undefined && archive !== "sqlite" && archive !== "postgres")
  fail(`--archive: "${archive}" is not one of sqlite, postgres`);
// A replica finds neither files nor answers in the archive of another one. The database is on TEST_POSTGRES_URL.
const isOnPostgres = ({ replicas }: Run): boolean =>
  archive === undefined ? replicas > 1 : archive === "postgres";
if (chosen.some(isOnPostgres) && postgresIsMissing !== undefined) fail(postgresIsMissing);

const sabotage = {
  module: new URL("../support/chaos/disable-fence.ts", import.meta.url).href,
  says: "without the fence of",
};
const reports: Report[] = [];
say(
  "| run | seed | messages | repeated | presses | given again | files | readings | wrong files | turns | lost | doubled answers | doubled posts: Slack | Discord | out of order | wrong prompts | archived wrongly | wrong presses | may stand twice | slowest s | take-over s | strikes | seconds |",
);
say(`|${"---|".repeat(23)}`);
for (const run of chosen) {
  const report = await runChaos(run, {
    seed: Number(values.seed),
    conversations,
    messages: Math.ceil(Number(values.messages) / conversations),
    thoughtMs: 3_000,
    towns: ["Slack", "Discord"],
    ...(isOnPostgres(run) ? { archive: "postgres" } : {}),
    ...(isMutated ? { sabotage } : {}),
  });
  reports.push(report);
  say(`| ${rowOf(report).join(" | ")} |`);
}

const broken = reports.filter((report) => report.broken.length > 0);
for (const { run, broken: promises, details, logs } of broken) {
  say(`\n${run.title}: ${promises.join("; ")}\n${details.slice(0, 80).join("\n")}\nThe bots' logs: ${logs}`);
}
const isHarmed = reports.some(
  ({ lost, doubledAnswers, wrongPrompts }) => lost + doubledAnswers + wrongPrompts > 0,
);
if (isMutated)
  say(
    isHarmed ? "\nWithout the fence it goes wrong, as it must." : "\nNothing went wrong without the fence.",
  );
process.exitCode = (isMutated ? isHarmed : broken.length === 0) ? 0 : 1;

function rowOf(report: Report): readonly (string | number)[] {
  return [
    report.run.title,
    report.seed,
    report.messages,
    report.repeats,
    report.presses,
    report.givenAgain,
    report.files,
    report.readings,
    report.wrongFiles,
    report.turns,
    report.lost,
    report.doubledAnswers,
    report.doubledPosts.Slack,
    report.doubledPosts.Discord,
    report.outOfOrder,
    report.wrongPrompts,
    report.wronglyArchived,
    report.wrongPresses,
    report.mayBeTwice,
    report.slowestS.toFixed(1),
    report.takeOverS.toFixed(1),
    report.strikes,
    report.seconds.toFixed(0),
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
