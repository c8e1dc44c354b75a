import { describe, expect, test } from "vitest";

import { openChat } from "../../support/web/open-chat.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { connectWeb } from "../../support/web/web-client.ts";

const token = "correct-horse-battery";
const another = "staple-of-the-trombone";

type Headers = Readonly<Record<string, string>>;

async function signIn(url: string, headers: Headers, given = token): Promise<Response> {
  const body = new URLSearchParams({ token: given });
  return fetch(`${url}/sign-in`, { method: "POST", body, headers, redirect: "manual" });
}

const cookieIn = (response: Response): string =>
  (response.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
const userIn = (cookie: string): string => /=(?<user>[^.]+)\./u.exec(cookie)?.groups?.["user"] ?? "";

describe("without a token", () => {
  test.each([
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded",
    "x-real-ip",
    "via",
    "cf-connecting-ip",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-original-forwarded-for",
    "x-envoy-external-address",
    "x-amzn-trace-id",
    "tailscale-user-login",
    "proxy-client-ip",
    "x-forward-for",
    "x-originating-ip",
    "x-host",
    "x-scheme",
    "x-request-start",
    "x-cloud-trace-context",
    "x-vercel-id",
    "akamai-origin-hop",
    "fastly-ff",
    "front-end-https",
    "max-forwards",
  ])("a request with the proxy header %s is refused", async (name) => {
    await using chat = await openChat();
    const page = await fetch(`${chat.url}/`, { headers: { [name]: "1" } });
    expect(page.status).toBe(403);
    expect(await page.text()).toContain("came through a proxy");
    await expect(connectWeb(chat.url, { [name]: "1" })).rejects.toThrow("403");
  });

  test("the chat is closed where other machines reach the port, and says what to do", async () => {
    await using chat = await openChat({ isClosed: true });
    const page = await fetch(`${chat.url}/`);
    expect(page.status).toBe(403);
    expect(await page.text()).toContain("Set WEB_TOKEN");
    await expect(connectWeb(chat.url)).rejects.toThrow("403");
  });
});

describe("a cookie", () => {
  const https = { "x-forwarded-proto": "https", host: "chat.example.com" };

  test("is bound to the host over HTTPS, and one that another site planted is ignored", async () => {
    await using chat = await openChat({ token });
    const cookie = cookieIn(await signIn(chat.url, https));
    expect(cookie).toMatch(/^__Host-threadkeeper=/u);
    const planted = cookie.replace("__Host-", "");
    expect((await fetch(`${chat.url}/`, { headers: { ...https, cookie } })).status).toBe(200);
    expect((await fetch(`${chat.url}/`, { headers: { ...https, cookie: planted } })).status).toBe(401);
    await expect(connectWeb(chat.url, { ...https, cookie: planted })).rejects.toThrow("401");
  });

  test("that was planted is not adopted at the sign-in, whatever its name", async () => {
    await using chat = await openChat({ token });
    for (const headers of [{}, https]) {
      const mallory = cookieIn(await signIn(chat.url, headers));
      const victim = cookieIn(await signIn(chat.url, { ...headers, cookie: mallory }));
      expect(userIn(victim)).not.toBe(userIn(mallory));
      expect(userIn(victim)).not.toBe("");
    }
  });

  test("of two people at once identifies neither", async () => {
    await using chat = await openChat({ token });
    const [one, two] = [cookieIn(await signIn(chat.url, {})), cookieIn(await signIn(chat.url, {}))];
    expect((await fetch(`${chat.url}/`, { headers: { cookie: `${one}; ${two}` } })).status).toBe(401);
  });

  test("counts while its token is among the keys; then its person signs in again and keeps the identity", async () => {
    using folder = temporaryFolder();
    const open = (tokens: string) => openChat({ dataDir: folder.path, token: tokens });
    let cookie = "";
    {
      await using chat = await open(token);
      cookie = cookieIn(await signIn(chat.url, {}));
    }
    {
      await using chat = await open(`${another},${token}`);
      expect((await fetch(`${chat.url}/`, { headers: { cookie } })).status).toBe(200);
      expect((await signIn(chat.url, {}, another)).status).toBe(303);
    }
    await using chat = await open(another);
    expect((await fetch(`${chat.url}/`, { headers: { cookie } })).status).toBe(401);
    expect(userIn(cookieIn(await signIn(chat.url, { cookie }, another)))).toBe(userIn(cookie));
  });
});

describe("signing out", () => {
  test("makes the browser forget the person, and ends the person's open connections there", async () => {
    await using chat = await openChat({ token });
    const cookie = cookieIn(await signIn(chat.url, {}));
    await using client = await connectWeb(chat.url, { cookie });
    expect(await client.until("welcome")).toMatchObject({ signOut: true });
    const response = await fetch(`${chat.url}/sign-out`, {
      method: "POST",
      headers: { cookie, origin: chat.url },
      redirect: "manual",
    });
    expect(response.status).toBe(303);
    for (const each of response.headers.getSetCookie())
      expect(each).toMatch(/threadkeeper=; Path=\/; Max-Age=0;/u);
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect(await client.closed).toBe(1008);
  });

  test("needs the page's own form", async () => {
    await using chat = await openChat({ token });
    const cookie = cookieIn(await signIn(chat.url, {}));
    await using client = await connectWeb(chat.url, { cookie });
    const foreign = { method: "POST", headers: { cookie, origin: "https://evil.example" } };
    expect((await fetch(`${chat.url}/sign-out`, foreign)).status).toBe(403);
    expect((await fetch(`${chat.url}/sign-out`, { headers: { cookie } })).status).toBe(405);
    client.send({ type: "list" });
    await client.until("welcome", 2);
  });
});

describe("guessing the token", () => {
  const from = (address: string): Headers => ({ "x-forwarded-for": address });

  test("locks out the guesser behind a trusted proxy, and no one else", async () => {
    await using chat = await openChat({ token, trustedProxy: ["127.0.0.0/8", "10.0.0.0/8"] });
    for (let count = 0; count < 10; count += 1) {
      // What a caller puts before the proxies' own entries is not believed.
      const headers = from(`198.51.100.${count}, 203.0.113.7, 10.0.0.1`);
      expect((await signIn(chat.url, headers, `guess ${count}`)).status).toBe(403);
    }
    expect((await signIn(chat.url, from("203.0.113.7"))).status).toBe(429);
    expect((await signIn(chat.url, from("203.0.113.8"))).status).toBe(303);
  });

  test("is counted for all addresses of an IPv6 network together", async () => {
    await using chat = await openChat({ token, trustedProxy: ["127.0.0.1"] });
    for (let count = 0; count < 10; count += 1) {
      await signIn(chat.url, from(`2001:db8:0:7::${count.toString(16)}`), `guess ${count}`);
    }
    expect((await signIn(chat.url, from("[2001:0db8::7:1:2:3:4]:443"))).status).toBe(429);
    expect((await signIn(chat.url, from("2001:db8:0:8::1"))).status).toBe(303);
  });

  test("from many networks of one IPv6 caller counts together, and other callers still get in", async () => {
    await using chat = await openChat({ token, trustedProxy: ["127.0.0.1"] });
    for (let count = 0; count < 160; count += 1)
      await signIn(chat.url, from(`2001:db8:7:${(count * 256 + count).toString(16)}::1`), `guess ${count}`);
    expect((await signIn(chat.url, from("2001:db8:7:ffff::1"))).status).toBe(429);
    expect((await signIn(chat.url, from("2001:db8:8:1::1"))).status).toBe(303);
  });

  test("does not include what a browser sends to a proxy with its own password", async () => {
    await using chat = await openChat({ token });
    const basic = { authorization: `Basic ${btoa("ada:secret")}` };
    for (let count = 0; count < 20; count += 1) {
      const response = await fetch(`${chat.url}/chat`, { method: "POST", headers: basic });
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining("Sign in")]);
    }
    expect((await signIn(chat.url, {})).status).toBe(303);
    // As phones paste it.
    expect((await signIn(chat.url, {}, ` ${token}\n`)).status).toBe(303);
    const bearer = { authorization: `bearer  ${token}` };
    expect((await fetch(`${chat.url}/chat`, { method: "POST", headers: bearer })).status).toBe(200);
  });

  test("is counted for the proxy where its headers are not trusted, and signed-in people still get in", async () => {
    using folder = temporaryFolder();
    let cookie = "";
    {
      await using chat = await openChat({ dataDir: folder.path, token });
      cookie = cookieIn(await signIn(chat.url, {}));
    }
    await using chat = await openChat({ dataDir: folder.path, token: another });
    for (let count = 0; count < 10; count += 1)
      await signIn(chat.url, from(`203.0.113.${count}`), `guess ${count}`);
    expect((await signIn(chat.url, from("203.0.113.99"), another)).status).toBe(429);
    expect((await signIn(chat.url, { ...from("203.0.113.99"), cookie }, another)).status).toBe(303);
  });
});

