import { once } from "node:events";
import { connect, createServer } from "node:net";

type Change = readonly [from: string, to: string];

/** A way to a Redis on which words are replaced by others of the same length: for servers that are not at hand. */
export async function openRewritingWay(
  redisUrl: string,
  { sent = ["", ""], received = ["", ""] }: { readonly sent?: Change; readonly received?: Change },
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(redisUrl).port), "127.0.0.1");
    client.on("data", (bytes) => upstream.write(changed(bytes, sent)));
    upstream.on("data", (bytes) => client.write(changed(bytes, received)));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `redis://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

function changed(bytes: Buffer, [from, to]: Change): Buffer {
  if (from === "" || !bytes.includes(from)) return bytes;
  return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}
