import type { MediaOptions } from "../../../src/models/openai/media/media-client.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { fetch } from "./open-model.ts";

/** What a media client may be opened with besides its model and its address. */
export type MediaChanges = Partial<MediaOptions>;

interface OpenedMedia<Client> {
  readonly client: Client;
  readonly log: RecordingLog;
  readonly waitsMs: readonly number[];
}

/** A client for recordings or images, whose waits between retries take no time, and are kept. */
export function openMedia<Client>(
  create: (options: Omit<MediaOptions, "deadlineMs"> & MediaChanges) => Client,
  at: Pick<MediaOptions, "model" | "baseUrl">,
  changes: MediaChanges,
): OpenedMedia<Client> {
  const log = new RecordingLog();
  const waitsMs: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waitsMs.push(ms);
    return Promise.resolve();
  };
  const clock = { nowMs: () => Date.now(), sleep };
  const client = create({ apiKey: "test-openai-key", ...at, fetch, log, clock, ...changes });
  return { client, log, waitsMs };
}

/** What a call threw. Undefined: nothing. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return undefined;
}
