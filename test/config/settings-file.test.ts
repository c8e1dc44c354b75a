import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { settingNames } from "../../src/config/config.ts";
import { warnOfSimilarNames } from "../../src/config/similar-names.ts";
import { loadSettingsFile } from "../../src/config/settings-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What a file with this content gives, beside what is set already. */
function load(content: string | Buffer, environment: Readonly<Record<string, string>> = {}) {
  using folder = temporaryFolder();
  const path = join(folder.path, ".env");
  writeFileSync(path, content);
  const values: NodeJS.ProcessEnv = { ...environment };
  const { faults, warnings } = loadSettingsFile(path, values, settingNames);
  const short = (line: string): string => line.replace(path, ".env");
  return { values, faults: faults.map(short), warnings: warnings.map(short) };
}

const both = { OPENAI_API_KEY: "sk-1", CONTEXT_TOKENS: "9000" };

describe("a settings file", () => {
  test.each([
    ["with Windows' line ends", "OPENAI_API_KEY=sk-1\r\nCONTEXT_TOKENS=9000\r\n"],
    ["that begins with a mark", "\uFEFFOPENAI_API_KEY=sk-1\nCONTEXT_TOKENS=9000\n"],
    ["with a mark and Windows' line ends", "\uFEFF# ours\r\nOPENAI_API_KEY=sk-1\r\nCONTEXT_TOKENS=9000"],
    [
      "with spaces, quotes and comments",
      "OPENAI_API_KEY = 'sk-1' # mine\n#X\n\n\tCONTEXT_TOKENS= 9000 # small\n",
    ],
    ["with an old Mac's line ends", "OPENAI_API_KEY=sk-1\rCONTEXT_TOKENS=9000\r"],
    ["for a shell", 'export OPENAI_API_KEY="sk-1"\nexport CONTEXT_TOKENS=9000\n'],
  ])("%s is read", (_name, content) => {
    expect(load(content)).toEqual({ values: both, faults: [], warnings: [] });
  });

  test("changes nothing that is set outside, and may hold settings of other programs", () => {
    const content = "OPENAI_API_KEY=sk-2\nCONTEXT_TOKENS=9000\nPOSTGRES_PASSWORD=x#y\n";
    expect(load(content, { OPENAI_API_KEY: "sk-1" })).toEqual({
      values: { ...both, POSTGRES_PASSWORD: "x#y".slice(0, 1) },
      faults: [],
      warnings: [],
    });
  });

  test("in UTF-16 is refused with that reason", () => {
    const fault = ".env: is written in UTF-16; save it as UTF-8";
    const text = "\uFEFFOPENAI_API_KEY=sk-1\r\n";
    expect(load(Buffer.from(text, "utf16le"))).toEqual({ values: {}, faults: [fault], warnings: [] });
    expect(load(Buffer.from(text, "utf16le").swap16()).faults).toEqual([fault]);
    expect(load(Buffer.from(text.slice(1), "utf16le")).faults).toEqual([fault]);
  });

  test("is checked for lines that would be lost, which are reported without the value", () => {
    const content = [
      "OPENAI_API_KEY: sk-secret",
      "OPENAI_BASE_URL: https://secret.example/v1?a=b",
      "set SLACK_BOT_TOKEN=xoxb-secret",
      '$env:DISCORD_TOKEN = "secret"',
      '  "REDIS_URL": "redis://secret",',
      "CONTEXT_TOKEN: 9000",
      "WEB_TOKEN",
      "something else",
      "PORT=3000",
      "DISCORD-TOKEN=secret",
      "\u00A0SLACK_APP_TOKEN\u00A0=secret",
    ].join("\n");
    const { values, faults, warnings } = load(content);
    const settings = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "SLACK_BOT_TOKEN", "DISCORD_TOKEN", "REDIS_URL"];
    expect(faults).toEqual(
      [...settings, "CONTEXT_TOKENS", "WEB_TOKEN", "", "", "DISCORD_TOKEN", "SLACK_APP_TOKEN"].flatMap(
        (setting, at) =>
          setting === ""
            ? []
            : `.env, line ${at + 1}: can't be read; write ${setting}=… with nothing else before the =`,
      ),
    );
    expect(warnings).toEqual([".env, line 8: can't be read; a line is NAME=value, or begins with #"]);
    expect(values).toEqual({ PORT: "3000" });
    expect(JSON.stringify({ faults, warnings })).not.toContain("secret");
  });

  test("is checked for a # that cuts a value, and a quote that includes what follows", () => {
    expect(load("REDIS_URL=redis://:pa#ss@host\nSYSTEM_PROMPT=Be brief. # by Ana\n").warnings).toEqual([
      '.env, line 1: the value of REDIS_URL ends at its #; where that is a part of it, put the value into quotes: REDIS_URL="…"',
    ]);
    const swallowed = load(
      "HOST=::\nOPENAI_API_KEY=\"sk-1\nPORT=80\nOPENAI_MODEL='x\"'\nCONTEXT_TOKENS: 5\n",
    );
    expect(swallowed.faults).toEqual([
      '.env, line 2: the " at the beginning of the value is not closed on this line',
      ".env, line 5: can't be read; write CONTEXT_TOKENS=… with nothing else before the =",
    ]);
    const prompt = 'SYSTEM_PROMPT="Be brief.\nNote: be kind.\nTone = dry"\nPORT=80\n';
    const key = 'PRIVATE_KEY="-----BEGIN\nabc=\n-----END"\nPORT=80\n';
    expect(load(key)).toMatchObject({ values: { PORT: "80" }, faults: [], warnings: [] });
    expect(load(prompt)).toMatchObject({ values: { PORT: "80" }, faults: [], warnings: [] });
    expect(load('SYSTEM_PROMPT="Be brief.\nPORT=80\nHOST="::"\n').faults).toHaveLength(1);
  });

  test("is checked for repeated names, and for variables that are not substituted", () => {
    const { values, faults, warnings } = load(
      "OPENAI_API_KEY=sk-1\nX=1\nX=2\nOPENAI_API_KEY='sk-2'\nOPENAI_MODEL=${X}\nX=${HOME}\n",
    );
    expect([values["OPENAI_API_KEY"], faults]).toEqual(["sk-2", []]);
    expect(warnings).toEqual([
      ".env, line 4: OPENAI_API_KEY stands on line 1 too; this one counts",
      ".env, line 5: ${X} is taken as it is written: no other variable is put in here",
    ]);
  });

  test("is checked for what Node itself would have to know before", () => {
    expect(load('NODE_EXTRA_CA_CERTS="/ca.pem"\nNODE_ENV=production\n').warnings).toEqual([
      ".env, line 1: NODE_EXTRA_CA_CERTS has no effect in a file: Node reads it when it starts. Set it outside",
    ]);
  });

  test("is checked for characters that are not UTF-8", () => {
    expect(load(Buffer.from("# für uns\nSYSTEM_PROMPT=für\n", "latin1")).faults).toEqual([
      ".env, line 2: has letters that are not UTF-8; save the file as UTF-8",
    ]);
  });

  test("that is no file is reported; a missing one is not needed", () => {
    using folder = temporaryFolder();
    expect(loadSettingsFile(folder.path, {}, settingNames).faults).toEqual([
      expect.stringMatching(/: can't be read \(EISDIR/u),
    ]);
    symlinkSync(join(folder.path, "gone"), join(folder.path, "link"));
    expect(loadSettingsFile(join(folder.path, "link"), {}, settingNames).faults).toEqual([
      expect.stringMatching(/: can't be read \(ENOENT/u),
    ]);
    expect(loadSettingsFile(join(folder.path, "none"), {}, settingNames)).toEqual({
      faults: [],
      warnings: [],
    });
  });
});

describe("a name that resembles a setting", () => {
  test.each([
    ["OPENAI_APIKEY", "OPENAI_API_KEY"],
    ["openai_api_key", "OPENAI_API_KEY"],
    ["OPENAI-API-KEY", "OPENAI_API_KEY"],
    ["OPENAI_KEY", "OPENAI_API_KEY"],
    ["OPENAI_API_KEYS_FILE", "OPENAI_API_KEY_FILE"],
    ["OPENAI_API_BASE", "OPENAI_BASE_URL"],
    ["OPENAI_MODEL_ID", "OPENAI_MODEL"],
    ["SLACK_SIGNING_KEY", "SLACK_SIGNING_SECRET"],
    ["POSTGRES_URI", "DATABASE_URL"],
    ["REDIS_TLS_URL", "REDIS_URL"],
    ["SLACK_TOKEN", "SLACK_BOT_TOKEN"],
    ["SLACK_SIGNING_SECRETE", "SLACK_SIGNING_SECRET"],
    ["BOT_SLACK_TOKEN", "SLACK_BOT_TOKEN"],
    ["DISCORD_BOT_TOKEN", "DISCORD_TOKEN"],
    ["REDIS_URI", "REDIS_URL"],
    ["REDIS_ULR", "REDIS_URL"],
    ["OPENAI_MODLE", "OPENAI_MODEL"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["DATADIR", "DATA_DIR"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["CONTEXT_TOKEN", "CONTEXT_TOKENS"],
    ["LIMIT_PERSON_TURN", "LIMIT_PERSON_TURNS"],
    ["RETENTION_DAY", "RETENTION_DAYS"],
  ])("is reported: %s", (name, meant) => {
    expect(warnOfSimilarNames({ [name]: "x" }, settingNames)).toEqual([
      `${name} is not a setting: did you mean ${meant}?`,
    ]);
  });

  test("is not reported if the setting is set too, or the name is empty", () => {
    const environment = { DISCORD_BOT_TOKEN: "x", DISCORD_TOKEN: "y", REDIS_URI: "", OPENAI_KEY: "z" };
    expect(warnOfSimilarNames({ ...environment, OPENAI_API_KEY_FILE: "/f" }, settingNames)).toEqual([]);
  });

  test("is not reported for variables of machines, shells and other programs", () => {
    const foreign =
      "HOME HOSTNAME POST PATH PWD TERM LANG LC_ALL TZ USER SHELL LOGNAME MAIL EDITOR DISPLAY TMPDIR OLDPWD SHLVL CI PORTS " +
      "NODE_ENV NODE_OPTIONS NODE_EXTRA_CA_CERTS HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY npm_config_cache npm_package_name " +
      "npm_lifecycle_event KUBERNETES_SERVICE_HOST KUBERNETES_PORT POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB PGHOST PGUSER " +
      "PGPASSWORD REDIS_HOST REDIS_PORT REDIS_PASSWORD AWS_REGION AWS_ACCESS_KEY_ID SSH_AUTH_SOCK XDG_RUNTIME_DIR " +
      "GITHUB_TOKEN GITHUB_ACTIONS DOCKER_HOST COMPOSE_PROJECT_NAME OPENAI_ORGANIZATION OPENAI_ORG_ID OPENAI_PROJECT_ID " +
      "ANTHROPIC_API_KEY OPENROUTER_API_KEY SLACK_TEAM_ID SLACK_CLIENT_ID SLACK_CLIENT_SECRET DISCORD_CLIENT_ID DISCORD_GUILD_ID";
    const environment = Object.fromEntries(foreign.split(" ").map((name) => [name, "x"]));
    expect(warnOfSimilarNames(environment, settingNames)).toEqual([]);
  });
});
