import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption } from "../command/options.ts";
import type { Finding } from "../doctor/finding.ts";
import type { CliWorld } from "../world.ts";

export const definition = {
  name: "doctor",
  summary: "Look for what is wrong with this installation, and say how to mend it",
  details: [
    "Looks at owner and modes of all files, locks, the configuration, where the database key is, the credential store,\n" +
      "disk, clock, everything stored, the port, and what this system can confine programs with. Exit code 1 if there is a\n" +
      "problem. --fix mends what can be mended without losing anything; everything else stays yours to decide.",
  ],
  options: {
    fix: { kind: "flag", help: "Mend what can be mended safely" },
    json: jsonOption,
  },
  examples: [
    { command: "cara doctor", says: "only looks" },
    { command: "cara doctor --fix", says: "and mends" },
    { command: "cara doctor --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { examine, patientOf } = await import("../doctor/doctor.ts");
  const patient = await patientOf(world);
  // Verifying a large database takes its time.
  const patience = setTimeout(() => world.out.note("Still looking: everything stored is verified."), 1000);
  let findings = await examine(patient);
  if (options.fix && (await mend(findings, world))) findings = await examine(await patientOf(world));
  clearTimeout(patience);
  if (options.json)
    world.out.json({
      findings: findings.map(({ fix, ...told }) => ({ ...told, fixable: fix !== undefined })),
    });
  else world.out.result(findings.map(lines).join("\n"));
  return findings.some(({ status }) => status === "problem") ? 1 : 0;
}

/** @returns whether anything was tried */
async function mend(findings: readonly Finding[], world: CliWorld): Promise<boolean> {
  const fixes = findings.flatMap(({ fix, check }) => (fix === undefined ? [] : [{ fix, check }]));
  for (const { fix, check } of fixes) {
    const mended = await fix();
    world.out.note(mended.ok ? `Fixed ${check}: ${mended.value}.` : `Not fixed, ${check}: ${mended.say}`);
  }
  return fixes.length > 0;
}

const marks = { ok: "ok     ", warning: "warning", problem: "PROBLEM", skipped: "skipped" } as const;

function lines({ check, status, say, command }: Finding): string {
  const advice = command === undefined || status === "ok" ? "" : `\n         Run: ${command}`;
  return `${marks[status]}  ${check}: ${say}${advice}`;
}
