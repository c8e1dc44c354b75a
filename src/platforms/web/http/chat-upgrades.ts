import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer } from "ws";

import { isTimeZone, type TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { HttpServer } from "../../../runtime/http/http-server.ts";
import type { Proxies } from "../../../runtime/http/proxies.ts";
import { refuseUpgrade } from "../../../runtime/http/refuse-upgrade.ts";
import type { AccessControl, AccessRefusal } from "../access/access-control.ts";
import { admissionOf, type Admission } from "../access/admission.ts";
import { countedAddress } from "../access/counted-address.ts";
import type { Identities } from "../access/identity.ts";
import { Connection, type ConnectionListener } from "../connection/connection.ts";
import { SocketLimits } from "../connection/socket-limits.ts";

/** The protocol promises 1009 for a longer frame. The longest text has 600,000 bytes if each character is escaped. */
const maxFrameBytes = 1024 * 1024;

interface ChatUpgradePorts {
  readonly http: HttpServer;
  readonly proxies: Proxies;
  readonly access: AccessControl;
  readonly identities: Identities;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly listener: ConnectionListener;
  readonly onOpen: (connection: Connection) => void;
}

/** Opens WebSockets at `/chat` for the callers that may come in. */
export class ChatUpgrades {
  readonly #ports: ChatUpgradePorts;
  readonly #limits = new SocketLimits();
  readonly #admissions = new WeakMap<IncomingMessage, Admission>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    // Only the bytes of fragments are counted; they are no frames yet.
    maxFragments: 256,
    maxBufferedChunks: 16_384,
    // Connection answers pings within the limits.
    autoPong: false,
    clientTracking: false,
  });

  constructor(ports: ChatUpgradePorts) {
    this.#ports = ports;
    this.#sockets.on("headers", (headers, request) => {
      const admission = this.#admissions.get(request);
      if (admission === undefined) return;
      const { user, admittedBy } = admission;
      headers.push(`set-cookie: ${ports.identities.cookieFor(user, admittedBy, request)}`);
    });
    ports.http.upgrade("/chat", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** The refusal that an upgrade with these headers would get. */
  refusalOf(request: IncomingMessage): AccessRefusal | undefined {
    const admission = admissionOf(request, this.#ports);
    return "cause" in admission ? admission : undefined;
  }

  close(): void {
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { access, clock, ids, listener, onOpen } = this.#ports;
    const admission = admissionOf(request, this.#ports);
    if ("cause" in admission) {
      refuseUpgrade(socket, admission.status, admission.text);
      return;
    }
    const { user } = admission;
    const address = countedAddress(request, this.#ports.proxies);
    const allowance = this.#limits.enter({ user, address });
    if (allowance === undefined) {
      const { status, text } = access.refuse("too-many-sockets", request);
      refuseUpgrade(socket, status, text);
      return;
    }
    socket.once("close", () => allowance.leave());
    this.#admissions.set(request, admission);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const parts = { socket: webSocket, rawSocket: socket, allowance, clock };
      const who = { user, page: ids.turn(), address, timeZone: timeZoneIn(request) };
      onOpen(new Connection(parts, who, listener));
    });
  }
}

/** The time zone in the page's URL. Undefined if it isn't one: anybody may write anything there. */
function timeZoneIn({ url = "" }: IncomingMessage): TimeZone | undefined {
  const zone = new URLSearchParams(url.split("?")[1] ?? "").get("zone") ?? "";
  return isTimeZone(zone) ? zone : undefined;
}
