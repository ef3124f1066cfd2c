import type { Audit, AuditEvent } from "@carapace/state";
import type { Log } from "../log/log.ts";
import type { ConnectionView } from "../types.ts";
import { actorOf } from "./actor.ts";

/** Somebody who was let in, and how he proved himself. */
interface Accepted {
  readonly view: ConnectionView;
  readonly method: string;
}

/** Somebody who was not. */
export interface Refused {
  readonly kind: "auth_failure" | "rate_limit_hit";
  readonly method: string;
  /** What he said he is. */
  readonly clientId: string;
  readonly ip: string;
  readonly reason: string;
  /** `/ws`, or the path of a request. */
  readonly endpoint: string;
}

/** Tells the audit log who came to the door. */
export interface Arrivals {
  /** Resolves once it is durable: before the newcomer is welcomed. Never throws: a full disk must not lock the owner out. */
  accepted(arrival: Accepted): Promise<void>;
  refused(arrival: Refused): void;
}

export interface ArrivalsDeps {
  readonly audit: Pick<Audit, "append" | "record">;
  readonly log: Pick<Log, "warn">;
  /** How long refusals of one address are counted before they are told; ten minutes. */
  readonly windowMs?: number;
}

const tenMinutesMs = 600_000;
/** All other addresses of a window share one record, so that strangers cannot flood the log. */
const maxAddresses = 32;
const others = "others";

interface Counted {
  readonly first: Refused;
  more: number;
}

/** The first refusal of an address is told at once, those that follow as one record with their number. */
export function createArrivals({ audit, log, windowMs = tenMinutesMs }: ArrivalsDeps): Arrivals & Disposable {
  const seen = new Map<string, Counted>();
  let telling: Timer | undefined;
  const tell = () => {
    clearTimeout(telling);
    telling = undefined;
    for (const { first, more } of seen.values()) if (more > 0) audit.record(eventOf(first, more));
    seen.clear();
  };
  return {
    async accepted({ view, method }) {
      const { client, remoteIp = "local", role } = view;
      const data = { method, client_id: client.id.slice(0, 64), remote_ip: remoteIp, role };
      try {
        await audit.append({ actor: actorOf(view), event: "auth_success", data });
      } catch (error) {
        log.warn("a connection could not be written to the audit log", { error });
      }
    },
    refused(arrival) {
      const name = `${arrival.kind} ${arrival.ip}`;
      const isKnown = seen.has(name) || seen.size < maxAddresses;
      const place = isKnown ? name : `${arrival.kind} ${others}`;
      const counted = seen.get(place);
      if (counted !== undefined) {
        counted.more++;
      } else {
        const first = isKnown ? arrival : { ...arrival, ip: others, clientId: others };
        seen.set(place, { first, more: isKnown ? 0 : 1 });
        if (isKnown) audit.record(eventOf(arrival, undefined));
      }
      telling ??= setTimeout(tell, windowMs);
      telling.unref();
    },
    [Symbol.dispose]: tell,
  };
}

function eventOf(
  { kind, method, clientId, ip, reason, endpoint }: Refused,
  more: number | undefined,
): AuditEvent {
  const actor = `ip:${ip}`;
  const count = more === undefined ? {} : { count: more };
  if (kind === "rate_limit_hit") return { actor, event: kind, data: { remote_ip: ip, endpoint, ...count } };
  const data = {
    method,
    client_id: clientId.slice(0, 64),
    remote_ip: ip,
    reason: reason.slice(0, 200),
    ...count,
  };
  return { actor, event: kind, data };
}
