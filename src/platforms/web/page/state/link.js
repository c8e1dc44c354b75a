import { state } from "./state.js";

const maxWaitMs = 15_000;
/** Failed attempts before asking why; fewer on a new page, which the server has just served. */
const reconnectAttempts = 8;
const newPageAttempts = 2;
let socket;
let attempts = 0;
let wasUp = false;

/** Returns false while disconnected; the frame is not kept. */
export function send(frame) {
  if (!isOpen()) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

/** Connects, and again whenever the connection is lost, with growing waits. `onFrame(frame)`: the server has sent one. */
export function connect(onFrame) {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  socket = new WebSocket(`chat?zone=${encodeURIComponent(zone)}`);
  socket.addEventListener("open", () => {
    attempts = 0;
    wasUp = true;
    Object.assign(state, { connection: "", isClosed: false });
  });
  socket.addEventListener("message", ({ data }) => onFrame(JSON.parse(data)));
  socket.addEventListener("close", ({ code, reason }) => {
    state.connection = "Not connected. Trying again…";
    if (code === 1008 && reason === "signed out") showRefusal(401, reason);
    else if (attempts >= (wasUp ? reconnectAttempts : newPageAttempts)) void fetchRefusal();
    const waitMs = Math.min(maxWaitMs, 300 * 2 ** attempts) * (0.5 + Math.random());
    attempts += 1;
    setTimeout(() => connect(onFrame), waitMs);
  });
}

addEventListener("online", () => {
  if (!isOpen()) socket.close();
});

function isOpen() {
  return socket.readyState === WebSocket.OPEN;
}

/** A page can't read why its WebSocket was refused; a POST to the same address says why. */
async function fetchRefusal() {
  try {
    const response = await fetch("chat", { method: "POST" });
    if (response.ok || isOpen()) return;
    // Only our own server's texts; other statuses come from a proxy.
    const { status } = response;
    if ([401, 403, 429].includes(status)) showRefusal(status, await response.text());
  } catch {
    // The server is unreachable.
  }
}

function showRefusal(status, reason) {
  // Signed out on another page, or the token is no longer valid: the reload shows the sign-in page.
  if (status === 401) location.reload();
  else state.connection = reason;
  state.isClosed = true;
}
