import type { Register, RegisterText, SafeAction } from "@belay/sdk";

/** What a code is called and told as, in place of its class's words. */
export interface CodeWords {
  readonly title: string;
  readonly texts: Readonly<Record<Register, RegisterText>>;
  readonly actions: readonly SafeAction[];
}

/** Nothing is disturbed: whoever looked for a failure of this installation would look in vain, and so would `belay doctor`. */
const paused: CodeWords = {
  title: "Paused by a person",
  texts: {
    tenant: {
      happened: "Somebody who looks after this link to {provider} has paused it.",
      remedy: "You need not do anything: it goes on when they resume it. If you wonder why, ask our support.",
    },
    support: {
      happened: "A person has paused this connection, flow, tenant or connector.",
      remedy: "`belay paused` says who, since when and why: ask them. Whoever has the role admin or engineer resumes it: `belay resume`.",
    },
    engineer: {
      happened: "A person has paused this connection, flow, tenant or connector: nothing begins, and no attempt is counted.",
      remedy:
        "`belay paused` or GET /v1/pauses says who and why. With their word, `belay resume <scope> <id>` lets it go on within a second; it needs the permission `traffic.manage`.",
    },
  },
  actions: ["wait"],
};

/** Codes that the words of their class would mislead about. */
export const codeWords: Readonly<Record<string, CodeWords>> = { MAILBOX_PAUSED: paused, TRAFFIC_PAUSED: paused };
