import type { SignedIn, SignInAnswer, SignInFlow } from "@carapace/accounts";
import { ok, type Result, refuse } from "@carapace/protocol";

/** The model providers that sign in here, as the paths name them. */
export type FlowLabel = "gemini" | "codex";

/** How a sign-in of the page stands. */
type FlowState =
  | { readonly kind: "pending" }
  | { readonly kind: "completed"; readonly signedIn: SignedIn }
  | { readonly kind: "failed"; readonly say: string };

/** A sign-in that was begun over HTTP. */
export interface Flow {
  readonly id: string;
  readonly label: FlowLabel;
  readonly signIn: SignInFlow;
  readonly clientId: string;
  /** Of the page that began it; only that page may ask and apply then. */
  readonly session: string | undefined;
  state: FlowState;
}

const lifeMs = 30 * 60_000;
const mostPerProvider = 20;

/** The sign-ins that were begun (http.md §12.4): in memory, 30 minutes, 20 for each provider, one answer each. */
export interface Flows {
  add(flow: Omit<Flow, "state">): Result<Flow>;
  /** @param session of who asks; a flow that another page began is not there for them. */
  find(label: FlowLabel, id: string, session: string | undefined): Flow | undefined;
  /** The flow a browser came back from, by what only that browser and its provider know. */
  waitingFor(label: FlowLabel, query: URLSearchParams): Flow | undefined;
  /** Takes a provider's answer, once. */
  finish(flow: Flow, answer: SignInAnswer): Promise<Result<SignedIn>>;
  remove(flow: Flow): void;
}

export function createFlows(nowMs: () => number): Flows {
  const flows = new Map<string, { readonly flow: Flow; readonly endsMs: number }>();
  const answered = new Set<string>();
  const living = (): Flow[] => {
    for (const [id, { endsMs }] of flows) {
      if (endsMs > nowMs()) continue;
      flows.delete(id);
      answered.delete(id);
    }
    return [...flows.values()].map(({ flow }) => flow);
  };
  return {
    add(begun) {
      if (living().filter(({ label }) => label === begun.label).length >= mostPerProvider)
        return refuse(
          "rate_limited",
          `${mostPerProvider} sign-ins wait already: end one, or try again in half an hour`,
        );
      const flow: Flow = { ...begun, state: { kind: "pending" } };
      flows.set(flow.id, { flow, endsMs: nowMs() + lifeMs });
      return ok(flow);
    },
    find: (label, id, session) =>
      living().find(
        (flow) =>
          flow.id === id && flow.label === label && (flow.session === undefined || flow.session === session),
      ),
    waitingFor: (label, query) =>
      living().find(
        (flow) => flow.label === label && !answered.has(flow.id) && flow.signIn.state === query.get("state"),
      ),
    async finish(flow, answer) {
      answered.add(flow.id);
      const result = await flow.signIn.finish(answer);
      flow.state = result.ok
        ? { kind: "completed", signedIn: result.value }
        : { kind: "failed", say: result.say };
      return result;
    },
    remove({ id }) {
      flows.delete(id);
      answered.delete(id);
    },
  };
}
