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

test("a setting that is the whole host has to be the name of one", () => {
  const open = { ...desk, baseUrl: "https://{host}/api/{space}" };
  const resolve = (host: string, space = "a"): string => resolveBaseUrl(open, { ...connection, settings: { host, space } }).origin;
  expect(resolve("desk.acme.example")).toBe("https://desk.acme.example");
  for (const host of ["localhost", "127.0.0.1", "0x7f.1", "a.0x7f", "desk.acme.example:81", "a.example/x", "[::1]"])
    expect(() => resolve(host)).toThrow(/settings\.host|settings: they lead/);
  for (const space of ["..", "a/b", "a?b", "a#b", "%2e%2e", ""]) expect(() => resolve("a.example", space)).toThrow(/settings\.space/);
});

test("a connector's own address is encrypted and one of its hosts", () => {
  expect(() => resolveBaseUrl({ ...desk, baseUrl: "http://desk.example" }, connection)).toThrow(/write https:/);
  expect(() => resolveBaseUrl({ ...desk, hosts: ["elsewhere.example"] }, { ...connection, settings: { subdomain: "a" } })).toThrow(
    /none of the hosts/,
  );
});

test("names a setting that is missing", () => {
  expect(() => resolveBaseUrl(desk, connection)).toThrow(/settings\.subdomain: is missing/);
});
