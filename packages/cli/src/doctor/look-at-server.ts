import { isBelayError } from "@belay/sdk";
import { type Connected, connect, type InspectingOptions } from "../inspecting/connect.ts";
import { type Finding, note, well, wrong } from "./finding.ts";
import { judgeDatabase } from "./judge-database.ts";

/** Asks a running server how it is; a note if none is known, because a doctor is called also before the first start. */
export async function lookAtServer(options: InspectingOptions): Promise<Finding[]> {
  let connected: Connected;
  try {
    connected = await connect(options);
  } catch (error) {
    if (!isBelayError(error) || error.code !== "CLI_SERVER_UNKNOWN") throw error;
    return [note("server", "none is known here", error.message)];
  }
  const { belay, url } = connected;
  try {
    const [installation, { threats }, figures] = [await belay.installation(), await belay.health(), await belay.figures()];
    const dead = await countDeadLetters(connected);
    const away = (await belay.providers()).filter(({ state }) => state !== "closed");
    return [
      well("server", `runs at ${url}, Node ${installation.node}, since ${installation.startedAt}`),
      ...judgeDatabase(installation.database),
      ...(threats.length === 0
        ? [well("health", "nothing threatens it")]
        : threats.map(({ code, what, remedy }) => wrong("health", `${code}: ${what}`, remedy))),
      ...(await lookAtNotices(connected)),
      well("messages", `${figures.waiting} wait, ${figures.delivered} delivered since it started`),
      ...away.map(({ provider, since, waitingMailboxes }) =>
        note(
          "provider",
          `${provider} is away since ${since ?? "a moment ago"}; ${waitingMailboxes} queues wait for it`,
          "It goes on by itself when a probe goes well: belay providers.",
        ),
      ),
      dead === "none" ? well("dead letters", dead) : note("dead letters", dead, "See why: belay dead-letters list."),
      ...(figures.rejected["wrong-signature"] === undefined
        ? []
        : [
            note(
              "webhooks",
              `${figures.rejected["wrong-signature"]} were refused for their signature`,
              "Compare the webhook secret with the provider's: it may have been rotated.",
            ),
          ]),
    ];
  } catch (error) {
    if (!isBelayError(error)) throw error;
    const remedy =
      error.code === "API_UNAUTHORIZED"
        ? "Give the server's BELAY_ADMIN_TOKEN by --token."
        : "Start it: belay dev, or belay start; or name another with --url.";
    return [wrong("server", `${url}: ${error.code}: ${error.message}`, remedy)];
  }
}

const noticesShown = 20;

/** What the daily access review has found. */
async function lookAtNotices({ belay }: Connected): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { kind, tenant, what, remedy } of belay.notices()) {
    if (findings.length === noticesShown)
      return [...findings, note("access", `there are more than ${noticesShown} notices`, "See all: GET /v1/notices.")];
    findings.push(note("access", `${kind}: ${tenant === null ? "" : `tenant "${tenant}": `}${what}`, remedy));
  }
  return findings.length === 0 ? [well("access", "the daily review has found nothing")] : findings;
}

const countedAtMost = 100;

async function countDeadLetters({ belay }: Connected): Promise<string> {
  let count = 0;
  for await (const _letter of belay.deadLetters.list())
    if ((count += 1) === countedAtMost) return `${countedAtMost} or more wait for a person`;
  return count === 0 ? "none" : `${count} wait${count === 1 ? "s" : ""} for a person`;
}
