import type { Ending, Step, StreamScript } from "./script.ts";
import type { Dialect, StreamWriter } from "./stream-writer.ts";

/** Plays a stream to its end, or until the client has gone. */
export async function play(script: StreamScript, dialect: Dialect, writer: StreamWriter): Promise<void> {
  writer.write(dialect.opening());
  for (const step of script.steps) {
    if (!(await playStep(step, dialect, writer))) return;
  }
  await playEnding(script.ending, dialect, writer);
}

/** False when the client has gone. */
async function playStep(step: Step, dialect: Dialect, writer: StreamWriter): Promise<boolean> {
  if ("waitMs" in step) return writer.wait(step.waitMs);
  if ("hold" in step) return writer.wait(step.hold);
  if ("sayByteByByte" in step) await writer.writeByteByByte(dialect.say(step.sayByteByByte));
  if ("say" in step) writer.write(dialect.say(step.say));
  if ("refuse" in step) writer.write(dialect.refuse(step.refuse));
  if ("call" in step) writer.write(dialect.call(step.call));
  if ("beginCall" in step) writer.write(dialect.beginCall(step.beginCall));
  if ("raw" in step) writer.write(step.raw);
  return true;
}

async function playEnding(ending: Ending, dialect: Dialect, writer: StreamWriter): Promise<void> {
  if (ending === "stall") {
    await writer.wait(Promise.withResolvers<void>().promise);
    return;
  }
  if (ending === "cut") return writer.cut();
  if (ending === "cut-inside-character") return writer.cut(untilInsideCharacter(dialect.say("naïve 🧵")));
  writer.write(closing(ending, dialect));
  writer.end();
}

function closing(
  ending: Exclude<Ending, "stall" | "cut" | "cut-inside-character">,
  dialect: Dialect,
): string {
  if (typeof ending === "object") {
    return "failed" in ending ? dialect.failed(ending.failed) : dialect.error(ending.error);
  }
  switch (ending) {
    case "complete":
      return dialect.complete();
    case "max-output-tokens":
      return dialect.maxOutputTokens();
    case "content-filter":
      return dialect.contentFilter();
    case "unclosed":
      return "";
  }
}

function untilInsideCharacter(frame: string): Buffer {
  const bytes = Buffer.from(frame);
  return bytes.subarray(0, bytes.indexOf("🧵") + 2);
}
