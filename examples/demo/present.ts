import { formatFigures } from "@belay/testkit";
import type { Report } from "@belay/testkit";
import colours from "picocolors";
import type { Judgement } from "./judge.ts";
import type { DemoRun, Progress } from "./run-demo.ts";

interface TextOutput {
  write(text: string): unknown;
}

/** One line on where the demo stands. */
export function describeProgress({ phase, planned, received, rejected, waiting, written, failures, down }: Progress): string {
  const work = phase === "sending" ? `${received} of ${planned} sent` : "all sent";
  const outage = down.length === 0 ? "" : ` · down: ${down.join(", ")}`;
  return `${work}, ${rejected} rejected · ${waiting} waiting · ${written} written, ${failures} failures at the targets${outage}`;
}

/** What lies behind the figures: how deliveries were answered, and why some were rejected or given up. */
export function printReasons({ acknowledgedAs, rejectedBy, deadLetteredBy }: Judgement, output: TextOutput): void {
  const sections = { "acknowledged as": acknowledgedAs, "rejected for": rejectedBy, "dead-lettered for": deadLetteredBy };
  for (const [title, counts] of Object.entries(sections)) {
    output.write(`${colours.bold(title)}\n${formatFigures(counts)}\n\n`);
  }
}

export function reportOf({ figures, violations }: Judgement): Report {
  return { figures: { ...figures }, violations: violations.map(({ kind, entity, message }) => `${kind}: ${entity}: ${message}.`) };
}

/** Tells where to look while the demo is kept running. */
export function printSights({ belay, targets }: DemoRun, output: TextOutput): void {
  const belayAuth = `-H 'authorization: Bearer ${belay.adminToken}'`;
  const accounts = targets.simulation.connections.flatMap(
    ({ id, tenant, connector, baseUrl, credential }): (readonly [string, string])[] => {
      if (connector === "zendesk") {
        return [
          [`tickets of ${tenant}`, `curl -s -u '${credential["username"]}:${credential["password"]}' ${baseUrl}/api/v2/tickets`] as const,
        ];
      }
      if (connector !== "hubspot") return [];
      const contact = targets.hubspot.records("contact", id)[0]?.id ?? "";
      return [
        [
          `a contact of ${tenant}`,
          `curl -s -H 'authorization: Bearer ${credential["token"]}' ${baseUrl}/crm/v3/objects/contacts/${contact}`,
        ],
      ];
    },
  );
  const sights = [
    ["Belay's figures", `curl -s ${belayAuth} ${belay.url}/v1/figures`],
    ["dead letters", `curl -s ${belayAuth} '${belay.url}/v1/dead-letters?limit=20'`],
    ["try one again", `curl -s ${belayAuth} -X POST '${belay.url}/v1/dead-letters/{id}/replay?tenant={tenant}'`],
    ...accounts,
  ];
  output.write(`\nStill running; stop it with Ctrl-C. To look at:\n`);
  for (const [what, command] of sights) output.write(`\n${colours.bold(what)}\n  ${command}\n`);
}
