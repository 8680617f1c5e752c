import { defineConnector } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { describeAccess, inWords } from "./describe-access.ts";
import { html } from "./html.ts";
import { findDisabledUses, requiredScopes } from "./missing-scopes.ts";

const record = z.looseObject({ id: z.string() });
const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: {
    kind: "oauth2",
    tokenUrl: "/token",
    authorizationUrl: "/authorize",
    grants: ["authorization_code", "refresh_token"],
    scopes: ["openid", "deals.read", "deals.write", "rest"],
    optionalScopes: ["deals.write"],
    accessTokenLifetime: "1h",
    clientAuthentication: "basic",
  },
  resources: {
    deal: { path: "/deals", id: "id", schema: record, scopes: { read: ["deals.read"], write: ["deals.write"] } },
    companyNote: { path: "/notes", id: "id", schema: record, scopes: { read: ["deals.read"] } },
  },
});

test("scopes are told in words, by what they are good for; one that nothing needs by its name", () => {
  expect(describeAccess(crm, ["openid", "deals.read", "deals.write", "rest"])).toEqual([
    { scope: "openid", text: "Know which account it is", optional: false },
    { scope: "deals.read", text: "Read deals and company notes", optional: false },
    { scope: "deals.write", text: "Create and change deals", optional: true },
    { scope: "rest", text: "rest", optional: false },
  ]);
  expect(["company", "address", "box", "day", "sales_tax"].map(inWords)).toEqual(["companies", "address", "boxes", "days", "sales taxes"]);
});

test("what was not granted says what it keeps from working; where nobody says what was granted, nothing is known to be missing", () => {
  expect(findDisabledUses(crm, ["openid", "deals.read"])).toEqual([{ resource: "deal", use: "write", missing: ["deals.write"] }]);
  expect(findDisabledUses(crm, undefined)).toEqual([]);
  expect(requiredScopes(crm)).toEqual(["deals.read", "deals.write"]);
});

test("what is put into markup stays text, also in attributes and lists", () => {
  const evil = `"><script>alert('1')</script>&`;
  const { text } = html`<p title="${evil}">${[html`<b>${evil}</b>`, evil]}${undefined}${false}</p>`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
  expect(text).toBe(`<p title="${escaped}"><b>${escaped}</b>${escaped}</p>`);
});
