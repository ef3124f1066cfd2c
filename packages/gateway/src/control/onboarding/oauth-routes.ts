import type { OAuthProvider } from "@carapace/accounts";
import { lookupKey, secretOf } from "@carapace/config";
import { controlBodies, type Result } from "@carapace/protocol";
import { sessionIdOf } from "../../http/csrf.ts";
import { json } from "../../http/json.ts";
import { readJsonAs } from "../../http/read-json-as.ts";
import type { Route, Visit } from "../../http/route.ts";
import { refused } from "../answers.ts";
import type { OnboardingDeps } from "./deps.ts";
import { createFlows, type Flow, type FlowLabel, type Flows } from "./flows.ts";
import { redirectBase } from "./redirect-base.ts";
import { writeProvider } from "./write.ts";

const signInOf: Readonly<Record<FlowLabel, OAuthProvider>> = { gemini: "google", codex: "openai" };

/** Signing in through the page (http.md §12.4): start, the browser's return, how it stands, keeping it. */
export function oauthRoutes(deps: OnboardingDeps): readonly Route[] {
  const flows = createFlows(deps.world.nowMs);
  return (["gemini", "codex"] as const).flatMap((label) => [
    startRoute(label, flows, deps),
    callbackRoute(label, flows),
    pollRoute(label, flows),
    applyRoute(label, flows, deps),
  ]);
}

function startRoute(label: FlowLabel, flows: Flows, deps: OnboardingDeps): Route {
  return {
    ...{ method: "POST", path: `/control/onboarding/${label}/oauth/start`, family: "control" },
    maxBodyBytes: 16_384,
    doc: {
      summary: `Begin a sign-in for ${label}: the address to open in a browser`,
      tag: "control",
      get body() {
        return controlBodies.oauthStart;
      },
      get answers() {
        return {
          200: { say: "Waits for the browser, for 30 minutes.", schema: controlBodies.oauthStarted },
          400: { say: "It cannot be begun; says why.", schema: controlBodies.refusal },
        };
      },
    },
    handle: async (visit) => {
      const body = await visit.body();
      if (!body.ok) return body.response;
      const begun = await begin(label, body.text(), { visit, flows, deps });
      if (!begun.ok) return refused(400, begun.say);
      const { id, signIn } = begun.value;
      return json({ ok: true, flowId: id, authUrl: signIn.authUrl, redirectUri: signIn.redirectUri });
    },
  };
}

interface Beginning {
  readonly visit: Visit;
  readonly flows: Flows;
  readonly deps: OnboardingDeps;
}

async function begin(
  label: FlowLabel,
  text: string,
  { visit, flows, deps }: Beginning,
): Promise<Result<Flow>> {
  const asked = readJsonAs(text, controlBodies.oauthStart);
  if (!asked.ok) return asked;
  const { clientId, clientSecret, redirectBaseUrl } = asked.value;
  const { config, lookup } = deps.config.current();
  const { auth, gateway } = config;
  const base = redirectBase({
    ...{ given: redirectBaseUrl, configured: auth.profiles.redirectBaseUrl },
    ...{ visit, trusted: gateway.trustedProxies },
  });
  if (!base.ok) return base;
  const { findClient } = await import("@carapace/accounts");
  const accounts = await deps.signIns();
  const secret = secretOf(clientSecret);
  const given = { ...(clientId ? { id: clientId } : {}), ...(secret ? { secret } : {}) };
  const provider = signInOf[label];
  const client = await findClient(provider, { given, lookup, config, accounts });
  if (!client.ok) return client;
  const redirectUri = `${base.value}/control/onboarding/${label}/callback`;
  const signIn = accounts.signInAt({ provider, client: client.value }, redirectUri);
  if (!signIn.ok) return signIn;
  const session = sessionIdOf(visit.request.headers);
  return flows.add({
    id: deps.world.newId(),
    label,
    signIn: signIn.value,
    clientId: client.value.id,
    session,
  });
}

