import { createRequire } from "node:module";
import { seedFor, seededRandom } from "@belay/testkit";
import type { WebhookDefinition } from "@octokit/webhooks-examples";
import { sign } from "@octokit/webhooks-methods";
import { blockedPrefix, pick } from "./source.ts";
import type { Source } from "./source.ts";

// The package is one JSON file, though its types describe a module.
const corpus: readonly WebhookDefinition[] = createRequire(import.meta.url)("@octokit/webhooks-examples"); // oxlint-disable-line typescript/no-unsafe-assignment
const issueEvents = corpus
  .filter(({ name }) => name === "issues")
  .flatMap(({ examples }) => examples.filter((payload) => "issue" in payload));
const unheardEvents = corpus
  .filter(({ name }) => name !== "issues")
  .flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));

const problems = [
  "Login fails",
  "Export is empty",
  "Page flickers",
  "Search misses results",
  "Invoice shows the wrong date",
  "Upload stops at 99 %",
];
const occasions = ["after the update", "on a slow network", "for guests", "in dark mode", "with a long name", "on Mondays"];

const firstIssueId = 444_500_000;
const firstUpdate = Date.UTC(2026, 0, 5, 8);

/** GitHub's webhooks from the corpus that Octokit keeps: `issues` of many issues, and all the others. */
export function githubSource(seed: number, tenant: string, endpoint: string, secret: string): Source {
  const randomFor = (part: string) => seededRandom(seedFor(seed, `github/${tenant}/${part}`));
  const idOf = (part: string) => {
    const random = randomFor(`id/${part}`);
    return [8, 4, 4, 4, 12]
      .map((digits) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join(""))
      .join("-");
  };
  return {
    tenant,
    connector: "github",
    endpoint,
    secret,
    event(entity, version, blocked = false) {
      const of = randomFor(`issue/${entity}`);
      const title = `${pick(of, problems)} ${pick(of, occasions)}`;
      const random = randomFor(`issue/${entity}/${version}`);
      const template = pick(random, issueEvents);
      const id = firstIssueId + entity;
      const updatedAt = firstUpdate + (entity * 60 + version) * 60_000;
      const payload = {
        ...template,
        issue: {
          ...template.issue,
          id,
          number: entity,
          title: `${blocked ? `${blockedPrefix} ` : ""}${title} (revision ${version})`,
          state: random() < 0.2 ? "closed" : "open",
          updated_at: new Date(updatedAt).toISOString().replace(".000Z", "Z"),
        },
      };
      return {
        id: idOf(`issue/${entity}/${version}`),
        type: "issues",
        body: JSON.stringify(payload),
        effect: { entity: `${tenant}/issues-to-tickets/${id}`, version: updatedAt },
      };
    },
    unheard(index) {
      const { name, payload } = pick(randomFor(`unheard/${index}`), unheardEvents);
      return { id: idOf(`unheard/${index}`), type: name, body: JSON.stringify({ ...payload, demo: index }) };
    },
    incomplete: (index) => ({ id: idOf(`incomplete/${index}`), type: "issues", body: JSON.stringify({ action: "opened", demo: index }) }),
    headers: async (event, signature) => ({
      "content-type": "application/json",
      "x-github-event": event.type,
      "x-github-delivery": event.id,
      "x-hub-signature-256": await sign(signature.secret, event.body),
    }),
  };
}
