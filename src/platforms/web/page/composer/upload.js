const busyMs = 5_000;

/**
 * Uploads a file to a conversation. `onProgress(share)`: from 0 to 1. Resolves to the server's { id, name, mediaType, bytes }.
 * Rejects with a line for the person; `isFinal`: another try would fail too. The signal cancels it.
 */
export async function upload(file, conversation, { onProgress, signal }) {
  for (;;) {
    const { status, body, retryAfter } = await post(file, conversation, { onProgress, signal });
    if (status === 200) return body;
    const isBusy = body?.error === "busy";
    if (!isBusy) throw faultOf(status, body);
    await pause(Number(retryAfter) * 1_000 || busyMs, signal);
  }
}

/** Only XMLHttpRequest tells the progress of an upload. */
function post(file, conversation, { onProgress, signal }) {
  const url = new URL("chat/files", location.href);
  url.hash = "";
  url.search = new URLSearchParams({ conversation, name: file.name || "file" }).toString();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    request.open("POST", url);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      onProgress(total ? loaded / total : 0),
    );
    request.addEventListener("load", () => {
      const { status, response: body } = request;
      resolve({ status, body, retryAfter: request.getResponseHeader("retry-after") });
    });
    request.addEventListener("error", () => reject(new Error("The upload was interrupted.")));
    request.addEventListener("abort", () => reject(new Error("Cancelled.")));
    request.addEventListener("loadend", () => signal.removeEventListener("abort", cancel));
    signal.addEventListener("abort", cancel);
    request.send(file);
  });
}

/** A proxy may have a limit of its own. */
function faultOf(status, body) {
  const isTooLarge = status === 413;
  const line = body?.message ?? (isTooLarge ? "This file is too large." : "The upload failed.");
  return Object.assign(new Error(line), { isFinal: isTooLarge || status === 401 || status === 403 });
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Error("Cancelled."));
    });
  });
}
