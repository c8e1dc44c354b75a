import type { FileFacts, FileReading } from "../../../src/ports/file-reader.ts";
import { readBytes } from "../../../src/readers/formats/read-bytes.ts";
import { BoundedText } from "../../../src/readers/text/bounded-text.ts";

/** Reads a file in this process. */
export async function readSample(
  bytes: Buffer<ArrayBuffer> | string,
  facts: string | FileFacts = "file",
  chars = 100_000,
): Promise<FileReading> {
  return await readBytes(
    typeof bytes === "string" ? Buffer.from(bytes) : bytes,
    typeof facts === "string" ? { name: facts } : facts,
    new BoundedText({ chars, cpuMs: Infinity }),
  );
}

/** Its text, or what it is instead. */
export async function textOfSample(...file: Parameters<typeof readSample>): Promise<string> {
  const reading = await readSample(...file);
  return reading.kind === "text" ? reading.text : JSON.stringify(reading);
}
