import { expect, test } from "vitest";
import { desk } from "./__fixtures__/desk.ts";
import { resolveBaseUrl } from "./base-url.ts";

const connection = { id: "acme-desk", tenant: "acme", connector: "desk" };

test("fills the connector's placeholders with the connection's settings", () => {
  expect(resolveBaseUrl(desk, { ...connection, settings: { subdomain: "acme" } })).toEqual({
    origin: "https://acme.desk.example",
    path: "",
  });
});

test("the connection's own base URL goes before the connector's, and its path before every path", () => {
  expect(resolveBaseUrl(desk, { ...connection, baseUrl: "http://0x7f.1:81/api/" })).toEqual({
    origin: "http://127.0.0.1:81",
    path: "/api",
  });
});

test.each(["evil.com/#", "evil.com\\", "a@evil.com", "evil.com:81", "", "."])(
  "refuses the setting %j, which could end the host",
  (subdomain) => {
    expect(() => resolveBaseUrl(desk, { ...connection, settings: { subdomain } })).toThrow(/settings\.subdomain/);
  },
);

test.each(["ftp://a.example", "nothing", "https://user:pass@a.example", "https://a.example/?x=1"])("refuses the base URL %s", (baseUrl) => {
  expect(() => resolveBaseUrl(desk, { ...connection, baseUrl })).toThrow(/baseUrl/);
});

test("names a setting that is missing", () => {
  expect(() => resolveBaseUrl(desk, connection)).toThrow(/settings\.subdomain: is missing/);
});
