import type { CredentialStore } from "@carapace/secrets";
import type { KeyLocation } from "@carapace/state";
import type { Check, Finding } from "../finding.ts";

/** Where the database key is, and what else could keep it. */
export const checkKey: Check = async ({ world, stateDir }) => {
  const [{ keyLocation }, { openCredentialStore }] = await Promise.all([
    import("@carapace/state"),
    import("@carapace/secrets"),
  ]);
  const store = await openCredentialStore({ env: world.env, stateDir, nowMs: world.nowMs });
  return [await storeFinding(store), keyFinding(keyLocation(stateDir), stateDir)];
};

const places: Readonly<Partial<Record<KeyLocation["place"], string>>> = {
  "credential-store": "the database key is in the credential store",
  password: "the database key is sealed with CARAPACE_CONFIG_PASSWORD",
  none: "there is no database key yet: the first start makes one",
};

function keyFinding({ place, say }: KeyLocation, stateDir: string): Finding {
  if (say === undefined)
    return { check: "key", status: "ok", say: places[place] ?? `the database key: ${place}` };
  const status = place === "unreadable" ? "problem" : "warning";
  const isPlain = place === "file";
  return {
    check: "key",
    status,
    say,
    command: isPlain ? "cara state rekey" : `ls -l ${stateDir}/state.key`,
  };
}

/** Asked for something that is never there: a store that is locked or hangs says so. */
async function storeFinding(store: CredentialStore): Promise<Finding> {
  const check = "credential store";
  if (store.kind === "none" || !store.isDurable) {
    const say = store.why ?? "this machine has none that lasts";
    return { check, status: "ok", say: `${store.kind === "none" ? "none is used" : store.kind}: ${say}` };
  }
  try {
    await store.get("_health:_check:_test");
    return { check, status: "ok", say: `${store.kind} answers` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { check, status: "problem", say: `${store.kind}: ${why}`, command: "cara secrets list" };
  }
}
