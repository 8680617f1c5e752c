/**
 * Canvas LMS: link headers, and forms with members in brackets, `course[name]=…`, answered by bare JSON. Written from its public documentation.
 *
 * No webhooks: Canvas tells of what happens by Live Events, whose deliveries are signed by keys that rotate (JSON Web Tokens), not by a
 * secret that both sides share.
 *
 * @see https://developerdocs.instructure.com/services/canvas
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { assignment } from "./assignment.ts";
import { course } from "./course.ts";
import { errors } from "./errors.ts";
import { simulator } from "./simulator.ts";

/**
 * The contract of Canvas. Resources: `course`, in an account, and `assignment`, in a course. Credential: what OAuth 2.0 gave, or a token made
 * by hand as `accessToken`; settings: `institution`, the first part of the address.
 *
 * The quota is counted by the cost of each request, which nobody can foretell. Canvas says that who asks one thing at a time will hardly
 * meet it, so that is the limit.
 *
 * @see https://developerdocs.instructure.com/services/canvas/basics/file.throttling
 * @see https://developerdocs.instructure.com/services/canvas/oauth2/file.oauth
 */
export const canvas = defineConnector({
  id: "canvas",
  title: "Canvas LMS",
  baseUrl: "https://{institution}.instructure.com",
  auth: {
    kind: "oauth2",
    tokenUrl: "/login/oauth2/token",
    authorizationUrl: "/login/oauth2/auth",
    grants: ["authorization_code", "refresh_token"],
    accessTokenLifetime: "1h",
    refreshToken: { rotates: false },
    clientAuthentication: "body",
  },
  bodies: "form",
  resources: { course, assignment },
  limits: [{ concurrent: 1, refusal: 403, retryAfter: false }],
  errors,
  simulator,
});
