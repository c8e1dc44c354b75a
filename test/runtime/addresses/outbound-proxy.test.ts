import { expect, test } from "vitest";

import { ConfigError, readConfig } from "../../../src/config/config.ts";
import { proxyFromSettings, proxyVariables } from "../../../src/runtime/addresses/outbound-proxy.ts";

function proxyOf(environment: Readonly<Record<string, string>>) {
  const proxy = proxyFromSettings(readConfig(environment));
  return proxy && proxyVariables(proxy);
}

const machine = "localhost,127.0.0.1,::1,[::1]";
const proxy = "http://proxy:3128";

test.each([
  [{}, undefined],
  [{ HTTPS_PROXY: proxy }, { HTTPS_PROXY: proxy, NO_PROXY: machine }],
  [
    { https_proxy: proxy, no_proxy: ".corp, model" },
    { HTTPS_PROXY: proxy, NO_PROXY: `.corp,model,${machine}` },
  ],
  [{ HTTP_PROXY: proxy }, { HTTP_PROXY: proxy, NO_PROXY: machine }],
  [{ ALL_PROXY: proxy }, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: machine }],
  [
    { ALL_PROXY: proxy, HTTPS_PROXY: "https://other:443" },
    { HTTPS_PROXY: "https://other:443", HTTP_PROXY: proxy, NO_PROXY: machine },
  ],
  [{ ALL_PROXY: "socks5://proxy:1080" }, undefined],
  [{ HTTPS_PROXY: proxy, NO_PROXY: "*" }, undefined],
])("the settings %j give the proxy %j", (environment, expected) => {
  expect(proxyOf(environment)).toEqual(expected);
});

test("an invalid proxy address is refused by name, without its password", () => {
  for (const address of [
    "proxy:3128",
    "socks5://ada:sesame@proxy",
    "http://",
    "https://ada:sesame@proxy:x",
    "http://ada:sesame%zz@proxy:3128",
  ]) {
    const reading = (): unknown => readConfig({ HTTPS_PROXY: address, HTTP_PROXY: address });
    expect(reading).toThrow(ConfigError);
    expect(reading).toThrow(
      /^HTTPS_PROXY: This is not like http:\/\/proxy:3128[^\n]*\nHTTP_PROXY: This is not like [^\n]*$/u,
    );
    expect(reading).not.toThrow(/sesame/u);
  }
});
