import { BelayError } from "@belay/sdk";
import { z } from "zod";
import { explainCode } from "../insight/index.ts";
import { reconcileErrors } from "../reconcile/index.ts";
import { refusals } from "./problem.ts";
import { explanation } from "./schemas.ts";
import { answers, type ApiParts, type ApiScope } from "./scope.ts";

/** What a code means that stands in a log, a refusal or a story. */
export function registerErrorRoutes(scope: ApiScope, { catalog }: ApiParts): void {
  scope.get(
    "/errors/:code",
    {
      config: { permission: "description.read" },
      schema: {
        operationId: "explainError",
        tags: ["installation"],
        summary: "What an error code means, who has to act, and what to do.",
        description:
          "Codes of Belay and of the connectors that run here. What happened to a message is explained better by its story, which has the names.",
        params: z.object({ code: z.string().min(1).max(200) }),
        response: answers(explanation),
      },
    },
    ({ params: { code } }) => {
      const found = explainCode(catalog, { ...refusals, ...reconcileErrors }, code);
      if (found === undefined) throw new BelayError("API_NOT_FOUND", `Neither Belay nor a connector that runs here has an error ${code}.`);
      return { ...found, actions: [...found.actions] };
    },
  );
}
