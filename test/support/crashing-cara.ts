/**
 * Runs `cara start` and fails in the middle, as a fault of ours would. What it fails with comes from the variables
 * `CRASH_HOW` and `CRASH_MESSAGE`.
 */
export {};

const message = process.env["CRASH_MESSAGE"] ?? "";

function fail(): void {
  const fault = Object.assign(new Error(message), { carries: message });
  if (process.env["CRASH_HOW"] === "rejection") void Promise.reject(fault);
  else if (process.env["CRASH_HOW"] === "object") throw { message, carries: message };
  else throw fault;
}

setTimeout(fail, 400);
process.argv.splice(2, process.argv.length, "start", "--port", "0");
await import("../../packages/cli/src/main.ts");
