import { expect, test } from "vitest";
import type { Receipt } from "../telemetry/index.ts";
import { describeReceipt as describe } from "./describe-receipt.ts";

const describeReceipt = (receipt: Receipt) => describe(receipt, () => "event-drift");
const traceId = "0af7651916cd43dd8448eb211c80319c";

function newReceipt(flags: "00" | "01", changed: Partial<Receipt> = {}): Receipt {
  return {
    trace: `00-${traceId}-b7ad6b7169203331-${flags}`,
    route: "/in/{endpoint}",
    tenant: "acme",
    connection: "acme-shop",
    outcome: "accepted",
    quarantined: [],
    status: 202,
    startedAtMs: 1_000,
    endedAtMs: 1_004,
    ...changed,
  };
}

test("a sampled receipt is the span that its messages carry, a root unless the host application has a trace", () => {
  const root = describeReceipt(newReceipt("01"));
  expect(root).toMatchObject({ traceId, spanId: "b7ad6b7169203331", events: [{ name: "belay.stored", atMs: 1_004 }] });
  expect(root).not.toHaveProperty("parentId");
  const sender = `00-${traceId}-00f067aa0ba902b7-01`;
  expect(describeReceipt(newReceipt("01", { sender, route: "/v1/events" }))).toMatchObject({
    parentId: "00f067aa0ba902b7",
    remoteParent: true,
  });
  const ofProvider = describeReceipt(newReceipt("01", { sender }));
  expect(ofProvider).toMatchObject({ link: { traceId, spanId: "00f067aa0ba902b7" } });
  expect(ofProvider).not.toHaveProperty("parentId");
});

test.each<[string, boolean, Partial<Receipt>]>([
  ["went well", false, {}],
  ["came twice", false, { outcome: "duplicate" }],
  ["a stranger got wrong", false, { outcome: "rejected", code: "INGRESS_SIGNATURE_WRONG", status: 401 }],
  ["could not be stored", true, { outcome: "rejected", code: "INGRESS_UNAVAILABLE", status: 503 }],
  ["the database refused", true, { outcome: "rejected", code: "INGRESS_REFUSED", status: 422 }],
  ["waits for a person", true, { outcome: "quarantined", quarantined: [{ flow: "book", code: "CONTRACT_PAYLOAD_INVALID" }] }],
])("of what is not sampled, what %s is told: %s", (_name, told, changed) => {
  const span = describeReceipt(newReceipt("00", changed));
  expect(span !== undefined).toBe(told);
  if (told) expect(span?.error).toBe(changed.code ?? "CONTRACT_PAYLOAD_INVALID");
});

test("a refused stranger is not an error of the server", () => {
  const span = describeReceipt(newReceipt("01", { outcome: "rejected", code: "INGRESS_SIGNATURE_WRONG", status: 401 }));
  expect(span?.attributes).toMatchObject({ "error.type": "INGRESS_SIGNATURE_WRONG", "http.response.status_code": 401 });
  expect(span?.error).toBeUndefined();
});
