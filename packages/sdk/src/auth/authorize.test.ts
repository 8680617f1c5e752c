import { describe, expect, test } from "vitest";
import { defineConnector } from "../connector/define-connector.ts";
import { createRedact } from "../http/redact.ts";
import { Secret } from "../secret.ts";
import { auths } from "./__fixtures__/kinds.ts";
import { authorize } from "./authorize.ts";
import { credentialForm, fieldsOf } from "./fields.ts";
import type { Auth } from "./kinds.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const secrets = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));

const rows: readonly (readonly [keyof typeof auths, Readonly<Record<string, string>>, object, object?])[] = [
  ["bearer", { token: "t-0123" }, { authorization: "Bearer t-0123" }],
  ["keyInHeader", { apiKey: "k-0123" }, { authorization: "Token k-0123" }],
  ["keyInQuery", { apiKey: "k 0&1=2" }, {}, { api_key: "k 0&1=2" }],
  ["basic", { username: "ann", password: "pässword" }, { authorization: `Basic ${base64("ann:pässword")}` }],
  ["keyAsName", { apiKey: "k-0123" }, { authorization: `Basic ${base64("k-0123:x")}` }],
  ["mailWithSuffix", { email: "ann@a.example", apiToken: "t-0123" }, { authorization: `Basic ${base64("ann@a.example/token:t-0123")}` }],
  ["headers", { email: "ann@a.example", apiKey: "{email}" }, { "x-auth-email": "ann@a.example", "x-auth-key": "{email}" }],
  ["consent", { accessToken: "a-0123" }, { authorization: "Bearer a-0123" }],
  ["odd", { accessToken: "a-0123" }, { "x-access-token": "a-0123" }],
  ["serviceAccount", { serviceAccount: "{}", accessToken: "a-0123" }, { authorization: "Bearer a-0123" }],
  ["session", { username: "ann", password: "secret-1", accessToken: "a-0123" }, { "x-session": "a-0123" }],
];
const named = rows.map(([kind, fields, headers, query = {}]) => ({ kind, fields, headers, query }));

describe.each(named)("$kind", ({ kind, fields, headers, query }) => {
  const auth: Auth = auths[kind];

  test("puts on a request what the provider wants, and nothing else", () => {
    expect(authorize(auth, secrets(fields))).toEqual({ headers, query });
  });

  test("names its fields, and misses each by name", () => {
    const { needed, known } = fieldsOf(auth);
    expect(Object.keys(fields).filter((name) => !known.includes(name))).toEqual([]);
    const sent = needed.filter((name) => known.length === needed.length && name in fields);
    for (const name of sent) {
      const { [name]: _left, ...rest } = fields;
      expect(() => authorize(auth, secrets(rest))).toThrow(`lacks "${name}"`);
    }
  });

  test("shows nothing of it in what is written down, whatever was made of it", () => {
    const credential = secrets(fields);
    const sent = authorize(auth, credential);
    const redact = createRedact(credential, sent);
    const all = [...Object.values(sent.headers), ...Object.values(sent.query), ...Object.values(fields)];
    const said = redact.text(all.map((value) => `said "${value}" and ${encodeURIComponent(value)}`).join("\n"));
    const bare = all.map((value) => value.replace(/^\w+ /, "")).filter((value) => value !== "{}");
    expect(bare.filter((value) => said.includes(value))).toEqual([]);
    expect(Object.values(redact.headers(sent.headers)).every((value) => value === "[secret]")).toBe(true);
  });
});

test.each(Object.entries(auths))("%s is a definition that holds", (_name, auth) => {
  const connector = { id: "crm", title: "CRM", baseUrl: "https://crm.example", resources: {} };
  expect(() => defineConnector({ ...connector, auth })).not.toThrow();
});

describe("a form", () => {
  const shown = (auth: Auth) => credentialForm(auth).map(({ name, label, secret, required }) => [name, label, secret, required]);

  test("has the fields that a person gives, and says which of them to hide", () => {
    expect(shown(auths.mailWithSuffix)).toEqual([
      ["email", "Email", false, true],
      ["apiToken", "API token", true, true],
    ]);
    expect(shown(auths.privateKey)).toEqual([
      ["clientId", "Client ID", false, true],
      ["privateKey", "Private key", true, true],
      ["keyId", "Key ID", false, false],
      ["subject", "Subject", false, false],
    ]);
    expect(credentialForm(auths.serviceAccount)[0]).toMatchObject({ name: "serviceAccount", multiline: true });
  });

  test("is empty where a user is sent to the provider, and asks for the client where nobody is", () => {
    expect(credentialForm(auths.consent)).toEqual([]);
    expect(shown(auths.machine)).toEqual([
      ["clientId", "Client ID", false, true],
      ["clientSecret", "Client secret", true, true],
    ]);
  });

  test("says what the connector says", () => {
    expect(credentialForm(auths.bearer)).toEqual([
      {
        name: "token",
        label: "Access token",
        secret: true,
        required: true,
        multiline: false,
        help: "Settings → Integrations → Private apps.",
      },
    ]);
  });
});

test("a session may need headers that name the application, with every request", () => {
  const auth = {
    kind: "session",
    tokenUrl: "/login",
    login: { body: { username: "{username}", password: "{password}" } },
    headers: { "X-Application-Id": "{applicationId}" },
    accessTokenLifetime: "1h",
    sends: { header: "X-Session" },
  } as const satisfies Auth;
  const credential = secrets({ username: "ann", password: "secret-1", applicationId: "app-7", accessToken: "a-0123" });
  expect(authorize(auth, credential)).toEqual({ headers: { "x-application-id": "app-7", "x-session": "a-0123" }, query: {} });
  expect(credentialForm(auth).map(({ name }) => name)).toEqual(["username", "password", "applicationId"]);
});
