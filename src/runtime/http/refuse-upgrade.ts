import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** How long a rejected caller may take to read the answer and close. */
const lingerMs = 1_000;

/** Rejects an upgrade. The socket is always closed, even if the caller reads nothing. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(cut));
  // Unread bytes would turn the close into a reset, which can overtake the answer.
  socket.resume();
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
      "connection: close",
      "content-type: text/plain; charset=utf-8",
      `content-length: ${Buffer.byteLength(text) + 1}`,
      "",
      `${text}\n`,
    ].join("\r\n"),
  );
}
