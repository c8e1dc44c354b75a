import { resolve } from "node:path";

import type { Config } from "./config/config.ts";

/** The lines that a person at a terminal sees once the bot runs. `url`: its address. */
export function bannerOf(config: Config, url: string): string {
  const lines = [
    ["Open", placeToOpen(config, url)],
    ["Model", modelOf(config)],
    ["Memory", memoryOf(config)],
    ["Stop", "Ctrl+C"],
  ];
  const shown = lines.map(([name = "", what = ""]) => `  ${name.padEnd(8)}${what}`);
  return `\n  Threadkeeper is ready${platformsOf(config)}.\n\n${shown.join("\n")}\n\n`;
}

function placeToOpen({ PUBLIC_URL: publicUrl, WEB_TOKEN: tokens }: Config, url: string): string {
  // Nobody can open the address that means "all of this machine's".
  const here = url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/u, "//localhost");
  return `${publicUrl ?? here}${tokens.length === 0 ? "" : " (sign in with your WEB_TOKEN)"}`;
}

function modelOf({ OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, perPlace: { model } }: Config): string {
  if (key === undefined && baseUrl === undefined)
    return "the built-in demo; set OPENAI_API_KEY in .env for real answers";
  return baseUrl === undefined ? model : `${model} at ${new URL(baseUrl).host}`;
}

function memoryOf({ REDIS_URL: redis, DATABASE_URL: database, DATA_DIR: folder }: Config): string {
  const places = [
    ...(redis === undefined || database === undefined ? [resolve(folder)] : []),
    ...(redis === undefined ? [] : ["Redis"]),
    ...(database === undefined ? [] : ["Postgres"]),
  ];
  return places.join(" and ");
}

function platformsOf({ SLACK_BOT_TOKEN: slack, DISCORD_TOKEN: discord }: Config): string {
  if (slack === undefined && discord === undefined) return "";
  if (slack === undefined) return " on the web and on Discord";
  return discord === undefined ? " on the web and on Slack" : " on the web, on Slack and on Discord";
}
