import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { ConfigError, readConfig } from "../../src/config/config.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe("the settings", () => {
  test("have defaults, so that none needs to be set", () => {
    expect(readConfig({})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 3000,
      SHUTDOWN_MS: 20_000,
      perPlace: { model: "gpt-6-luna", contextTokens: 16_000, limits: { personTurns: 300 } },
    });
  });

  test("are all checked before any fault is reported", () => {
    expect(
      faultsOf({ OPENAI_API: "foo", PORT: "99999", REDIS_URL: "ftp://x", SLACK_APP_TOKEN: "xapp-1" }),
    ).toEqual([
      'OPENAI_API: "foo" is not one of auto, responses, chat',
      "REDIS_URL: This is not redis://host:6379, rediss://host:6379 or redis+sentinel://host:26379,host:26379/primary",
      'PORT: "99999" is not a whole number from 0 to 65535',
      "SLACK_BOT_TOKEN: is missing, and Slack's other settings are there",
    ]);
  });

  test("are never quoted if they are secret", () => {
    const faults = faultsOf({
      WEB_TOKEN: "hunter2",
      REDIS_URL: "redis//user:hunter2@host",
      OPENAI_BASE_URL: "hunter2",
    });
    expect(faults).toHaveLength(3);
    expect(faults.join()).not.toContain("hunter2");
    // Not where it was pasted into the wrong setting either.
    const pasted = {
      OPENAI_API: "sk-hunter2",
      PORT: "xoxb-1-hunter2",
      LOG_LEVEL: "hunter2hunter2hunter2hunter2",
      PUBLIC_URL: "https://ada:hunter2@a.example/",
      TRUSTED_PROXY: "xapp-hunter2",
      TIME_ZONE: `${"x ".repeat(40)}hunter2`,
      HOST: "postgres://ada:hunter2@host",
    };
    const wrong = faultsOf(pasted);
    expect(new Set(wrong.map((fault) => fault.split(":")[0]))).toEqual(new Set(Object.keys(pasted)));
    expect(wrong.join()).not.toContain("hunter2");
  });

  test("give the chat's address in browsers: an origin and nothing more", () => {
    const read = (address: string) => readConfig({ PUBLIC_URL: address }).PUBLIC_URL;
    expect(read("https://chat.example.com")).toBe("https://chat.example.com/");
    expect(read("https://example.com:8443/tk")).toBe("https://example.com:8443/tk/");
    for (const wrong of [
      "chat.example.com",
      "ftp://a.example",
      "https://a.example/?x",
      "https://a.example//x",
    ])
      expect(faultsOf({ PUBLIC_URL: wrong })).toEqual([
        expect.stringContaining(`PUBLIC_URL: "${wrong}" is not`),
      ]);
  });

  test("give the listening address, without brackets or similar signs", () => {
    expect(["[::1]", "0.0.0.0", "::", "my-host.example"].map((HOST) => readConfig({ HOST }).HOST)).toEqual([
      "::1",
      "0.0.0.0",
      "::",
      "my-host.example",
    ]);
    for (const HOST of ["http://0.0.0.0", "0.0.0.0:3000", "*", "a b"])
      expect(faultsOf({ HOST })).toEqual([expect.stringMatching(/^HOST: ".*" is not an address or a name/u)]);
  });

  test("give a time zone that this machine knows", () => {
    expect(readConfig({ TIME_ZONE: "Asia/Kolkata" }).TIME_ZONE).toBe("Asia/Kolkata");
    expect(readConfig({}).TIME_ZONE).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(faultsOf({ TIME_ZONE: "Berlin" })).toEqual([
      'TIME_ZONE: "Berlin" is not a time zone such as Europe/Berlin, America/New_York or UTC',
    ]);
  });

  test("may be lists: several tokens, several proxies", () => {
    const listed = { WEB_TOKEN: "a-first-long-token, a-second-long-token", TRUSTED_PROXY: "::1,10.0.0.0/8" };
    expect(readConfig(listed)).toMatchObject({
      WEB_TOKEN: ["a-first-long-token", "a-second-long-token"],
      TRUSTED_PROXY: ["::1", "10.0.0.0/8"],
    });
    expect(readConfig({ TRUSTED_PROXY: "::1,," }).TRUSTED_PROXY).toEqual(["::1"]);
    expect(faultsOf({ WEB_TOKEN: " , " })).toHaveLength(1);
    expect(readConfig({})).toMatchObject({ WEB_TOKEN: [], TRUSTED_PROXY: [] });
    expect(faultsOf({ WEB_TOKEN: "a-first-long-token,short", TRUSTED_PROXY: "10.0.0.0/33,nginx" })).toEqual([
      expect.stringContaining("WEB_TOKEN: A token is shorter than 16 characters"),
      'TRUSTED_PROXY: "10.0.0.0/33" is not an IP address, or a network such as 10.0.0.0/8',
    ]);
  });

  test("may be keys of 32 bytes: base64 or hex, several with the newest first", () => {
    const [one, two] = [Buffer.alloc(32, 251), Buffer.alloc(32, 2)];
    const texts = [one.toString("base64"), one.toString("base64url"), two.toString("hex").toUpperCase()];
    expect(readConfig({ SECRET_KEY: texts.join(", ") }).SECRET_KEY).toEqual([one, one, two]);
    expect(readConfig({}).SECRET_KEY).toEqual([]);
    for (const wrong of ["hunter2", "ab".repeat(31), one.toString("base64").slice(2), "é".repeat(43)]) {
      const faults = faultsOf({ SECRET_KEY: `${one.toString("hex")},${wrong}` });
      expect(faults).toEqual([expect.stringContaining("SECRET_KEY: A key is not 32 bytes")]);
      expect(faults.join("")).not.toContain(wrong);
    }
    using folder = temporaryFolder();
    const file = join(folder.path, "key");
    writeFileSync(file, `${one.toString("base64")}\n`);
    expect(readConfig({ SECRET_KEY_FILE: file }).SECRET_KEY).toEqual([one]);
  });

  test("count as unset if they are empty", () => {
    expect(readConfig({ PORT: "", OPENAI_API_KEY: "" }).OPENAI_API_KEY).toBeUndefined();
  });

  test("can be read from the file that NAME_FILE names", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "key");
    writeFileSync(file, "sk-from-file\n");
    expect(readConfig({ OPENAI_API_KEY_FILE: file }).OPENAI_API_KEY).toBe("sk-from-file");
    writeFileSync(file, '"sk-from-file"');
    expect(faultsOf({ OPENAI_API_KEY_FILE: file })[0]).toContain("OPENAI_API_KEY: The value has a quote");
    expect(faultsOf({ OPENAI_API_KEY_FILE: join(folder.path, "none") })[0]).toContain(
      "OPENAI_API_KEY_FILE: ",
    );
    writeFileSync(join(folder.path, "empty"), "\n");
    expect(faultsOf({ OPENAI_API_KEY_FILE: join(folder.path, "empty") })).toEqual([
      expect.stringMatching(/^OPENAI_API_KEY_FILE: ".*" is empty$/u),
    ]);
    expect(faultsOf({ OPENAI_API_KEY_FILE: file, OPENAI_API_KEY: "x" })).toEqual([
      "OPENAI_API_KEY_FILE: OPENAI_API_KEY is set too; use one of the two",
    ]);
  });

  test("are trimmed: a Windows line end, the word before a token", () => {
    const values = { OPENAI_API_KEY: "Bearer sk-1\r", DISCORD_TOKEN: " Bot abc.def ", PORT: "80\r" };
    expect(readConfig(values)).toMatchObject({ OPENAI_API_KEY: "sk-1", DISCORD_TOKEN: "abc.def", PORT: 80 });
  });

  test("are refused by name if they keep quotes, or if a key has invalid characters", () => {
    const values = {
      OPENAI_API_KEY: "sk 1",
      OPENAI_MODEL: '"gpt',
      SLACK_BOT_TOKEN: "'xapp-1'",
      SLACK_APP_TOKEN: "xoxb-1",
      DISCORD_TOKEN: "ab\u200Bc",
      REDIS_URL: '"redis://host"',
      SYSTEM_PROMPT: '"Be brief"',
    };
    const quoted = (name: string): string =>
      `${name}: The value has a quote at an end: leave it out. (docker --env-file and lists in compose files keep quotes)`;
    const strange = (name: string): string =>
      `${name}: There is a space, a line break or another character in it that no key and no token has`;
    expect(faultsOf(values)).toEqual([
      quoted("OPENAI_MODEL"),
      quoted("SLACK_BOT_TOKEN"),
      quoted("REDIS_URL"),
      strange("OPENAI_API_KEY"),
      "SLACK_BOT_TOKEN: This begins with xapp- and belongs into SLACK_APP_TOKEN",
      "SLACK_APP_TOKEN: This begins with xoxb- and belongs into SLACK_BOT_TOKEN",
      strange("DISCORD_TOKEN"),
    ]);
  });
});