test("each refusal names its cause, and is logged once", async () => {
  await using chat = await openChat({ token });
  const cookie = cookieIn(await signIn(chat.url, {}));
  const origin = "https://chat.example.com";
  for (let count = 0; count < 3; count += 1) {
    const refused = await signIn(chat.url, { origin });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("proxy_set_header Host");
    await expect(connectWeb(chat.url, { cookie, origin })).rejects.toThrow("403");
    const why = await fetch(`${chat.url}/chat`, { method: "POST", headers: { cookie, origin } });
    expect(await why.text()).toContain("TRUSTED_PROXY");
    expect((await signIn(chat.url, {}, "a wrong token")).status).toBe(403);
  }
  const causes = chat.log.lines.map(({ facts }) => facts["cause"]);
  expect(causes).toEqual(["origin", "wrong-token"]);
  expect(JSON.stringify(chat.log.lines)).not.toContain("a wrong token");
});

test("a trusted proxy may name the host that the browser asked for", async () => {
  const headers = { origin: "https://chat.example.com", "x-forwarded-host": "chat.example.com" };
  await using trusting = await openChat({ token, trustedProxy: ["127.0.0.1"] });
  expect((await signIn(trusting.url, headers)).status).toBe(303);
  await using other = await openChat({ token });
  expect((await signIn(other.url, headers)).status).toBe(403);
});

test.each([
  ["https://chat.example.com", "chat.example.com:443", 200],
  ["https://chat.example.com", "Chat.Example.COM", 200],
  ["https://chat.example.com:8443", "chat.example.com:8443", 200],
  ["https://chat.example.com", "chat.example.com:80", 403],
  ["https://chat.example.com", "chat.example.com:8443", 403],
  ["https://chat.example.com", "chat.example.com.evil.example", 403],
  ["https://chat.example.com", "evil@chat.example.com.evil.example", 403],
  ["null", "null", 403],
  ["file://", "", 403],
])("the origin %s counts as the page's own for the host %s: %i", async (origin, host, status) => {
  await using chat = await openChat({ token, trustedProxy: ["127.0.0.1"] });
  const headers = { origin, "x-forwarded-host": host, authorization: `Bearer ${token}` };
  expect((await fetch(`${chat.url}/chat`, { method: "POST", headers })).status).toBe(status);
});
