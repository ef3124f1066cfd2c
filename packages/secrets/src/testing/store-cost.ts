// Prints what the credential store costs a start that asks it for the gateway's two credentials, in ms, loading included.
const startedAt = performance.now();
const { openCredentialStore } = await import("../credential-store/open.ts");
const [stateDir = ""] = process.argv.slice(2);
const store = await openCredentialStore({ env: process.env, stateDir, nowMs: Date.now });
for (const account of ["gateway:password:default", "gateway:token:default"]) await store.get(account);
const costMs = performance.now() - startedAt;
process.stdout.write(`${costMs}\n${store.kind}\n`);

export {};
