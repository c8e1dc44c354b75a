import { once } from "node:events";
import http from "node:http";

import { expect, onTestFinished, test } from "vitest";

import type { OutboundProxy } from "../../../src/runtime/addresses/outbound-proxy.ts";
import { leanFetch } from "../../../src/runtime/fetch/lean-fetch.ts";
import { unreachableReason } from "../../../src/models/openai/failure/unreachable.ts";

async function faultOf(url: string, proxy?: OutboundProxy): Promise<unknown> {
  return leanFetch({ proxy })(url).then(
    () => "none",
    (error: unknown) => new Error("Connection error.", { cause: error }),
  );
}

test("the network's error about a server is reported, however deeply it is nested", async () => {
  const why = unreachableReason(await faultOf("http://127.0.0.1:65529/v1"));
  expect(why).toMatch(
    /^the model's server can't be reached \(connect ECONNREFUSED .*\); check OPENAI_BASE_URL/u,
  );
  expect(
    unreachableReason(new Error("", { cause: new AggregateError([new Error("connect ETIMEDOUT")]) })),
  ).toContain("(connect ETIMEDOUT)");
  expect(unreachableReason(undefined)).toMatch(
    /^the model's server can't be reached; check OPENAI_BASE_URL/u,
  );
  const untrusted = new Error("fetch failed", {
    cause: new Error("self-signed certificate in certificate chain"),
  });
  expect(unreachableReason(untrusted)).toContain("NODE_EXTRA_CA_CERTS");
});

test.each([
  [407, "the proxy wants a user and a password (407); check HTTPS_PROXY"],
  [403, "the proxy does not lead to the model's server (403); check HTTPS_PROXY"],
])("a proxy that responds with %i is reported as the proxy", async (status, told) => {
  const proxy = http.createServer().on("connect", (_request, socket) => {
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const through = { https: `http://127.0.0.1:${port}`, http: undefined, except: "" };
  const fault = await faultOf("https://model.corp.example/v1", through);
  expect(unreachableReason(fault)).toContain(told);
});
