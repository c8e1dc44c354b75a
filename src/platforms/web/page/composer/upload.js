const busyMs = 5_000;

/**
 * Uploads an attached file, and sets its `share` from 0 to 1. Resolves to the server's { id, name, mediaType, bytes }. Rejects
 * with a line for the person; `isFinal`: another try would fail too.
 */
export async function upload(attached, signal) {
  for (;;) {
    signal.throwIfAborted();
    const request = await post(attached, signal);
    const { status, response } = request;
    if (status === 200) return response;
    if (response?.error !== "busy") throw faultOf(status, response);
    const waitMs = Number(request.getResponseHeader("retry-after")) * 1_000 || busyMs;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Only XMLHttpRequest tells the progress of an upload. */
function post(attached, signal) {
  const { conversation, file, name } = attached;
  const query = new URLSearchParams({ conversation, name: name || "file" }).toString();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new Error("The upload was interrupted."));
    request.open("POST", `chat/files?${query}`);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      attached.share = total && loaded / total;
    });
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** A proxy may have a limit of its own. */
function faultOf(status, body) {
  const isTooLarge = status === 413;
  const line = body?.message ?? (isTooLarge ? "This file is too large." : "The upload failed.");
  return Object.assign(new Error(line), { isFinal: isTooLarge || status === 401 || status === 403 });
}
