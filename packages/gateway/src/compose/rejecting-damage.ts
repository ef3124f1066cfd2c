import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";

/**
 * The same state, of which a session that was changed from outside is not even read while
 * `sessions.integrity.action` is `reject`; the default shows it with a warning.
 */
export function rejectingDamage(state: State, config: Pick<ConfigStore, "current">): State {
  const { sessions } = state;
  const history: typeof sessions.history = (sessionId, range) => {
    const rejects = config.current().config.sessions.integrity.action === "reject";
    return sessions.history(sessionId, rejects ? { ...range, intactOnly: true } : range);
  };
  // The handle may be a class instance: its own methods stay its own.
  return Object.create(state, { sessions: { value: { ...sessions, history } } }) as State;
}
