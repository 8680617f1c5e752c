import { Secret } from "@belay/sdk";
import { expect, test } from "vitest";
import type { RunEnd } from "./protocol.ts";
import { redactEnd } from "./redact-end.ts";

test("what a run failed with leaves without the tenant's secrets, as they are and as they are written in a URL", () => {
  const failed = (error: string): RunEnd => ({ run: 1, kind: "failed", code: "X", error, retry: "never", waits: false, stepped: false });
  const connection = {
    id: "desk",
    tenant: "acme",
    connector: "desk",
    credential: { token: new Secret("s3cret/token") },
    webhookSecrets: [new Secret("whsec-one"), new Secret("whsec-two")],
  };
  expect(redactEnd(failed(`s3cret/token, ${encodeURIComponent("s3cret/token")}, whsec-one and whsec-two`), [connection])).toEqual(
    failed("[secret], [secret], [secret] and [secret]"),
  );
  expect(redactEnd({ run: 1, kind: "suspended" }, [connection])).toEqual({ run: 1, kind: "suspended" });
});
