import type { AuditEvent } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import type { Measure } from "../figure.ts";

const perGroup = 64;

function event(n: number): AuditEvent {
  const data = { tool_name: `tool ${n}`, agent_id: "main", session_id: `session ${n}` };
  return { actor: "agent:main", event: "tool_executed", data };
}

/** What an append costs: the one who tells, and the whole of it with its share of a durable commit. */
export const measure: Measure = async ({ short }) => {
  await using temporary = await temporaryState();
  const { audit } = temporary.state;
  const held: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < (short ? 10 : 100); round += 1) {
    const startedAt = performance.now();
    const told: Promise<void>[] = [];
    for (let n = 0; n < perGroup; n += 1) told.push(audit.append(event(n)));
    held.push((performance.now() - startedAt) / perGroup);
    await Promise.all(told);
    whole.push((performance.now() - startedAt) / perGroup);
  }
  const startedAt = performance.now();
  const { records, findings } = await audit.verify();
  if (findings.length > 0) throw new Error("the log does not verify");
  const verified = ((performance.now() - startedAt) / records) * 1000;
  return [
    { name: "audit append, held up", unit: "ms", samples: held, limit: 0.2, bound: "most" },
    { name: `audit append, durable, of ${perGroup}`, unit: "ms", samples: whole, limit: 0.2, bound: "most" },
    { name: "audit verify, 1,000 records", unit: "ms", samples: [verified], limit: 100, bound: "most" },
  ];
};
