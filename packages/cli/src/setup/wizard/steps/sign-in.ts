import type { Accounts, OAuthClient, OAuthProvider, SignInHere } from "@carapace/accounts";
import { Secret } from "@carapace/config";
import type { Asked } from "../../../prompt/asker.ts";
import type { SignedIn } from "../../answers.ts";
import { isSet } from "../../environment.ts";
import type { StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";
import { askGiven } from "./given.ts";
import { keyRule, orBlank } from "./rules.ts";

/** Whose sign-in the answers mean; undefined for none in a browser. */
function oauthOf({ answers }: StepContext): OAuthProvider | undefined {
  if (answers.provider === "codex") return "openai";
  if (answers.authMode !== "oauth") return undefined;
  if (answers.provider === "openai") return "openai";
  return answers.provider === "gemini" ? "google" : undefined;
}

/** Variables of a registered application. */
const clientVariables = {
  openai: { id: "OPENAI_OAUTH_CLIENT_ID", secret: "OPENAI_OAUTH_CLIENT_SECRET" },
  google: { id: "GOOGLE_OAUTH_CLIENT_ID", secret: "GOOGLE_OAUTH_CLIENT_SECRET" },
} as const satisfies Readonly<Record<OAuthProvider, object>>;

const vendorNames = { openai: "OpenAI", google: "Google" } as const;

async function openOwn({ world, endpoints }: StepContext): Promise<Accounts> {
  const { openAccounts } = await import("@carapace/accounts");
  return openAccounts({ env: world.env, nowMs: world.nowMs, ...(endpoints && { endpoints }) });
}

const client = step({
  sets: "client",
  isAsked: (context) => oauthOf(context) !== undefined,
  async ask(context) {
    const vendor = oauthOf(context);
    if (vendor === undefined) return { kind: "back" };
    for (;;) {
      const source = await askKnownClient(context, vendor);
      if (source.kind !== "answer") return source;
      if (source.value !== undefined) return { kind: "answer", value: source.value };
      const typed = await typedClient(context, vendor);
      if (typed.kind !== "again") return typed;
    }
  },
});

/** The application of the environment, or of an earlier sign-in. @returns undefined to type another */
async function askKnownClient(
  context: StepContext,
  vendor: OAuthProvider,
): Promise<Asked<OAuthClient | undefined>> {
  const known = (await clientOfEnvironment(context, vendor)) ?? (await storedClient(context, vendor));
  if (known === undefined) {
    const say = `A sign-in with ${vendorNames[vendor]} is made by an application that you registered there; its id and secret are asked for now.`;
    context.asker.say(say);
    return { kind: "answer", value: undefined };
  }
  const asked = await context.asker.choose({
    message: `Which application signs in to ${vendorNames[vendor]}?`,
    options: [
      { value: "known", label: known.client.id, hint: known.from },
      { value: "typed", label: "Another one" },
    ],
  });
  if (asked.kind !== "answer") return asked;
  return { kind: "answer", value: asked.value === "known" ? known.client : undefined };
}

interface KnownClient {
  readonly client: OAuthClient;
  readonly from: string;
}

function clientOfEnvironment({ world }: StepContext, vendor: OAuthProvider): KnownClient | undefined {
  const names = clientVariables[vendor];
  const id = world.env[names.id]?.trim();
  if (!id) return undefined;
  const secret = world.env[names.secret]?.trim();
  return { client: { id, ...(secret && { secret: new Secret(secret) }) }, from: `from ${names.id}` };
}

async function storedClient(context: StepContext, vendor: OAuthProvider): Promise<KnownClient | undefined> {
  const found = await (await openOwn(context)).knownClient(vendor);
  return found.ok && found.value !== undefined
    ? { client: found.value, from: "of your last sign-in" }
    : undefined;
}

/** @returns `again` to go back to the offer of a known application, if there is one */
async function typedClient(
  context: StepContext,
  vendor: OAuthProvider,
): Promise<Asked<OAuthClient> | { readonly kind: "again" }> {
  const { asker, answers, world } = context;
  const back = isSet(world.env, clientVariables[vendor].id) ? ({ kind: "again" } as const) : undefined;
  const id = await asker.line({ message: "Client id", check: keyRule("client id"), mayLookSecret: true });
  if (id.kind !== "answer") return id.kind === "back" ? (back ?? id) : id;
  const secret = await asker.secret({
    message: "Client secret (Enter alone: it has none)",
    check: orBlank(keyRule("client secret")),
    isShown: answers.hidesInput === false,
  });
  if (secret.kind === "back") return { kind: "again" };
  if (secret.kind !== "answer") return secret;
  const isPublic = secret.value.reveal() === "";
  if (!isPublic) world.out.hide([secret.value.reveal()]);
  return { kind: "answer", value: { id: id.value, ...(isPublic ? {} : { secret: secret.value }) } };
}

const profile = step({
  sets: "profile",
  isAsked: (context) => oauthOf(context) !== undefined || usesSetupToken(context),
  ask: (context) => (usesSetupToken(context) ? askSetupToken(context) : signIn(context)),
});

function usesSetupToken({ answers }: StepContext): boolean {
  return answers.provider === "anthropic" && answers.authMode === "setup-token";
}

/** A key of the environment comes before a stored token, so that it would hide it (agent.md §15). */
async function askSetupToken(context: StepContext): Promise<Stepped<SignedIn>> {
  const { asker, world } = context;
  if (isSet(world.env, "ANTHROPIC_API_KEY")) {
    const sure = await asker.confirm({
      message:
        "ANTHROPIC_API_KEY is set, and comes before the token wherever it is. Use the token all the same?",
      initial: false,
    });
    if (sure.kind !== "answer") return sure;
    if (!sure.value) return { kind: "back" };
  }
  const setting = { variables: ["ANTHROPIC_SETUP_TOKEN"], path: "" };
  for (;;) {
    const given = await askGiven(context, {
      what: "Token that `claude setup-token` printed",
      setting,
      rule: keyRule("token"),
    });
    if (given.kind !== "answer") return given;
    const text = textOf(given.value, world.env["ANTHROPIC_SETUP_TOKEN"]);
    const made = (await openOwn(context)).setupToken(text);
    if (made.ok) return { kind: "answer", value: made.value };
    asker.say(sentence(made.say), "bad");
  }
}

function textOf(
  given: { readonly kind: string; readonly secret?: Secret },
  variable: string | undefined,
): Secret {
  return given.secret ?? new Secret((variable ?? "").trim());
}

/** Opens the vendor's page, and waits for the browser or for what is pasted from one elsewhere. */
async function signIn(context: StepContext): Promise<Stepped<SignedIn>> {
  const { asker, answers } = context;
  const vendor = oauthOf(context);
  if (vendor === undefined || answers.client === undefined) return { kind: "back" };
  for (;;) {
    const begun = await (await openOwn(context)).signInHere({ provider: vendor, client: answers.client });
    if (!begun.ok) {
      asker.say(sentence(begun.say), "bad");
      return { kind: "back" };
    }
    await using here = begun.value;
    const came = await waitFor(here, context);
    if (came.kind !== "answer") return came;
    const signedIn = came.value;
    if (signedIn.ok) {
      const who = signedIn.value.email ?? signedIn.value.name;
      asker.say(`Signed in as ${who}.`, "good");
      return { kind: "answer", value: signedIn.value };
    }
    const again = await asker.confirm({ message: `${sentence(signedIn.say)} Try again?`, initial: true });
    if (again.kind !== "answer") return again;
    if (!again.value) return { kind: "back" };
  }
}

async function waitFor(
  here: SignInHere,
  { asker, openPage }: StepContext,
): Promise<Asked<Awaited<SignInHere["done"]>>> {
  const isOpen = await openPage(here.authUrl);
  const how = isOpen
    ? "Your browser opens this page; if it does not, open it yourself"
    : "Open this page in a browser";
  asker.say(`${how}:\n${here.authUrl}`);
  for (;;) {
    const asked = await asker.lineOr(
      {
        message:
          "Waiting for the browser. Is it on another machine? Paste the address it ends at, or the code, here.",
        check: (text) =>
          text === "" ? "Paste the address or the code, or wait for the browser." : undefined,
      },
      here.done,
    );
    if (asked.kind !== "answer") return asked;
    if ("came" in asked.value) return { kind: "answer", value: asked.value.came };
    const taken = here.paste(asked.value.typed);
    if (taken.ok) return await asker.during("Asking who you are ...", () => here.done);
    asker.say(sentence(taken.say), "bad");
  }
}

/** Pure. A refusal as a sentence of its own. */
function sentence(say: string): string {
  const text = say.charAt(0).toUpperCase() + say.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export const signInSteps: readonly AnyStep[] = [client, profile];
