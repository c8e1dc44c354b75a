import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import {
  calledWith,
  providerStreams,
  said,
  type ProviderStream,
} from "../../support/openai/provider-streams.ts";
import { startRawServer } from "../../support/openai/raw-server.ts";
import { hear, openModel, prompt, type Heard } from "./open-model.ts";

const asked = { ...prompt, tools: [recallTool.definition] };
/** Bytes that travel together; none divides a frame, and 3 cuts every character of more bytes. */
const sizes = [3, 61, 977];
const texts = providerStreams.filter(({ calls }) => calls !== true);
const calling = providerStreams.filter(({ calls }) => calls === true);

describe("a stream in the form of a provider's recordings is read correctly, for any split of its bytes:", () => {
  test.each(texts)("$provider over $api", async (stream) => {
    for (const size of sizes) {
      expect(await heardOf(stream, size)).toMatchObject({ text: said, finished: [{ isCut: false }] });
    }
  });

  test.each(calling)("$provider over $api", async (stream) => {
    for (const size of sizes) {
      const { text, called, finished } = await heardOf(stream, size);
      expect({ text, finished }).toEqual({ text: "", finished: [] });
      expect(called).toMatchObject([{ calls: [{ name: "recall", argument: calledWith }] }]);
      expect(called[0]?.calls[0]?.id).not.toBe("");
    }
  });
});

test("the documentation names each recorded stream", () => {
  const page = readFileSync(new URL("../../../docs/models.md", import.meta.url), "utf8");
  const providers = new Set(providerStreams.map(({ provider }) => provider.split(",")[0] ?? ""));
  expect(providers.size).toBeGreaterThan(15);
  expect([...providers].filter((provider) => !page.includes(`| ${provider} `))).toEqual([]);
});

async function heardOf({ api, body }: ProviderStream, size: number): Promise<Heard> {
  await using server = await startRawServer(async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      await setImmediate();
    }
    response.end();
  });
  return await hear(openModel(server, { api }).model, undefined, asked);
}
