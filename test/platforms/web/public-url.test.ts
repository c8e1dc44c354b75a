import { describe, expect, test } from "vitest";

import { browserIsMissing, launchBrowser } from "../../support/web/browser.ts";
import { openPage } from "../../support/web/open-page.ts";
import { call, rawRequest } from "../../support/raw-caller.ts";
import { openChat, type ChatOptions } from "../../support/web/open-chat.ts";
import { connectWeb } from "../../support/web/web-client.ts";

const token = "correct-horse-battery";

/** As a browser sends the form of the page that it shows at `origin`, through a proxy that passes Host on or not. */
function signIn(
  url: string,
  headers: Readonly<Record<string, string>>,
  path = "/sign-in",
): Promise<Response> {
  const body = new URLSearchParams({ token });
  return fetch(`${url}${path}`, { method: "POST", body, headers, redirect: "manual" });
}

const cookieIn = (response: Response): string =>
  (response.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";

describe("behind a proxy that does not pass Host on", () => {
  const origin = "https://chat.example.com";
  const open = (publicUrl?: string, more: ChatOptions = {}) =>
    openChat({ token, ...(publicUrl === undefined ? {} : { publicUrl }), ...more });

  test("people get access from the address in PUBLIC_URL, and from no other", async () => {
    await using chat = await open(`${origin}/`);
    const signedIn = await signIn(chat.url, { origin });
    expect(signedIn.status).toBe(303);
    const cookie = cookieIn(signedIn);
    await using page = await connectWeb(chat.url, { cookie, origin });
    await page.until("welcome");
    for (const other of ["https://evil.example", "http://chat.example.com", `${origin}:8443`, "null"]) {
      expect((await signIn(chat.url, { origin: other })).status).toBe(403);
      await expect(connectWeb(chat.url, { cookie, origin: other })).rejects.toThrow("403");
    }
    // Who comes without the proxy is no worse off.
    expect((await signIn(chat.url, { origin: chat.url })).status).toBe(303);
  });

  test("the refusal names the cause and the remedy, to the person and once to the operator", async () => {
    await using chat = await open();
    for (let count = 0; count < 3; count += 1)
      expect(await (await signIn(chat.url, { origin })).text()).toMatch(
        /Origin and Host differ.*PUBLIC_URL/u,
      );
    expect(chat.log.lines).toMatchObject([
      { level: "warn", message: expect.stringContaining("PUBLIC_URL"), facts: { cause: "origin", origin } },
    ]);
  });

  test("an X-Forwarded-Host that a stranger writes is not trusted", async () => {
    await using chat = await open();
    const headers = { origin, "x-forwarded-host": "chat.example.com" };
    expect((await signIn(chat.url, headers)).status).toBe(403);
    await using trusting = await open(undefined, { trustedProxy: ["127.0.0.1"] });
    expect((await signIn(trusting.url, headers)).status).toBe(303);
  });

  test("it gives other machines no access where there is no token", async () => {
    await using chat = await openChat({ publicUrl: `${origin}/` });
    const why = await fetch(`${chat.url}/chat`, { method: "POST", headers: { origin } });
    expect(why.status).toBe(403);
  });
});

describe.each([
  ["takes the sub-path off", (path: string) => path],
  ["leaves the sub-path on", (path: string) => `/tk${path}`],
])("behind a proxy that %s", (_how, at) => {
  test("the pages, the sign-in and the chat work", async () => {
    await using chat = await openChat({ token, publicUrl: "https://example.com/tk/" });
    const headers = { origin: "https://example.com", host: "example.com" };
    const page = await fetch(`${chat.url}${at("/")}`);
    expect(page.status).toBe(401);
    const addresses = Array.from(
      (await page.text()).matchAll(/(?:href|src|action)="([^"]*)"/gu),
      ([, each]) => each ?? "",
    );
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses.filter((each) => each.startsWith("assets/")))
      expect((await fetch(`${chat.url}${at(`/${address}`)}`)).status).toBe(200);
    // As the browser resolves them: none leads out of the sub-path.
    for (const address of addresses)
      expect(new URL(address, "https://example.com/tk/").pathname).toMatch(/^\/tk\//u);
    const signedIn = await signIn(chat.url, headers, at("/sign-in"));
    expect(signedIn.status).toBe(303);
    const target = new URL(signedIn.headers.get("location") ?? "", "https://example.com/tk/sign-in");
    expect(target.pathname).toBe("/tk/");
    expect(signedIn.headers.get("set-cookie")).toContain("Path=/;");
    const cookie = cookieIn(signedIn);
    expect((await fetch(`${chat.url}${at("/")}`, { headers: { cookie } })).status).toBe(200);
    await using client = await connectWeb(`${chat.url}${at("/").slice(0, -1)}`, { ...headers, cookie });
    await client.until("welcome");
  });
});

test("the sub-path without its final slash redirects to the one with it, and deeper paths don't", async () => {
  await using chat = await openChat({ token, publicUrl: "https://example.com/a/tk/" });
  const bare = await fetch(`${chat.url}/a/tk`, { redirect: "manual" });
  expect(bare.status).toBe(308);
  expect(new URL(bare.headers.get("location") ?? "", "https://example.com/a/tk").pathname).toBe("/a/tk/");
  for (const path of ["/a/tk/a/tk/", "/a/tkx/", "/a/"])
    expect((await fetch(`${chat.url}${path}`)).status).toBe(404);
  const up = rawRequest("GET /a/tk/../../chat", ["host: x", "connection: close"]);
  expect(await call(Number(new URL(chat.url).port), up)).toMatch(/^HTTP\/1\.1 404/u);
});

test.skipIf(browserIsMissing)(
  `the sign-in leads back to the conversation in the address, also at the second try ${browserIsMissing ?? ""}`,
  async () => {
    await using opened = new AsyncDisposableStack();
    const browser = opened.adopt(await launchBrowser(), (each) => each.close());
    await using chat = await openChat({ token });
    const page = await openPage(browser, `${chat.url}/#c/abc123`);
    for (const each of ["a wrong token, as it happens", token]) {
      await page.getByLabel("Access token").fill(each);
      await page.getByRole("button", { name: "Sign in" }).click();
    }
    await expect.poll(() => page.url(), { timeout: 60_000 }).toBe(`${chat.url}/#c/abc123`);
    await page.getByRole("textbox", { name: "Message" }).waitFor();
  },
);
