import { type Finding, well, wrong } from "./finding.ts";
import { judgeDatabase } from "./judge-database.ts";

/** Looks at the database of DATABASE_URL itself, which also works when no server runs. Nothing is changed there. */
export async function lookAtDatabase(url: string): Promise<Finding[]> {
  const { inspectPostgres } = await import("@belay/server");
  // Whatever is shown or pasted must not hold the password.
  const shown = URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : "DATABASE_URL";
  try {
    return [well("DATABASE_URL", shown), ...judgeDatabase(await inspectPostgres(url))];
  } catch (error) {
    const reason = error instanceof Error ? error.message || ("code" in error ? String(error.code) : error.name) : String(error);
    return [
      wrong("DATABASE_URL", `${shown} does not answer: ${reason}`, "See whether PostgreSQL runs there and takes this user and password."),
    ];
  }
}
