import { type FailureClass, failureClasses } from "@belay/sdk";
import type { EndedRun } from "../flow/index.ts";
import type { Receipt } from "../telemetry/index.ts";
import type { SpanAttributes } from "./attributes.ts";

/** Where a failure happened, for those who know the connectors' own codes. */
export interface FailedAt {
  readonly tenant: string;
  readonly mailbox: string;
  readonly flow: string;
  readonly connection: string;
  readonly error: string | null;
}

/** Of which class a failure is. */
export type Classify = (code: string, failed: FailedAt) => FailureClass;

/** The class of what a run failed with. */
export function classOfRun({ message, verdict }: EndedRun, classify: Classify): FailureClass | undefined {
  return "code" in verdict ? classify(verdict.code, { ...message, error: verdict.error }) : undefined;
}

/** The class of a dead letter that an event became at once. */
export function classOfQuarantined(receipt: Receipt, { flow, code }: Receipt["quarantined"][number], classify: Classify): FailureClass {
  return classify(code, { tenant: receipt.tenant, connection: receipt.connection, flow, mailbox: "", error: null });
}

export function attributesOf(name: FailureClass | undefined): SpanAttributes {
  return name === undefined ? {} : { "belay.failure.class": name, "belay.failure.owner": failureClasses[name].owner };
}

/** Whether only code, a contract or the configuration can mend it. */
export function needsEngineer(name: FailureClass | undefined): boolean {
  return name !== undefined && failureClasses[name].owner === "engineer";
}
