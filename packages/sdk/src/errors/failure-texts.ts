import type { FailureClass } from "./failure-classes.ts";

/** For whom a failure is told: who uses the integration, who helps them, who builds it. */
export type Register = "tenant" | "support" | "engineer";

export const registers = ["tenant", "support", "engineer"] as const satisfies readonly Register[];

export interface RegisterText {
  readonly happened: string;
  readonly remedy: string;
}

/**
 * Each class in the three registers. `{provider}` and `{connection}` stand for their names; a tenant is told of no connection, because its name is the
 * engineer's. A tenant's text has no word that needs explaining.
 */
export const failureTexts = {
  "provider-unavailable": {
    tenant: {
      happened: "{provider} cannot take or give anything at the moment.",
      remedy: "You need not do anything: it goes on when {provider} is well again.",
    },
    support: {
      happened:
        "{provider} answers connection {connection} with errors of its own or holds the record locked; after several of them calls pause.",
      remedy: "Look at {provider}'s status page. Work goes on by itself; run what has become a dead letter again when {provider} is well.",
    },
    engineer: {
      happened: "5xx, 408, 425, a lock or an open breaker on {connection}. Nothing took effect, or the next attempt can tell.",
      remedy:
        "Nothing to mend here while {provider} has trouble. If only one kind of request fails, compare it with the documentation of {provider}.",
    },
  },
  "provider-slow": {
    tenant: {
      happened: "{provider} takes too long to answer.",
      remedy: "You need not do anything: it goes on when {provider} is quicker.",
    },
    support: {
      happened: "{provider} did not answer connection {connection} in time.",
      remedy: "Look at {provider}'s status page. Work goes on by itself; run what has become a dead letter again when {provider} is well.",
    },
    engineer: {
      happened:
        "The attempt or the call on {connection} had no answer within its time; a write may have taken effect, and is repeated under its key.",
      remedy: "If it repeats for one kind of request, ask {provider} for less at once: smaller pages, fewer records.",
    },
  },
  "network-failed": {
    tenant: {
      happened: "{provider} cannot be reached at the moment.",
      remedy: "You need not do anything: it goes on when {provider} can be reached again.",
    },
    support: {
      happened: "No connection to {provider} came about for {connection}, or it broke.",
      remedy: "Look at {provider}'s status page. If {provider} is well and other providers fail too, tell who runs Belay.",
    },
    engineer: {
      happened: "Refused, unreachable, cut off or without a trusted certificate: the cause in the error names which.",
      remedy: "Try the address of {connection} from Belay's machine: name resolution, firewall, proxy, certificate.",
    },
  },
  "address-wrong": {
    tenant: {
      happened: "{provider} was not found at the address that is set for your account.",
      remedy: "If you gave the address or the name of your account at {provider}, check it; else our support corrects it.",
    },
    support: {
      happened:
        "The address of connection {connection} does not lead to {provider}: its host is not known or not allowed, or it sends elsewhere.",
      remedy: "Compare the connection's settings with the address that the tenant uses for {provider}, correct them, then run it again.",
    },
    engineer: {
      happened:
        "The base URL of {connection}, or a link from {provider}, names a host that does not exist, is not public, or redirects. Nothing was sent there.",
      remedy:
        "Correct `settings` or `baseUrl` of the connection. An address inside your own network needs a `baseUrl`, which only operators set.",
    },
  },
  "rate-limit": {
    tenant: {
      happened: "{provider} lets your account do only so much in a certain time, and that is used up for now.",
      remedy: "You need not do anything: it goes on by itself. If this happens often, ask {provider} for a larger plan.",
    },
    support: {
      happened: "The limit of {connection} at {provider} is used up.",
      remedy: "Work goes on by itself. If this repeats, compare the connection's limits with its plan, or suggest a larger plan.",
    },
    engineer: {
      happened: "{provider} answered that the limit is reached, or the connection's budget kept the call from being made.",
      remedy: "If it repeats, the declared limits are higher than those of the account: set `limits` of {connection}.",
    },
  },
  "credential-refused": {
    tenant: {
      happened: "{provider} no longer accepts the sign-in of your account.",
      remedy: "Connect {provider} again.",
    },
    support: {
      happened: "{provider} refuses the credential of {connection}: it is wrong, has expired or was withdrawn, or a part of it is missing.",
      remedy: "Ask the tenant to connect {provider} again, then run what failed again.",
    },
    engineer: {
      happened: "401, or the connection lacks a field that the connector's auth needs.",
      remedy:
        "Set the credential of {connection}. If a fresh one is refused too, compare the connector's auth with {provider}'s documentation.",
    },
  },
  "permission-missing": {
    tenant: {
      happened: "Your account at {provider} may not do what is needed here.",
      remedy: "Ask who manages {provider} for you to give the account the permission, or connect another account.",
    },
    support: {
      happened: "{provider} accepts the credential of {connection} but does not let it do this.",
      remedy: "Tell the tenant which permission is missing; when it is given, run what failed again.",
    },
    engineer: {
      happened: "403: the role or a scope of the credential does not cover the operation.",
      remedy: "Name the permission in the connector's error row, and ask for the scope when accounts are connected.",
    },
  },
  "record-refused": {
    tenant: {
      happened:
        "{provider} did not accept one of your records: a value is not allowed there, is taken already, or what it belongs to is gone.",
      remedy: "Correct the record where you keep it.",
    },
    support: {
      happened: "{provider} refused the record that {connection} sent.",
      remedy: "See below which value it was. Ask the tenant to correct the record, then run it again, or discard it.",
    },
    engineer: {
      happened: "A row of the connector's errors has recognized the refusal. The same request would be refused again.",
      remedy:
        "Have the record corrected at its source, then replay. If many are refused alike, the mapping is at fault: mend it, deploy, replay all.",
    },
  },
  "outcome-unknown": {
    tenant: {
      happened: "A change was sent to {provider}, but it is not certain that it arrived.",
      remedy: "Our support looks whether it did. You can look too: if it is there, all is well.",
    },
    support: {
      happened: "{connection} sent a write, and no answer came; {provider} has no means to ask whether it took effect.",
      remedy: "Look at {provider}. If the change is there, discard; if not, run it again.",
    },
    engineer: {
      happened: "A write without idempotency key lost its answer, and could not be read back.",
      remedy: "Give the operation a `safety` that can tell: the provider's key, or `readBack` by a unique field.",
    },
  },
  "event-drift": {
    tenant: {
      happened: "{provider} told us something in a form that we do not know yet.",
      remedy: "You need not do anything: nothing is lost, and we make up for it when we know the form.",
    },
    support: {
      happened: "What {provider} sent to {connection} is not as its events are declared.",
      remedy: "Tell an engineer. What had a valid signature is kept, and is run again after the correction.",
    },
    engineer: {
      happened: "The event does not fit: its schema, its size, its type, or JSON itself.",
      remedy: "Compare the payload with the connector's `webhooks.events`, widen or mend them, deploy, replay: events are judged anew.",
    },
  },
  "answer-drift": {
    tenant: {
      happened: "{provider} answered in a form that we do not know yet.",
      remedy: "You need not do anything: we correct it and then make up for it.",
    },
    support: {
      happened: "The answer of {provider} to {connection} is not as declared: {provider} has changed, or something answers in its place.",
      remedy: "Tell an engineer. If the answer is a web page, look whether {provider} shows a notice of maintenance or a sign-in.",
    },
    engineer: {
      happened:
        "The answer does not fit the resource's schema, its media type or its paging. A write may have taken effect; the next attempt keeps its key.",
      remedy:
        "Compare the answer with the schema, loosen what nobody uses, deploy, replay. A web page means a proxy, a sign-in or a wrong address.",
    },
  },
  "connector-mistake": {
    tenant: {
      happened: "Something in our link to {provider} does not work as it should.",
      remedy: "You need not do anything: we correct it and then make up for it.",
    },
    support: {
      happened: "The connector of {provider} asked for something that is refused, or could not handle what came.",
      remedy: "Tell an engineer; run what failed again after the correction.",
    },
    engineer: {
      happened: "The connector's declaration or its own code is wrong, or lacks a row for this answer of {provider}.",
      remedy: "Correct the connector; give the answer an error row if it is one that {provider} documents. Deploy, then replay.",
    },
  },
  "flow-mistake": {
    tenant: {
      happened: "Something on our side went wrong while your data was being worked on.",
      remedy: "You need not do anything: we correct it and then make up for it.",
    },
    support: {
      happened: "The flow's own code failed before or between its calls to {provider}.",
      remedy: "Tell an engineer; run what failed again after the correction.",
    },
    engineer: {
      happened: "The flow threw an error of its own, or gave a step or a client what they do not take.",
      remedy: "Try the payload in a test of the flow (`openTrial`), mend it, deploy, replay: finished steps are not repeated.",
    },
  },
  "flow-runaway": {
    tenant: {
      happened: "Working on your data took far too long and was stopped.",
      remedy: "You need not do anything: we correct it and then make up for it.",
    },
    support: {
      happened: "The flow was stopped: it did not end in time, hung, or took more memory than it may.",
      remedy: "Tell an engineer. Other work is not affected: what is suspected runs alone.",
    },
    engineer: {
      happened: "A run passed its time limit, or its thread hung, ran out of memory or exited.",
      remedy: "Look for endless loops, growing lists, `process.exit`, and waits that ignore `signal`. Mend, deploy, replay.",
    },
  },
  "configuration-mistake": {
    tenant: {
      happened: "The link to {provider} is not set up completely.",
      remedy: "If you have just disconnected an account, connect it again; else our support completes it.",
    },
    support: {
      happened: "The configuration does not fit: a connection, a flow, an address for webhooks or a setting is missing or wrong.",
      remedy: "Look whether the tenant has every connection that the integration needs; if so, tell an engineer.",
    },
    engineer: {
      happened: "What is declared cannot run, or this process does not have it.",
      remedy: "Correct `belay.config.ts` as the error's text says, or deploy what is missing. What waits goes on, or is replayed.",
    },
  },
  "request-mistake": {
    tenant: {
      happened: "A request from your software was not understood.",
      remedy: "Ask who looks after that software to send us the answer that it got.",
    },
    support: {
      happened: "A request to Belay's API, or a command, was not as it must be. Nothing was changed.",
      remedy: "The detail names the field or the option: correct it and send again.",
    },
    engineer: {
      happened: "The caller sent a request, a key, a token or an option that is not valid here.",
      remedy: "Correct the caller by the detail; docs/api lists every request, `--help` every option.",
    },
  },
  "webhook-not-believed": {
    tenant: {
      happened: "We got a notice in the name of {provider} that may not come from {provider}, and did not use it.",
      remedy: "If changes at {provider} no longer arrive, connect {provider} again; else nothing needs to be done.",
    },
    support: {
      happened:
        "A webhook came to {connection} whose signature or time does not hold: forged, sent again too late, or signed with another secret.",
      remedy: "If it happens once, ignore it. If all are refused, copy the secret between {provider} and the connection again.",
    },
    engineer: {
      happened: "No secret of {connection} gives this signature over the raw bytes, or the signed time is too far from now.",
      remedy: "Compare `webhookSecrets` with {provider}, the machine's clock with the time, and look for a proxy that rewrites bodies.",
    },
  },
  overload: {
    tenant: {
      happened: "More is arriving than can be worked on at once.",
      remedy: "You need not do anything: it is worked on a little later.",
    },
    support: {
      happened: "More waits than its share for {connection}, or no worker has taken it yet. Providers are told to send again.",
      remedy: "Nothing is lost. If it lasts longer than some minutes, tell who runs Belay.",
    },
    engineer: {
      happened: "The queue before the database is full for this endpoint, or mailboxes are due and no worker takes them.",
      remedy:
        "Look at the counts, at the database's latency and at the number of workers; one source that floods may need a word with its owner.",
    },
  },
  installation: {
    tenant: {
      happened: "Our own system is disturbed at the moment.",
      remedy: "You need not do anything: it goes on when the disturbance is over.",
    },
    support: {
      happened: "Belay's database or one of its processes does not work as it should.",
      remedy: "Tell who runs Belay. Providers are asked to send again; what was acknowledged is safe.",
    },
    engineer: {
      happened: "The database does not answer, a process is ending, or something met an error that nobody foresaw.",
      remedy: "`belay doctor`, GET /v1/health and the log say which. What was interrupted is tried again.",
    },
  },
} as const satisfies Readonly<Record<FailureClass, Readonly<Record<Register, RegisterText>>>>;