/** Where the browser comes back to. Anybody may call it: the sign-in's `state` is what it is known by. */
function callbackRoute(label: FlowLabel, flows: Flows): Route {
  return {
    ...{ method: "GET", path: `/control/onboarding/${label}/callback`, family: "public" },
    doc: {
      summary: `Where the browser comes back to after a sign-in for ${label}`,
      tag: "control",
      answers: {
        200: { say: "Signed in; the page may be closed.", type: "text/html" },
        400: { say: "Not signed in; says why.", type: "text/html" },
      },
    },
    handle: async ({ url, request }) => {
      const { endPage, foreignPage, readReturn } = await import("@carapace/accounts");
      const flow = flows.waitingFor(label, url.searchParams);
      // Who only looks whether there is a page (HEAD) must not use the answer up.
      if (flow === undefined || request.method !== "GET") return foreignPage();
      const returned = readReturn(url.searchParams, flow.signIn.state);
      if (returned.kind === "foreign") return foreignPage();
      return endPage(await flows.finish(flow, returned.answer));
    },
  };
}

function pollRoute(label: FlowLabel, flows: Flows): Route {
  return {
    ...{ method: "GET", path: `/control/onboarding/${label}/oauth/:id`, family: "control" },
    doc: {
      summary: `Say how a sign-in for ${label} stands`,
      tag: "control",
      get answers() {
        return {
          200: { say: "Pending, completed or failed.", schema: controlBodies.oauthStatus },
          404: { say: "No such sign-in, or its time is over.", schema: controlBodies.refusal },
        };
      },
    },
    handle: ({ params, request }) => {
      const flow = flows.find(label, params["id"] ?? "", sessionIdOf(request.headers));
      if (flow === undefined) return refused(404, unknown);
      return json({ ok: true, status: { flowId: flow.id, ...shown(flow) } });
    },
  };
}

const unknown = "no such sign-in waits here: begin it again";

function shown({ state }: Flow) {
  switch (state.kind) {
    case "pending":
      return { status: "pending" };
    case "failed":
      return { status: "failed", error: state.say };
    case "completed": {
      const { name, email } = state.signedIn;
      return { status: "completed", profileName: name, ...(email === undefined ? {} : { email }) };
    }
  }
}

function applyRoute(label: FlowLabel, flows: Flows, deps: OnboardingDeps): Route {
  return {
    ...{ method: "POST", path: `/control/onboarding/${label}/oauth/:id/apply`, family: "control" },
    doc: {
      summary: `Keep a completed sign-in for ${label}, and use it`,
      tag: "control",
      get answers() {
        return {
          200: { say: "Stored and in the configuration.", schema: controlBodies.onboardingApplied },
          400: { say: "It is not completed, or cannot be written.", schema: controlBodies.refusal },
        };
      },
    },
    handle: async (visit) => {
      const flow = flows.find(label, visit.params["id"] ?? "", sessionIdOf(visit.request.headers));
      if (flow === undefined) return refused(400, unknown);
      const { state } = flow;
      if (state.kind === "pending") return refused(400, "nobody has signed in yet: finish it in the browser");
      if (state.kind === "failed") {
        flows.remove(flow);
        return refused(400, state.say);
      }
      const { profileId, store } = state.signedIn;
      const answer = await writeProvider(
        {
          ...{ visit, provider: label, mode: "oauth", whenSound: store },
          ...settingsOf(flow, profileId, deps),
        },
        deps,
      );
      if (answer.status === 200) flows.remove(flow);
      return answer;
    },
  };
}

/** The keys a sign-in sets, and those it takes the place of (agent.md §15). */
function settingsOf({ label, clientId }: Flow, profileId: string, { config }: OnboardingDeps) {
  const provider = signInOf[label];
  const { parsed } = config.current();
  const hasKey = lookupKey(parsed, "google.apiKey") !== undefined;
  // The secret lives in the profile, sealed.
  const app = { clientId, clientSecret: null };
  const auth = { profiles: { enabled: true, providers: { [provider]: app } } };
  const keys = ["auth.profiles.enabled", `auth.profiles.providers.${provider}.clientId`];
  if (label === "codex") {
    const patch = { auth, codex: { authProfile: profileId } };
    return { patch, keys: [...keys, "codex.authProfile"] };
  }
  const google = { authProfile: profileId, ...(hasKey ? { apiKey: null } : {}) };
  return {
    patch: { auth, google },
    keys: [...keys, "google.authProfile", ...(hasKey ? ["google.apiKey"] : [])],
  };
}
