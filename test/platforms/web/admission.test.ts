import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";
import { z } from "zod";

import { openChat } from "../../support/web/open-chat.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { connectWeb } from "../../support/web/web-client.ts";

const token = "correct-horse-battery";

/** fetch doesn't let a test choose Host. */
async function get(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  form?: string,
): Promise<{
  readonly status: number;
  readonly cookie: string;
  readonly body: string;
  readonly csp: string;
}> {
  const sent = request(url, {
    method: form === undefined ? "GET" : "POST",
    headers: {
      ...(form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      ...headers,
    },
  });
  sent.end(form);
  const [response] = await once(sent, "response");
  let body = "";
  for await (const bytes of response) body += String(bytes);
  return {
    status: response.statusCode,
    cookie: response.headers["set-cookie"]?.[0] ?? "",
    csp: String(response.headers["content-security-policy"]),
    body,
  };
}

/** The beginning of a WebSocket, byte for byte. */
function upgradeOf(host: string): string {
  return [
    "GET /chat HTTP/1.1",
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "\r\n",
  ].join("\r\n");
}

describe("without a token", () => {
  test("the page opens on this machine, with a cookie that scripts and other sites can't read", async () => {
    await using chat = await openChat();
    const page = await get(`${chat.url}/`);
    expect(page.status).toBe(200);
    expect(page.cookie).toMatch(/^threadkeeper=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/u);
    expect(page.csp).toContain("default-src 'none'");
    await using client = await connectWeb(chat.url, { cookie: page.cookie.split(";", 1)[0] ?? "" });
    expect(page.cookie).toContain((await client.until("welcome")).user);
  });

  test.each([
    ["another name of this machine (DNS rebinding)", { host: "evil.example" }],
    ["a proxy", { "x-forwarded-for": "203.0.113.7" }],
    ["a proxy that speaks by the book", { forwarded: "for=203.0.113.7" }],
  ])("a request through %s is refused", async (_name, headers) => {
    await using chat = await openChat();
    expect((await get(`${chat.url}/`, headers)).status).toBe(403);
    await expect(connectWeb(chat.url, headers)).rejects.toThrow("403");
  });

  test.each(["https://evil.example", "http://evil.example:3000", "null"])(
    "a page of %s can't act for the person here",
    async (origin) => {
      await using chat = await openChat();
      await expect(connectWeb(chat.url, { origin })).rejects.toThrow("403");
    },
  );

  test("the page's own origin is accepted under each loopback name", async () => {
    await using chat = await openChat();
    const { host, port } = new URL(chat.url);
    await using one = await connectWeb(chat.url, { origin: `http://${host}` });
    expect((await one.until("welcome")).user).not.toBe("");
    await using two = await connectWeb(chat.url, {
      host: `localhost:${port}`,
      origin: `http://localhost:${port}`,
    });
    await two.until("welcome");
  });

  test("a forged cookie makes a new person, never another one", async () => {
    await using chat = await openChat();
    await using ada = await connectWeb(chat.url);
    const { user } = await ada.until("welcome");
    for (const cookie of [
      `threadkeeper=${user}`,
      `threadkeeper=${user}.x.y`,
      ada.cookie.replace(user, "mallory"),
    ]) {
      await using client = await connectWeb(chat.url, { cookie });
      expect(["mallory", user]).not.toContain((await client.until("welcome")).user);
    }
  });

  test("a person who follows a link from another site stays signed in", async () => {
    await using chat = await openChat();
    // The browser keeps a Strict cookie back; a new one would replace it.
    const page = await get(`${chat.url}/`, { "sec-fetch-site": "cross-site" });
    expect(page.status).toBe(200);
    expect(page.cookie).toBe("");
    expect((await get(`${chat.url}/`, { "sec-fetch-site": "none" })).cookie).not.toBe("");
  });

  test("callers who hang up on a refusal cause no error", async () => {
    const faults: unknown[] = [];
    const note = (fault: unknown): number => faults.push(fault);
    process.on("uncaughtException", note);
    await using chat = await openChat();
    const { port } = new URL(chat.url);
    for (let count = 0; count < 30; count += 1) {
      const socket = connect(Number(port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(upgradeOf("evil.example"));
      await setTimeout(count % 3);
      socket.resetAndDestroy();
    }
    // Answered after all of them.
    expect((await get(`${chat.url}/`)).status).toBe(200);
    process.off("uncaughtException", note);
    expect(faults).toEqual([]);
  });

  test("a key that a crash truncated signs nothing", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "web-cookie.key");
    writeFileSync(file, "");
    await using chat = await openChat({ dataDir: folder.path });
    expect(readFileSync(file)).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const signed = ["ada", "ada "].map((each) => createHmac("sha256", "").update(each).digest("base64url"));
    await using client = await connectWeb(chat.url, { cookie: `threadkeeper=ada.${signed.join(".")}` });
    expect((await client.until("welcome")).user).not.toBe("ada");
  });

  test("a person keeps the identity after a restart", async () => {
    using folder = temporaryFolder();
    let cookie = "";
    let user = "";
    {
      await using chat = await openChat({ dataDir: folder.path });
      await using client = await connectWeb(chat.url);
      ({ user } = await client.until("welcome"));
      ({ cookie } = client);
    }
    await using chat = await openChat({ dataDir: folder.path });
    await using client = await connectWeb(chat.url, { cookie });
    expect((await client.until("welcome")).user).toBe(user);
  });
});

describe("with a token", () => {
  test("requests without it are refused, also on this machine", async () => {
    await using chat = await openChat({ token });
    const page = await get(`${chat.url}/`);
    expect(page).toMatchObject({ status: 401, cookie: "", body: expect.stringContaining("Access token") });
    await expect(connectWeb(chat.url)).rejects.toThrow("401");
    await expect(connectWeb(chat.url, { authorization: "Bearer wrong" })).rejects.toThrow("401");
  });

  test("the form accepts it under any name of the machine, and refuses a wrong one", async () => {
    await using chat = await openChat({ token });
    const headers = { host: "chat.example.com", origin: "http://chat.example.com" };
    expect((await get(`${chat.url}/sign-in`, headers, "token=wrong")).status).toBe(403);
    const signedIn = await get(`${chat.url}/sign-in`, headers, `token=${token}`);
    expect(signedIn.status).toBe(303);
    const cookie = signedIn.cookie.split(";", 1)[0] ?? "";
    expect((await get(`${chat.url}/`, { ...headers, cookie })).body).toContain('id="composer"');
    await using client = await connectWeb(chat.url, { ...headers, cookie });
    await client.until("welcome");
  });

  test("the cookie is Secure behind an https proxy", async () => {
    await using chat = await openChat({ token });
    for (const proto of ["https", "https,http"]) {
      const signedIn = await get(`${chat.url}/sign-in`, { "x-forwarded-proto": proto }, `token=${token}`);
      expect(signedIn.cookie).toContain("; Secure");
    }
  });

  test("another site can't sign a person in, and guesses are slowed down", async () => {
    await using chat = await openChat({ token });
    const foreign = await get(`${chat.url}/sign-in`, { origin: "https://evil.example" }, `token=${token}`);
    expect(foreign.status).toBe(403);
    expect(foreign.body).toContain("Origin and Host differ");
    for (let count = 0; count < 10; count += 1) await get(`${chat.url}/sign-in`, {}, `token=guess${count}`);
    expect((await get(`${chat.url}/sign-in`, {}, `token=${token}`)).status).toBe(429);
  });

  test("guesses are slowed down at the socket too, and signed-in people stay connected", async () => {
    await using chat = await openChat({ token });
    await using client = await connectWeb(chat.url, { authorization: `Bearer ${token}` });
    for (let count = 0; count < 10; count += 1) {
      await expect(connectWeb(chat.url, { authorization: `Bearer guess${count}` })).rejects.toThrow("401");
    }
    await expect(connectWeb(chat.url, { authorization: `Bearer ${token}` })).rejects.toThrow("429");
    await using again = await connectWeb(chat.url, { cookie: client.cookie });
    await again.until("welcome");
  });

  test("other programs send it at the upgrade and keep the cookie", async () => {
    await using chat = await openChat({ token });
    await using client = await connectWeb(chat.url, { authorization: `Bearer ${token}` });
    const { user } = await client.until("welcome");
    await using again = await connectWeb(chat.url, { cookie: client.cookie });
    expect((await again.until("welcome")).user).toBe(user);
  });

  test("a page of another site can't act for a signed-in person", async () => {
    await using chat = await openChat({ token });
    await using client = await connectWeb(chat.url, { authorization: `Bearer ${token}` });
    const { cookie } = client;
    await expect(connectWeb(chat.url, { cookie, origin: "https://evil.example" })).rejects.toThrow("403");
  });

  test("a changed token ends the access of people who signed in with the old one", async () => {
    using folder = temporaryFolder();
    let cookie = "";
    {
      await using chat = await openChat({ dataDir: folder.path, token });
      await using client = await connectWeb(chat.url, { authorization: `Bearer ${token}` });
      ({ cookie } = client);
    }
    await using chat = await openChat({ dataDir: folder.path, token: `${token}-2` });
    await expect(connectWeb(chat.url, { cookie })).rejects.toThrow("401");
    expect((await get(`${chat.url}/`, { cookie })).status).toBe(401);
  });

  test("a new token ends all access until people sign in again, with the same identity", async () => {
    using folder = temporaryFolder();
    let cookie = "";
    let user = "";
    {
      await using chat = await openChat({ dataDir: folder.path });
      await using client = await connectWeb(chat.url);
      ({ user } = await client.until("welcome"));
      ({ cookie } = client);
    }
    await using chat = await openChat({ dataDir: folder.path, token });
    await expect(connectWeb(chat.url, { cookie })).rejects.toThrow("401");
    const signedIn = await get(`${chat.url}/sign-in`, { cookie }, `token=${token}`);
    expect(signedIn.cookie).toContain(user);
  });
});

describe("the files of the page", () => {
  test("are the only files that are served", async () => {
    await using chat = await openChat();
    for (const name of [
      "app.js",
      "styles/base.css",
      "packages/preact.js",
      "packages/dompurify.js",
      "icon.svg",
    ]) {
      expect((await get(`${chat.url}/assets/${name}`)).status).toBe(200);
    }
    for (const name of ["", "../web-platform.ts", "..%2Fweb-platform.ts", "nothing.js", "__proto__"]) {
      expect((await get(`${chat.url}/assets/${name}`)).status).toBe(404);
    }
  });

  test("contain every package that the page imports by name", async () => {
    await using chat = await openChat();
    const { body, csp } = await get(chat.url);
    const [, map = ""] = /<script type="importmap">([^]*?)<\/script>/u.exec(body) ?? [];
    const { imports } = z.object({ imports: z.record(z.string(), z.string()) }).parse(JSON.parse(map));
    for (const address of Object.values(imports))
      expect((await fetch(new URL(address, chat.url))).status).toBe(200);
    // The policy names the hash of the map, the only inline script.
    expect(csp).toContain(`'sha256-${createHash("sha256").update(map).digest("base64")}'`);
  });

  test("are sent again only after an update", async () => {
    await using chat = await openChat();
    const first = await fetch(`${chat.url}/assets/app.js`);
    const etag = first.headers.get("etag") ?? "";
    expect((await fetch(`${chat.url}/assets/app.js`, { headers: { "if-none-match": etag } })).status).toBe(
      304,
    );
  });
});
