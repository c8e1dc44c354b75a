import { setImmediate } from "node:timers/promises";

import { expect, test } from "vitest";

import { ByteRoom } from "../../../src/async/byte-room.ts";
import { AttachmentReader } from "../../../src/conversation/remembering/read-attachments.ts";
import type { FileReader } from "../../../src/ports/file-reader.ts";
import { said } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const mebibyte = 1_024 * 1_024;
const { signal } = new AbortController();

test("files that many people send at once take a bounded part of the memory, and all are read", async () => {
  await using core = await openRealBench();
  let [inHand, most, read] = [0, 0, 0];
  const readFile = async (): Promise<Uint8Array<ArrayBuffer>> => {
    inHand += 20 * mebibyte;
    most = Math.max(most, inHand);
    await setImmediate();
    return new Uint8Array(1);
  };
  Object.assign(core.platform, { readFile });
  const fileReader: FileReader = {
    read: async () => {
      await setImmediate();
      inHand -= 20 * mebibyte;
      read += 1;
      return { kind: "text", text: "One.", isCut: false };
    },
  };
  const ports = { ...core.ports, fileReader, fileRoom: new ByteRoom(64 * mebibyte) };
  const messages = Array.from({ length: 20 }, (_, at) => {
    const { message } = said(`q${at}`, "Look");
    const attachments = Array.from({ length: 5 }, (__, file) => ({
      name: "large.pdf",
      sizeBytes: 20 * mebibyte,
      ref: { platform: "fake", id: `${at} ${file}` },
    }));
    return { ...message, attachments };
  });
  const payer = { conversation: "fake:room:1", platform: "fake", place: "room", person: "ada" } as const;
  await Promise.all(messages.map((message) => new AttachmentReader(ports, payer, signal).read(message)));
  expect(read).toBe(100);
  expect(most).toBe(60 * mebibyte);
});
