import { connect } from "node:net";

/** How a caller leaves: with a reset, in good order, or never (the server has to hang up). */
export type MessageToSummarize = "reset" | "end" | "stay";

/** How long one who stays keeps its half open after the server's goodbye. */
const stayMs = 30_000;

/** A caller who sends bytes as they are. Resolves to what came back once the server has hung up. */
export async function call(
  port: number,
  bytes: string | Buffer,
  messagesToSummarize: MessageToSummarize = "end",
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  // One who stays keeps its half open when the other side has said goodbye.
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: messagesToSummarize === "stay" });
  let heard = "";
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(heard));
  socket.on("end", () => {
    resolve(heard);
    if (messagesToSummarize === "stay") setTimeout(() => socket.destroy(), stayMs).unref();
  });
  socket.on("connect", () => {
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes, () => {
      if (messagesToSummarize === "reset") socket.resetAndDestroy();
      if (messagesToSummarize === "end") socket.end();
    });
  });
  return promise;
}

/** Calls all of them, so many at once. */
export async function callAll(
  calls: readonly (() => Promise<string>)[],
  atOnce = 32,
): Promise<readonly string[]> {
  const answers: string[] = [];
  const entries = calls.entries();
  const work = async (): Promise<void> => {
    for (const [index, each] of entries) answers[index] = await each();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answers;
}

/** An HTTP request, byte for byte; each character is a byte. */
export function rawRequest(line: string, headers: readonly string[], body = ""): string {
  return `${[`${line} HTTP/1.1`, ...headers].join("\r\n")}\r\n\r\n${body}`;
}
